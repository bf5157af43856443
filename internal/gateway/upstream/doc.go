// Package upstream calls backends: it chooses a member of a pool, respects its
// circuit breaker, adds its credentials, sends the request and gives the answer
// back as it streams.
//
// What a backend has done to deserve trust or distrust (breakers, turns of
// pools, open connections) belongs to the Manager and outlives snapshots. The
// engine below is our own (http1/client), and net/http for HTTP/2, forward
// proxies and redirects; no other package of the request path knows either.
package upstream
