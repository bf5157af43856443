// Package client is the side of HTTP/1.1 that calls backends. The goroutine that
// serves the client's connection does everything: it takes a connection that was
// kept, writes head and body with one call, reads the head of the answer into a
// pooled buffer, and reads the body through the Exchange, which is the answer's
// body. In steady state nothing is allocated, no other goroutine is woken, and no
// timer is touched.
//
// A kept connection is looked at before it is used again: one that its backend
// has closed, or on which bytes have come unasked, is thrown away, because those
// bytes would be taken for the next answer.
package client
