// Package message is an HTTP message as the gateway sees it: a request and a
// response with ordered header fields, a URL in parts, and a body that streams
// and can be buffered and replayed.
//
// Policies and expressions see only this package, so that the HTTP engine
// below it can be exchanged. An engine may build messages over pooled buffers:
// every string reached from a message is a view that is valid until the
// exchange ends (Handler.Serve returns). What must live longer (a counter's
// key, a cached response, a log line) is cloned by the one that keeps it.
package message
