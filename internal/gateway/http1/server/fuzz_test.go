package server

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// script is a connection whose client has said all that it will, in pieces.
type script struct {
	text  string
	piece int
	out   strings.Builder
}

func (s *script) Read(p []byte) (int, error) {
	if s.text == "" {
		return 0, io.EOF
	}
	n := copy(p, s.text[:min(s.piece, len(s.text))])
	s.text = s.text[n:]
	return n, nil
}

var scriptAddress = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}

func (s *script) Write(p []byte) (int, error)      { return s.out.Write(p) }
func (s *script) Close() error                     { return nil }
func (s *script) LocalAddr() net.Addr              { return scriptAddress }
func (s *script) RemoteAddr() net.Addr             { return scriptAddress }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// canonical writes a request as a gateway forwards it, on a connection that is
// kept.
func canonical(r *message.Request, body []byte) string {
	out := append(r.URL.AppendTarget([]byte(r.Method+" ")), " HTTP/1.1\r\n"...)
	out = http1.AppendField(out, "Host", r.URL.Authority())
	for i := range r.Header.Fields() {
		if f := &r.Header.Fields()[i]; !f.Is(message.Expect) { // It is the connection's affair.
			out = http1.AppendField(out, f.Name, f.Value)
		}
	}
	if r.Upgrade != "" {
		out = append(out, "Connection: Upgrade\r\nUpgrade: "+r.Upgrade+"\r\n"...)
	}
	if len(body) > 0 {
		out = http1.AppendContentLength(out, int64(len(body)))
	}
	return string(out) + "\r\n" + string(body)
}

// served serves what a client says, in pieces, and returns what the handler saw,
// whether each had its whole body, and what the client was sent.
func served(t *testing.T, text string, piece int) (seen []string, whole []bool, sent string) {
	t.Helper()
	handler := handlerFunc(func(r *message.Request, w message.Responder) {
		for _, f := range r.Header.Fields() {
			if !http1.Sendable(&f) || http1.IsTwin(f.Name) || f.Is(message.Host) {
				t.Errorf("%q: the handler sees the field %q: %q", text, f.Name, f.Value)
			}
		}
		body, err := r.Body.Buffer(1 << 20)
		_, client := errors.AsType[*message.ClientError](err)
		if _, large := errors.AsType[*message.TooLargeError](err); err != nil && !client && !large {
			t.Errorf("%q: the body fails with %v", text, err)
		}
		seen, whole = append(seen, strings.Clone(canonical(r, body))), append(whole, err == nil)
		m := message.Response{Status: 200}
		_ = m.Body.SetBytes(nil)
		_, _ = w.Respond(&m)
	})
	s := New(Options{Handler: handler, Clock: clock.NewFake(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)), Log: slog.New(slog.DiscardHandler), Poison: true})
	defer s.Close()
	c := &script{text: text, piece: piece}
	s.Serve(Connection{Net: c, Socket: c})
	return seen, whole, c.out.String()
}

// FuzzConn holds a whole connection to this: however its bytes are cut, the same
// requests are seen and the same answers are sent; there is an answer for each
// request, and at most one more; and what was seen, written anew as one stream,
// is seen again.
func FuzzConn(f *testing.F) {
	get := "GET /a?b HTTP/1.1\r\nHost: a.example\r\n\r\n"
	for _, seed := range []string{
		get + get, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n" + get,
		"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n\r\n" + get, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx" + get,
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, X\r\nUpgrade: websocket\r\nX: y\r\n\r\n" + get, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + get,
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" + get, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get,
	} {
		f.Add(seed, uint8(1))
		f.Add(seed, uint8(7))
	}
	f.Add("GET /?"+strings.Repeat("\xf0", 6000)+" HTTP/1.1\r\nHost: a\r\n\r\n"+get, uint8(7)) // It grows where it is escaped.
	f.Fuzz(func(t *testing.T, text string, piece uint8) {
		if len(text) > 8<<10 {
			return
		}
		seen, whole, sent := served(t, text, 1<<20)
		again, wholeAgain, sentAgain := served(t, text, int(piece)+1)
		if !slices.Equal(seen, again) || !slices.Equal(whole, wholeAgain) || sent != sentAgain {
			t.Fatalf("%q\nwhole: %q %v\nin pieces of %d: %q %v\nsent %q\nsent %q", text, seen, whole, int(piece)+1, again, wholeAgain, sent, sentAgain)
		}
		for i, ok := range whole {
			if !ok && i < len(whole)-1 {
				t.Fatalf("%q: a request is read behind a body that is broken", text)
			}
		}
		if len(whole) > 0 && !whole[len(whole)-1] {
			seen = seen[:len(seen)-1]
		}
		// A request that asks about the server is not seen, so that what is written
		// anew has none of them.
		seen = slices.DeleteFunc(seen, outgrown)
		stream := strings.Join(seen, "")
		twice, _, _ := served(t, stream, 1<<20)
		if !slices.Equal(seen, twice) {
			t.Fatalf("%q is seen as %q and then as %q", text, seen, twice)
		}
		if answers := strings.Count(sent, "HTTP/1.1 "); answers < len(seen) {
			t.Fatalf("%q: %d answers to %d requests", text, answers, len(seen))
		}
	})
}

// outgrown reports whether a request that was written anew has a target that is
// longer than one may be: escaping makes up to three bytes of one.
func outgrown(request string) bool {
	line, _, _ := strings.Cut(request, "\r\n")
	parts := strings.Split(line, " ")
	return len(parts) == 3 && len(parts[1]) > http1.MaxTargetBytes
}

// TestConnSeeds keeps the helper honest: what is written anew is what came.
func TestConnSeeds(t *testing.T) {
	text := "GET /a?b HTTP/1.1\r\nHost: a.example\r\nX: y\r\n\r\n"
	seen, whole, sent := served(t, text+text, 3)
	if got := fmt.Sprint(seen, whole); got != fmt.Sprint([]string{text, text}, []bool{true, true}) || strings.Count(sent, "200 OK") != 2 {
		t.Errorf("%q is seen as %s and answered %q", text+text, got, sent)
	}
}
