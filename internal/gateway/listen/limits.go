package listen

import (
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/gateway/http1/server"
)

// The limits of client connections; those of HTTP/1.1 are in its engine. The
// names appear in what clients are told.
const (
	// BodyTimeout bounds the time without a byte while a client sends a body.
	BodyTimeout = server.BodyTimeout
	// WriteTimeout bounds the time without progress while a client reads.
	WriteTimeout = server.WriteTimeout
	// HeadTimeout bounds the time to send the preface of HTTP/2.
	HeadTimeout = server.HeadTimeout
	// IdleTimeout is how long a connection is kept without a request.
	IdleTimeout = server.IdleTimeout
	// HandshakeTimeout bounds a TLS handshake.
	HandshakeTimeout = 10 * time.Second
	// QuietTime is how long a server that drains goes on answering on
	// connections that are open, so that their clients learn from an answer
	// that the connection ends, and not from its end.
	QuietTime = 3 * time.Second

	// MaxConnections bounds the connections of one server, those of TCP and those
	// of QUIC each.
	MaxConnections = 50_000
	// MaxUnproven bounds the QUIC connections that are shaking hands while their
	// clients need not prove that they are where they say (RFC 9000 §8.1.2).
	MaxUnproven = 100
	// MaxControlStreams bounds the streams of one HTTP/3 connection that carry no
	// request. A client needs three.
	MaxControlStreams = 8
	// MaxStreams bounds the concurrent requests of one connection of HTTP/2 or
	// HTTP/3.
	MaxStreams = 100
	// MaxFrameBytes bounds the payload of one frame of HTTP/2.
	MaxFrameBytes = 16 << 10
	// MaxHeadBytes bounds a request's head in HTTP/2 and HTTP/3.
	MaxHeadBytes = http1.MaxHeadBytes
	// StreamWindow and ConnectionWindow bound what a client of HTTP/2 or HTTP/3
	// may send ahead of what is read.
	StreamWindow     = 64 << 10
	ConnectionWindow = 1 << 20
)
