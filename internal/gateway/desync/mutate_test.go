package desync

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// draft is a request in parts, before it is written.
type draft struct {
	method, target, version string
	lines                   []string // fields, without their ends
	end                     string   // of lines
	body                    string   // with its framing
}

func (d *draft) String() string {
	var b strings.Builder
	b.WriteString(d.method + " " + d.target + " " + d.version + d.end)
	for _, line := range d.lines {
		b.WriteString(line + d.end)
	}
	b.WriteString(d.end + d.body)
	return b.String()
}

// pick returns one of a list.
func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// inner is a request that an attack hides in a body.
const inner = "GET /smuggled HTTP/1.1\r\nHost: smuggled.example\r\n\r\n"

// newDraft makes a request that is well formed.
func newDraft(r *rand.Rand) *draft {
	d := &draft{
		method:  pick(r, "GET", "GET", "GET", "POST", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "PROPFIND"),
		target:  pick(r, "/", "/a", "/a/b?c=d", "/orders/1?x=%2f", "/a/b/c", "/x?y"),
		version: "HTTP/1.1", end: "\r\n",
		lines: []string{"Host: gateway.example"},
	}
	for range r.IntN(3) {
		d.lines = append(d.lines, pick(r, "Accept: */*", "X-A: 1", "X-B: a, b", "User-Agent: t/1", "Cookie: a=b", "Content-Type: text/plain", "X-Empty:", "Authorization: Basic YTpi"))
	}
	body := pick(r, "", "x", "hello world", inner, "0\r\n\r\n"+inner, "5\r\nabcde\r\n0\r\n\r\n")
	switch r.IntN(6) {
	case 0, 1:
		d.lines, d.body = append(d.lines, fmt.Sprint("Content-Length: ", len(body))), body
	case 2, 3:
		d.lines, d.body = append(d.lines, "Transfer-Encoding: chunked"), chunked(r, body)
	}
	return d
}

