// Package desync holds the tests that look for requests that the gateway and its
// neighbours would divide differently: hostile clients in front of the whole
// gateway, real servers and hostile ones behind it, and an oracle that knows what
// each of the three has understood.
package desync
