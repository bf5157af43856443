// Package redisconn is the one way in which Sallyport connects to Redis, Valkey
// and what speaks their protocol: it reads where the servers are and how to sign
// in, opens a client with named time-outs, and has the circuit breaker that
// keeps a server that is lost from costing anyone time.
//
// Two forms say where the servers are. One is the connection string that Azure's
// portal shows and that API Management's cache entity holds:
//
//	name.redis.cache.windows.net:6380,password=…,ssl=True,abortConnect=False
//
// The other is a URL: redis:// and rediss:// (with TLS) for one server,
// redis+sentinel:// and redis+cluster:// for several, also with rediss. See Parse.
package redisconn
