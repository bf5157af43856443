package host

// Headers reads the headers of a message. Names are case-insensitive. Nothing is copied.
type Headers interface {
	// Get returns all values of a header joined by commas and whether it is there. One value is returned as is.
	Get(name string) (string, bool)
	// Values returns the values of a header as they were received, nil where it is not there.
	Values(name string) []string
	// Each calls f with each header in order until f returns false; a name that occurs twice is given once.
	Each(f func(name string, values []string) bool)
	// Len returns the number of different names.
	Len() int
}

// Body is the body of a message. The gateway buffers it where a Program's ReadsBody says so.
type Body interface {
	// Present reports whether the message has a body; where not, context shows null.
	Present() bool
	// Bytes returns the whole body, decoded from its Content-Encoding. Where preserve is false the body is
	// consumed: later calls fail with ErrConsumed. The slice is not to be changed.
	Bytes(preserve bool) ([]byte, error)
	// Charset returns the charset of the content type, "" for none.
	Charset() string
}

// Request is context.Request.
type Request interface {
	// Headers returns the headers. The result lives as long as the request.
	Headers() Headers
	// Body returns the body, never nil.
	Body() Body
	// Method returns the method.
	Method() string
	// URL returns the URL in its parts, rewritten by policies; OriginalURL the one received. They are not to
	// be kept beyond the run.
	URL() *URL
	OriginalURL() *URL
	// ClientIP returns the caller's address as text.
	ClientIP() string
	// Parameter returns a matched parameter of the URL template by its n-th place, "" and "" beyond the last.
	Parameter(n int) (name, value string)
	// Certificate returns the client's certificate, or nil.
	Certificate() *Certificate
}

// Response is context.Response.
type Response interface {
	// Headers returns the headers. The result lives as long as the response.
	Headers() Headers
	// Body returns the body, never nil.
	Body() Body
	// StatusCode returns the status.
	StatusCode() int
	// StatusReason returns the reason phrase.
	StatusReason() string
}
