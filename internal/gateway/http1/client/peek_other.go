//go:build !unix

package client

// peekSocket cannot look here: a connection that is dead shows it when it is
// used.
func peekSocket(uintptr, *[1]byte) peeked { return peekedQuiet }
