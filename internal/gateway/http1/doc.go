// Package http1 reads and writes HTTP/1.1 (RFC 9112) in place: heads become
// messages whose strings are views over the connection's own buffer, bodies
// stream through it, and what is written is always made anew from what was
// understood, never the bytes that came. It knows no sockets; packages server
// and client are the two sides of a gateway.
//
// What could be read in two ways is refused, also where the RFC lets a
// recipient choose.
package http1
