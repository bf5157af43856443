// Package protocols holds the tests of the gateway between protocols: HTTP/1.1,
// HTTP/2, HTTP/3, WebSocket and gRPC on one side of it, and what a backend gets on
// the other.
package protocols