// chunked frames a body in chunks.
func chunked(r *rand.Rand, body string) string {
	var b strings.Builder
	for body != "" {
		n := 1 + r.IntN(len(body))
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return b.String() + "0\r\n" + pick(r, "", "", "", "X-Sum: 1\r\n") + "\r\n"
}

// lengthLines and codingLines are spellings of the fields that frame a message.
var lengthLines = []string{
	"Content-Length: 0", "Content-Length: 5", "Content-Length: 3", "Content-Length: 35", "Content-Length: +5", "Content-Length: -1",
	"Content-Length: 0x5", "Content-Length: 5, 5", "Content-Length: 5,6", "Content-Length:5", "Content-Length: 05", "Content-Length: 5 ",
	"Content-Length: 5;", "Content-Length: ", "Content-Length: 5 5", "Content-Length: 1_0", "Content-Length: 18446744073709551621",
	"Content-Length: 99999999999999999999", "Content-Length: 5\x00", "Content-Length: \xc2\xa05", "Content-Length: 5\x0b", "Content-Length : 5",
	"Content_Length: 5", "Content-Length\t: 5", " Content-Length: 5", "content-length: 5", "CONTENT-LENGTH: 5", "Content-Length: 5.0", "Content-Length: 1e1",
	"Content-Length: \"5\"", "Content-Length: 5\r", "X: y\rContent-Length: 5", "X: y\nContent-Length: 5", "Content\u2010Length: 5", "Content-Lengt\u0125: 5",
}

var codingLines = []string{
	"Transfer-Encoding: chunked", "Transfer-Encoding:chunked", "Transfer-Encoding: Chunked", "Transfer-Encoding: CHUNKED", "transfer-encoding: chunked",
	"Transfer-Encoding : chunked", "Transfer_Encoding: chunked", "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked", "\tTransfer-Encoding: chunked",
	"Transfer-Encoding: xchunked", "Transfer-Encoding: chunkedx", "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked",
	"Transfer-Encoding: identity", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: chunked,", "Transfer-Encoding: ,chunked",
	"Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked;a=b", "Transfer-Encoding: chunked ", "Transfer-Encoding: \tchunked", "Transfer-Encoding: \x0bchunked",
	"Transfer-Encoding: chunked\x0b", "Transfer-Encoding: \x00chunked", "Transfer-Encoding:\x00 chunked", "Transfer-Encoding: \xa0chunked", "Transfer-Encoding: chunked\xff",
	"Transfer-Encoding:\r\n chunked", "Transfer-Encoding: \r\n\tchunked", "X: y\r\n Transfer-Encoding: chunked", "X: y\rTransfer-Encoding: chunked", "X: y\nTransfer-Encoding: chunked",
	"Transfer-Encoding", "Transfer-Encoding:", "Transfer-Encodin\u0261: chunked", "Transfer\u2010Encoding: chunked", "Transfer-Encoding: chun\u212aed", "Foo: bar\r\rTransfer-Encoding: chunked",
	"Transfer-Encoding: deflate", "Transfer-Encoding: chu", "Transfer-Encoding: [chunked]", "Transfer-Encoding: chunked\r", "Xtransfer-Encoding: chunked", "Transfer Encoding: chunked",
}

// oddLines are fields that change what a message means, or seem to.
var oddLines = []string{
	"Host: other.example", "Host: ", "Host : gateway.example", "Host: a b", "Host: a,b", "Host: a@b", "host: gateway.example", "Host: gateway.example:80", "Host: gateway.example:x", "X: y\r\n Host: folded.example",
	"Connection: close", "Connection: keep-alive", "Connection: content-length", "Connection: transfer-encoding", "Connection: Host", "Connection: close, X-A", "Connection: Desync-Id", "Connection: keep-alive, Content-Length, Transfer-Encoding",
	"Connection: X-Forwarded-For", "Connection: (", "Connection: Upgrade", "Upgrade: websocket", "Upgrade: h2c", "Upgrade: websocket, h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive",
	"Expect: 100-continue", "Expect: 100-Continue", "Expect: 100-continue, 100-continue", "Expect: x", "Expect: ", "Expect : 100-continue", "Expect: \x00100-continue", "Expect: 100-continue\r\nExpect: 100-continue",
	"TE: trailers", "TE: chunked", "Trailer: Content-Length", "Trailer: X-Sum", "Max-Forwards: 0", "X-Forwarded-For: 1.2.3.4", "X_Forwarded_For: 1.2.3.4", "X-Forwarded_For: 1.2.3.4", "Content_Type: a/b", "X-HTTP-Method-Override: DELETE",
	"X-A: 1\x00", "X-A: a\x01b", "X-A: \x7f", "X-A: \xff\xfe", "X\x00A: 1", "X A: 1", "X-A\x0b: 1", ": 1", "X-A", "X-A;: 1", "(X): 1", "X-A: 1\r", "X-A: a\rb", "X-A: a\nb", "X-A:\r\n folded", "X-A: 1\r\n\tfolded", " X-A: leading", "X-\xc3\xa9: 1",
	"Desync-Id: 1", "Desync-Echo: 1", "desync_id: 1", "Range: bytes=0-1", "If-None-Match: *", "Upgrade-Insecure-Requests: 1", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
}

// oddTargets, oddVersions and oddMethods stand in request lines.
var (
	oddTargets = []string{
		"http://gateway.example/a", "http://other.example/a", "HTTP://GATEWAY.EXAMPLE/", "http://gateway.example", "http://gateway.example?x=/y", "https://gateway.example/a", "http://gateway.example:80/", "http://a@gateway.example/", "ftp://gateway.example/",
		"http:///a", "http:/a", "//other.example/a", "//", "/a//b", "/a/../b", "/a/%2e%2e/b", "/%2f", "/a;b", "/a\\b", "/%00", "/a#b", "*", "a", "?a", "gateway.example:443", "/a b", "/a\tb", "/a\x00b", "/\xc3\xa9", "/a?b=\xc3\xa9\"<>", "/%zz", "/%", "/a?\r",
		"/a\x0bHTTP/1.1", "/a HTTP/1.1\r\nX: y", "http://gateway.example\\@other.example/", "http://[::1]/", "http://[::1/", "/a%0d%0aX:%20y", "/a%20HTTP/1.1%0d%0a",
	}
	oddVersions = []string{"HTTP/1.0", "HTTP/1.0", "HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/0.9", "HTTP/1.1 ", "http/1.1", "HTTP/1.01", "HTTP/1.", "HTTP/11", "HTTP/1.1\t", "HTTP /1.1", "HTTP/1.1\x00", "", "HTTPS/1.1", "ICY/1.1"}
	oddMethods  = []string{"get", "G\x00T", "G T", "GET\t", " GET", "\tGET", "\x00GET", "CONNECT", "TRACE", "PRI", "TRACK", "DEBUG", "M-SEARCH", "\r\nGET", "\nGET", "\r\n\r\nGET", "\rGET", "G\xc3\x89T", "GET,", "", "(GET)"}
)

// chunkBodies are bodies in chunks, and nearly so.
var chunkBodies = []string{
	"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\n0\r\n\r\n", "5;\nhello\r\n0\r\n\r\n", "5;a\nhello\r\n0\r\n\r\n", "5;a=\"\r\nhello\r\n0\r\n\r\n", "2;\nxx\r\n4a\r\n0\r\n\r\n" + inner + "0\r\n\r\n", "2;\rxx\r\n0\r\n\r\n" + inner,
	"5\rhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n", "5\r\nhello\r\n0\n\n", "5\r\nhello\r\n0\r\n\n", "5\r\nhello\r\n0\r\r\n", "5\r\nhello\r\n0\r\nX: y\r\n\r\n",
	"5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n", "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n0\r\nHost: x\r\n\r\n", "5\r\nhello\r\n0\r\nX y: z\r\n\r\n", "5\r\nhello\r\n0\r\n X: y\r\n\r\n", "5\r\nhello\r\n0\r\nX: y\n\r\n",
	"05\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "5\t\r\nhello\r\n0\r\n\r\n", "5 ;a\r\nhello\r\n0\r\n\r\n", "\r\n5\r\nhello\r\n0\r\n\r\n",
	"10000000000000005\r\nhello\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFF\r\nhello", "100000000\r\nhello", "00000000000000000000\r\n\r\n", "000\r\n\r\n", "0;a=b\r\n\r\n", "0\r\n", "5\r\nhel", "5\r\nhello\r\n", "g\r\n", "5,5\r\nhello\r\n0\r\n\r\n", "5\x00\r\nhello\r\n0\r\n\r\n", "5_0\r\nhello\r\n0\r\n\r\n",
	"5\r\nhello\r\n0\r\n\r\n" + inner, "0\r\n\r\n" + inner, "1\r\nZ\r\nQ", "3\r\nabc\r\n0\r\n\r\nX", "5;a=\"\\\"\"\r\nhello\r\n0\r\n\r\n", "5;a b\r\nhello\r\n0\r\n\r\n", "5;=\r\nhello\r\n0\r\n\r\n", "A\r\n0123456789\r\n0\r\n\r\n", "a\r\n0123456789\r\n0\r\n\r\n",
}

// structural are the mutations that know what they change.
var structural = []func(*rand.Rand, *draft){
	func(r *rand.Rand, d *draft) { d.add(r, pick(r, lengthLines...)) },
	func(r *rand.Rand, d *draft) { d.add(r, pick(r, codingLines...)) },
	func(r *rand.Rand, d *draft) { d.add(r, pick(r, lengthLines...)); d.add(r, pick(r, codingLines...)) },
	func(r *rand.Rand, d *draft) { d.add(r, pick(r, codingLines...)); d.add(r, pick(r, codingLines...)) },
	func(r *rand.Rand, d *draft) { d.add(r, pick(r, oddLines...)) },
	func(r *rand.Rand, d *draft) { d.add(r, pick(r, oddLines...)); d.add(r, pick(r, oddLines...)) },
	func(r *rand.Rand, d *draft) { d.target = pick(r, oddTargets...) },
	func(r *rand.Rand, d *draft) { d.version = pick(r, oddVersions...) },
	func(r *rand.Rand, d *draft) { d.method = pick(r, oddMethods...) },
	func(r *rand.Rand, d *draft) { d.end = pick(r, "\n", "\r", "\r\r\n", "\n\r", "\r\n ", "\x0b\r\n") },
	func(r *rand.Rand, d *draft) { d.add(r, "Transfer-Encoding: chunked"); d.body = pick(r, chunkBodies...) },
	func(r *rand.Rand, d *draft) { d.add(r, pick(r, lengthLines...)); d.body = pick(r, chunkBodies...) },
	func(r *rand.Rand, d *draft) {
		d.lines[0] = pick(r, "Host: other.example", "Host:", "X: y", "Host: gateway.example:443", "Host: GATEWAY.example", " Host: gateway.example")
	},
	func(r *rand.Rand, d *draft) { d.lines = append(d.lines, pick(r, d.lines...)) },
	func(r *rand.Rand, d *draft) {
		d.body += pick(r, inner, "\r\n", "\n", "x", "\x00", "GET / HTTP/1.1\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n")
	},
	func(r *rand.Rand, d *draft) {
		d.add(r, "Connection: Upgrade")
		d.add(r, pick(r, "Upgrade: websocket", "Upgrade: h2c", "Upgrade: WebSocket"))
	},
	func(r *rand.Rand, d *draft) { d.version = "HTTP/1.0"; d.add(r, "Connection: keep-alive") },
}

// add puts a field somewhere.
func (d *draft) add(r *rand.Rand, line string) {
	i := r.IntN(len(d.lines) + 1)
	d.lines = append(d.lines, "")
	copy(d.lines[i+1:], d.lines[i:])
	d.lines[i] = line
}

// splices are put into the bytes of a request.
var splices = []string{"\r\n", "\n", "\r", " ", "\t", ":", ",", ";", "\x00", "\x0b", "\x0c", "\x7f", "\x80", "\xff", "\u2028", "\r\n\r\n", "0\r\n\r\n", "_", "-", "HTTP/1.1", inner}

// mutant makes a request, or something that was one.
func mutant(r *rand.Rand) string {
	d := newDraft(r)
	for range r.IntN(3) {
		structural[r.IntN(len(structural))](r, d)
	}
	text := d.String()
	if r.IntN(3) > 0 {
		return text
	}
	for range 1 + r.IntN(2) {
		at := r.IntN(len(text) + 1)
		to := min(at+1+r.IntN(6), len(text))
		switch r.IntN(6) {
		case 0, 1:
			text = text[:at] + pick(r, splices...) + text[at:]
		case 2:
			text = text[:at] + text[to:]
		case 3:
			text = text[:at] + text[at:to] + text[at:]
		case 4:
			text = text[:at] // The client breaks off.
		default:
			text = text[:at] + pick(r, splices...) + text[to:]
		}
	}
	return text
}
