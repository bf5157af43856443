// Package server is the client-facing side of HTTP/1.1: one goroutine for each
// connection, which reads a request in place, has it served, and sends the
// answer, with nothing allocated for a request. A connection that waits for its
// next request holds no buffer.
package server
