package listen

import "time"

// The limits of client connections. The names appear in what clients are told.
const (
	// HeadTimeout bounds the time to send a request's head.
	HeadTimeout = 10 * time.Second
	// BodyTimeout bounds the time without a byte while a client sends a body.
	BodyTimeout = 60 * time.Second
	// WriteTimeout bounds the time without progress while a client reads.
	WriteTimeout = 60 * time.Second
	// IdleTimeout is how long a connection is kept without a request.
	IdleTimeout = 120 * time.Second
	// HandshakeTimeout bounds a TLS handshake.
	HandshakeTimeout = 10 * time.Second
	// QuietTime is how long a server that drains goes on answering on
	// connections that are open, so that their clients learn from an answer
	// that the connection ends, and not from its end.
	QuietTime = 3 * time.Second
	// LingerTime is how long a refused client's bytes are thrown away, so that
	// it can read the refusal before the connection goes.
	LingerTime = 500 * time.Millisecond

	// MaxConnections bounds the connections of one server.
	MaxConnections = 50_000
	// MaxHeadBytes bounds a request's head.
	MaxHeadBytes = 64 << 10
	// MaxMethodBytes bounds a method's name.
	MaxMethodBytes = 32
	// MaxTargetBytes bounds the target in the request line.
	MaxTargetBytes = 16 << 10
	// MaxFieldBytes bounds one field line.
	MaxFieldBytes = 32 << 10
	// MaxFields bounds the field lines of a head.
	MaxFields = 128
	// MaxChunkLineBytes bounds the line that begins a chunk, with its extensions.
	MaxChunkLineBytes = 256
	// MaxExtensionBytes bounds the chunk extensions of one body.
	MaxExtensionBytes = 8 << 10
	// MaxTrailerBytes bounds the trailer of a body.
	MaxTrailerBytes = 3 << 10
	// MaxLingerBytes bounds what is thrown away in LingerTime.
	MaxLingerBytes = 256 << 10

	// MaxStreams bounds the concurrent requests of one HTTP/2 connection.
	MaxStreams = 100
	// MaxFrameBytes bounds the payload of one frame of HTTP/2.
	MaxFrameBytes = 16 << 10
	// StreamWindow and ConnectionWindow bound what an HTTP/2 client may send
	// ahead of what is read.
	StreamWindow     = 64 << 10
	ConnectionWindow = 1 << 20
)
