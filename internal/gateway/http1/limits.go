package http1

// The limits of messages. The names appear in what clients are told.
const (
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

	// MaxResponseHead bounds the head of a backend's answer.
	MaxResponseHead = 256 << 10
	// MaxResponseFields bounds the field lines of a backend's answer.
	MaxResponseFields = 1000
	// maxStatusLine bounds the status line of a backend's answer.
	maxStatusLine = 4 << 10
)

// limits are those of one kind of head, in bytes and lines.
type limits struct {
	first, field, head, fields int
}

var requestLimits = limits{
	first: MaxTargetBytes + MaxMethodBytes + len("  HTTP/1.1\r\n"), field: MaxFieldBytes, head: MaxHeadBytes, fields: MaxFields,
}

var responseLimits = limits{first: maxStatusLine, field: MaxResponseHead, head: MaxResponseHead, fields: MaxResponseFields}
