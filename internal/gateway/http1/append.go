package http1

import (
	"strconv"

	"github.com/sallyport/sallyport/internal/message"
)

// AppendStatusLine appends the status line of an answer. A phrase that cannot
// stand in a line is left out.
func AppendStatusLine(dst []byte, status int, phrase string) []byte {
	if status == 200 && phrase == "" {
		return append(dst, "HTTP/1.1 200 OK\r\n"...)
	}
	if phrase == "" || !message.ValidFieldValue(phrase) {
		phrase = message.StatusText(status)
	}
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	dst = append(dst, phrase...)
	return append(dst, "\r\n"...)
}

// AppendField appends a field line. The caller has made sure that name and value
// may stand in one.
func AppendField(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...)
}

// Sendable reports whether a field may be sent on: it is not for one connection
// alone, and its name and value cannot change where the message ends. What came
// in a head has been checked there; a policy may have written anything.
func Sendable(f *message.Field) bool {
	return !f.Key().ForConnection() && f.Valid()
}

// AppendContentLength appends the field that says how long a body is.
func AppendContentLength(dst []byte, n int64) []byte {
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, "\r\n"...)
}

// ChunkHead is how many bytes AppendChunkHead needs at most.
const ChunkHead = 16 + len("\r\n")

// PutChunkHead writes the line that begins a chunk of n bytes into the end of
// room, which has ChunkHead bytes, and returns how many of them it is.
func PutChunkHead(room []byte, n int) int {
	const digits = "0123456789abcdef"
	at := len(room) - 1
	room[at], room[at-1] = '\n', '\r'
	at -= 2
	for {
		room[at] = digits[n&0xf]
		if n >>= 4; n == 0 {
			return len(room) - at
		}
		at--
	}
}

// LastChunk ends a body in chunks that has no trailer.
const LastChunk = "0\r\n\r\n"

// AppendTrailer appends the last chunk and the fields behind it.
func AppendTrailer(dst []byte, trailer *message.Header) []byte {
	dst = append(dst, "0\r\n"...)
	for i := range trailer.Fields() {
		if f := &trailer.Fields()[i]; Sendable(f) && IsTrailerField(f.Key()) {
			dst = AppendField(dst, f.Name, f.Value)
		}
	}
	return append(dst, "\r\n"...)
}
