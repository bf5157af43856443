// Package listen accepts requests: sockets, TLS, the strict check of each head,
// and the HTTP engine, which is net/http for HTTP/1.1 and HTTP/2 for now. What
// comes out is a message.Request; nothing behind this package knows the engine.
package listen
