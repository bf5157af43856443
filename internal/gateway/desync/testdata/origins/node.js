// An origin that tells the recorder which requests it has understood, before it
// answers them.
const http = require('http');
const agent = new http.Agent({ keepAlive: true });
const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const text = JSON.stringify({
      method: request.method, target: request.url, fields: request.rawHeaders, id: request.headers['desync-id'] || '',
      body: Buffer.concat(parts).toString('base64'),
    });
    const note = http.request({ host: '{{.RecorderHost}}', port: {{.RecorderPort}}, method: 'POST', agent }, (noted) => {
      noted.resume();
      noted.on('end', () => {
        response.setHeader('Desync-Origin', request.headers['desync-id'] || '');
        response.end(request.method + ' ' + request.url);
      });
    });
    note.end(text);
  });
});
server.keepAliveTimeout = 0;
server.listen({{.Port}}, '{{.Host}}');
