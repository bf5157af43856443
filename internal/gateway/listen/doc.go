// Package listen accepts requests: sockets, TLS, and the choice of the engine:
// our own for HTTP/1.1, and net/http's for HTTP/2. What comes out is a
// message.Request; nothing behind this package knows the engine.
package listen
