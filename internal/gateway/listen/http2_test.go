package listen

import (
	"io"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
)

// headers makes a HEADERS frame that opens and ends a stream, with fields in
// the literal form of HPACK (RFC 7541 §6.2.2), so that anything can be sent.
func headers(stream byte, fields ...string) string {
	var block []byte
	for i := 0; i < len(fields); i += 2 {
		block = append(block, 0)
		for _, text := range fields[i : i+2] {
			block = append(append(block, byte(len(text))), text...)
		}
	}
	return string([]byte{0, 0, byte(len(block)), 1, 0x5, 0, 0, 0, stream}) + string(block)
}

// reachesHandler sends one request of HTTP/2 as raw bytes, and returns whether the
// handler has got it. A plain request that follows tells when it has been dealt
// with.
func reachesHandler(t *testing.T, fields ...string) bool {
	t.Helper()
	seen := make(chan string, 2)
	_, address := start(t, Options{Handler: handlerFunc(func(r *message.Request, w message.Responder) {
		seen <- r.URL.Path
		_, _ = w.Respond(&message.Response{Status: 200})
	})})
	c := dial(t, address)
	defer c.Close()
	plain := headers(3, ":method", "GET", ":scheme", "http", ":path", "/plain", ":authority", "a.example")
	_, err := io.WriteString(c, preface+"\x00\x00\x00\x04\x00\x00\x00\x00\x00"+headers(1, fields...)+plain)
	if err != nil {
		t.Fatal(err)
	}
	answers := 0
	for answers < 2 {
		var head [frameHeaderBytes]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			break // The connection was closed over it.
		}
		if _, err := io.CopyN(io.Discard, c, int64(head[1])<<8|int64(head[2])); err != nil {
			break
		}
		switch head[3] {
		case 1, 3: // HEADERS, RST_STREAM
			answers++
		case 7: // GOAWAY
			answers = 2
		}
	}
	for {
		select {
		case path := <-seen:
			if path != "/plain" {
				return true
			}
		default:
			return false
		}
	}
}

// TestHTTP2Malformed sends what could become two requests, or another one, when
// it is written as HTTP/1 to a backend (RFC 9113 §8.2.1, §8.3, §10.3).
func TestHTTP2Malformed(t *testing.T) {
	good := []string{":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a.example"}
	with := func(more ...string) []string { return append(append([]string(nil), good...), more...) }
	tests := []struct {
		name   string
		fields []string
		want   bool
	}{
		{"plain", good, true},
		{"the same host", with("host", "a.example"), true},
		{"trailers", with("te", "trailers"), true},
		{"line break in value", with("x", "a\r\nevil: 1"), false},
		{"line feed in value", with("x", "a\nevil: 1"), false},
		{"carriage return in value", with("x", "a\rb"), false},
		{"NUL in value", with("x", "a\x00b"), false},
		{"line break in name", with("x\r\nevil", "a"), false},
		{"space in name", with("x y", "a"), false},
		{"colon in name", with("x:y", "a"), false},
		{"upper case in name", with("X", "a"), false},
		{"empty name", with("", "a"), false},
		{"pseudo-field after a field", append([]string{"x", "a"}, good...), false},
		{"pseudo-field twice", with(":path", "/other"), false},
		{"unknown pseudo-field", append([]string{":evil", "1"}, good...), false},
		{"other host", with("host", "b.example"), false},
		{"two hosts", with("host", "a.example", "host", "a.example"), false},
		{"connection", with("connection", "close"), false},
		{"keep-alive", with("keep-alive", "1"), false},
		{"proxy-connection", with("proxy-connection", "close"), false},
		{"transfer-encoding", with("transfer-encoding", "chunked"), false},
		{"upgrade", with("upgrade", "websocket"), false},
		{"te", with("te", "gzip"), false},
		{"content-length of a request without data", with("content-length", "5"), false},
		{"content-length twice", with("content-length", "0", "content-length", "1"), false},
		{"twin of content-length", with("content_length", "5"), false},
		{"no path", []string{":method", "GET", ":scheme", "http", ":authority", "a.example"}, false},
		{"empty path", []string{":method", "GET", ":scheme", "http", ":path", "", ":authority", "a.example"}, false},
		{"path without slash", []string{":method", "GET", ":scheme", "http", ":path", "a", ":authority", "a.example"}, false},
		{"space in path", []string{":method", "GET", ":scheme", "http", ":path", "/ HTTP/1.1", ":authority", "a.example"}, false},
		{"line break in path", []string{":method", "GET", ":scheme", "http", ":path", "/\r\nevil: 1", ":authority", "a.example"}, false},
		{"space in method", []string{":method", "GET /x", ":scheme", "http", ":path", "/", ":authority", "a.example"}, false},
		{"line break in method", []string{":method", "GET\r\n", ":scheme", "http", ":path", "/", ":authority", "a.example"}, false},
		{"line break in authority", []string{":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a\r\nevil: 1"}, false},
		{"path in authority", []string{":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a/b"}, false},
		{"no authority", []string{":method", "GET", ":scheme", "http", ":path", "/"}, false},
		{"CONNECT", []string{":method", "CONNECT", ":authority", "a.example:443"}, false},
		{"extended CONNECT", append([]string{":protocol", "websocket"}, good[2:]...), false},
		{"TRACE", append([]string{":method", "TRACE"}, good[2:]...), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := reachesHandler(t, test.fields...); got != test.want {
				t.Errorf("it reaches the handler: %v, want %v", got, test.want)
			}
		})
	}
}
