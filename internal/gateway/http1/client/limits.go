package client

import "time"

// The limits where Options does not say them.
const (
	// DefaultMaxOpen bounds the connections to one authority.
	DefaultMaxOpen = 2048
	// DefaultMaxIdle bounds the connections to one authority that are kept open
	// between requests.
	DefaultMaxIdle = 512
	// DefaultIdleTimeout is how long a connection is kept without a request.
	DefaultIdleTimeout = 90 * time.Second
	// DefaultDialTimeout bounds the time to connect, without TLS.
	DefaultDialTimeout = 10 * time.Second
	// DefaultHandshakeTimeout bounds the TLS handshake.
	DefaultHandshakeTimeout = 10 * time.Second
)

// The limits that are the same for all.
const (
	// MaxWaiting bounds the requests that wait for a connection to one authority
	// while MaxOpen are in use. Further ones fail at once.
	MaxWaiting = 4096
	// QueueTimeout bounds how long a request without a deadline waits for one.
	QueueTimeout = 30 * time.Second
	// MaxPools bounds the authorities of one client. Above it those without a
	// request under way are forgotten, with their connections.
	MaxPools = 4096
	// MaxInterim bounds the interim answers (1xx) before one answer.
	MaxInterim = 16
	// MaxInline bounds the body that is sent together with the head, in bytes. A
	// body of a known length up to this is read before a connection is taken, so
	// that a slow client holds none.
	MaxInline = 8 << 10
	// NextAddressDelay is how long connecting to one of several addresses may
	// take before the next is tried beside it (RFC 8305 §5).
	NextAddressDelay = 250 * time.Millisecond
)
