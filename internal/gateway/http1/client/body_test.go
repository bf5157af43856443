package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/message"
)

// source is a client's body: pieces that come one after the other, and then an
// end. Close breaks off a read that waits.
type source struct {
	pieces chan string
	rest   string
	end    error
	once   sync.Once
	closed chan struct{}
	ready  bool // what is there can be read without waiting, and says so
}

func newSource(end error, pieces ...string) *source {
	s := &source{pieces: make(chan string, 100), end: end, closed: make(chan struct{})}
	for _, p := range pieces {
		s.pieces <- p
	}
	return s
}

var errSourceClosed = &message.ClientError{Err: errors.New("closed")}

func (s *source) Read(p []byte) (int, error) {
	if s.rest == "" {
		var more bool
		select {
		case s.rest, more = <-s.pieces:
			if !more {
				return 0, s.end
			}
		case <-s.closed:
			return 0, errSourceClosed
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *source) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

// Buffered says what can be read without waiting.
func (s *source) Buffered() int {
	if !s.ready {
		return 0
	}
	return len(s.rest) + len(s.pieces)
}

// received is what a backend has received.
type received struct {
	length  int64
	coding  []string
	body    string
	trailer http.Header
	expect  string
}

// receiver runs a backend that reads whole requests, by the standard library's
// reading, and answers them.
func receiver(tb testing.TB) (url string, seen chan received) {
	tb.Helper()
	seen = make(chan received, 10)
	return backend(tb, func(c net.Conn, r *bufio.Reader) {
		for {
			request, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			body, err := io.ReadAll(request.Body)
			if err != nil {
				seen <- received{body: err.Error()}
				return
			}
			seen <- received{request.ContentLength, request.TransferEncoding, string(body), request.Trailer, request.Header.Get("Expect")}
			_, _ = io.WriteString(c, smallAnswer)
		}
	}), seen
}

// TestBodies sends bodies of all kinds, twice each over one connection.
func TestBodies(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 64<<10)
	tests := []struct {
		name    string
		pieces  []string
		memory  bool // the body is in memory
		unknown bool // its length is not known
		ready   bool
		trailer string
	}{
		{name: "in memory", pieces: []string{"body"}, memory: true},
		{name: "in memory, large", pieces: []string{large}, memory: true},
		{name: "small", pieces: []string{"bo", "dy"}},
		{name: "as large as goes with the head", pieces: []string{large[:MaxInline]}},
		{name: "one byte more", pieces: []string{large[:MaxInline+1]}},
		{name: "one byte more, at hand", pieces: []string{large[:MaxInline+1]}, ready: true},
		{name: "large", pieces: []string{large}},
		{name: "large, at hand", pieces: []string{large}, ready: true},
		{name: "unknown", pieces: []string{"bo", "dy"}, unknown: true},
		{name: "unknown, at hand", pieces: []string{"bo", "dy"}, unknown: true, ready: true},
		{name: "unknown, empty", unknown: true},
		{name: "unknown, large", pieces: []string{large, large}, unknown: true, ready: true},
		{name: "trailer", pieces: []string{"bo", "dy"}, unknown: true, trailer: "42"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			url, seen := receiver(t)
			g := newRig(t, Options{})
			body := strings.Join(test.pieces, "")
			for range 2 {
				c := call(t, "POST", url)
				s := newSource(io.EOF, test.pieces...)
				s.ready = test.ready
				close(s.pieces)
				switch {
				case test.memory:
					_ = c.Request.Body.SetBytes([]byte(body))
				case test.unknown:
					c.Request.Body.SetStream(s, -1)
				default:
					c.Request.Body.SetStream(s, int64(len(body)))
				}
				if test.trailer != "" {
					c.Request.Trailer.Add(message.NameOf("X-Sum"), test.trailer)
					c.Request.Trailer.Add(message.Authorization, "never in a trailer")
				}
				g.want(t, c, `{"ok":true}`)
				got := <-seen
				want := received{length: int64(len(body)), body: body}
				if test.unknown {
					want.length = -1
				}
				if got.length != want.length || got.body != want.body || got.trailer.Get("X-Sum") != test.trailer || got.trailer.Get("Authorization") != "" {
					t.Errorf("the backend received a length of %d, %d bytes (%.40q), the trailer %v", got.length, len(got.body), got.body, got.trailer)
				}
			}
			if n := g.dials.Load(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
		})
	}
}

// TestBodyThatFails is the client's fault, not the backend's, however far the
// request has come.
func TestBodyThatFails(t *testing.T) {
	failure := &message.ClientError{Status: 400, Err: errors.New("broken")}
	tests := []struct {
		name   string
		source *source
		size   int64
		dials  int64
	}{
		{"small", newSource(failure, "bo"), 4, 0},
		{"large", newSource(failure, "bo"), 1 << 20, 1},
		{"unknown", newSource(failure, "bo"), -1, 1},
		{"small, short", newSource(io.EOF, "bo"), 4, 0},
		{"large, short", newSource(io.EOF, "bo"), 1 << 20, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			close(test.source.pieces)
			url, _ := receiver(t)
			g := newRig(t, Options{})
			c := call(t, "POST", url)
			c.Request.Body.SetStream(test.source, test.size)
			_, err := g.do(c)
			if failed, ok := errors.AsType[*BodyError](err); !ok {
				t.Errorf("failed with %v", err)
			} else if client, ok := errors.AsType[*message.ClientError](failed.Err); !ok || client.Status != 400 {
				t.Errorf("the body failed with %v", failed.Err)
			}
			if n := g.dials.Load(); n != test.dials {
				t.Errorf("%d connections, want %d", n, test.dials)
			}
		})
	}
}

// TestEarlyAnswer answers a request whose body never comes: the exchange ends
// with the answer, and with it the connection.
func TestEarlyAnswer(t *testing.T) {
	url := scripted(t, smallAnswer, false)
	for _, size := range []int64{1 << 20, -1} {
		g := newRig(t, Options{})
		c := call(t, "POST", url)
		c.Request.Body.SetStream(newSource(io.EOF, "the first of it"), size)
		g.want(t, c, `{"ok":true}`)
		g.want(t, call(t, "GET", url), `{"ok":true}`)
		if n := g.dials.Load(); n != 2 {
			t.Errorf("%d connections, want 2: the first has half a request on it", n)
		}
	}
}

// TestDuplex has a backend answer each piece of the body before the next is sent.
func TestDuplex(t *testing.T) {
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		request, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		piece := make([]byte, 100)
		for {
			n, err := request.Body.Read(piece)
			if n > 0 {
				_, _ = fmt.Fprintf(c, "%x\r\n%s\r\n", n, piece[:n])
			}
			if err != nil {
				_, _ = io.WriteString(c, "0\r\n\r\n")
				return
			}
		}
	})
	g := newRig(t, Options{})
	c := call(t, "POST", url)
	s := newSource(io.EOF)
	c.Request.Body.SetStream(s, -1)
	x, err := g.Do(c)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Free()
	for i := range 5 {
		piece := fmt.Sprint("piece ", i)
		s.pieces <- piece
		got := make([]byte, len(piece))
		if _, err := io.ReadFull(x, got); err != nil || string(got) != piece {
			t.Fatalf("came back as %q, %v", got, err)
		}
	}
	close(s.pieces)
	if rest, err := io.ReadAll(x); err != nil || len(rest) > 0 {
		t.Errorf("then came %q, %v", rest, err)
	}
}

// TestBodyThatBreaksOffUnderTheAnswer fails the answer with the client's failure.
func TestBodyThatBreaksOffUnderTheAnswer(t *testing.T) {
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		skipHead(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
		_, _ = io.Copy(io.Discard, r)
	})
	g := newRig(t, Options{})
	c := call(t, "POST", url)
	s := newSource(&message.ClientError{Status: 408, Err: errors.New("too slow")})
	c.Request.Body.SetStream(s, -1)
	x, err := g.Do(c)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Free()
	close(s.pieces)
	_, err = io.ReadAll(x)
	if client, ok := errors.AsType[*message.ClientError](err); !ok || client.Status != 408 {
		t.Errorf("failed with %v", err)
	}
}

// TestContinue waits with the body until the backend asks for it, or has said
// nothing for long enough; what it refuses is not sent.
func TestContinue(t *testing.T) {
	const wait = time.Minute
	tests := []struct {
		name  string
		first string // what the backend says to the head
		sends bool   // the body comes
		pass  bool   // after the time
		dials int64
	}{
		{name: "asked for", first: "HTTP/1.1 100 Continue\r\n\r\n", sends: true, dials: 1},
		{name: "silence", sends: true, pass: true, dials: 1},
		{name: "refused", first: "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", dials: 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			heard := make(chan string, 10)
			url := backend(t, func(c net.Conn, r *bufio.Reader) {
				skipHead(r)
				_, _ = io.WriteString(c, test.first)
				heard <- "head"
				body := make([]byte, 4)
				if n, _ := io.ReadFull(r, body); n > 0 {
					heard <- string(body)
					_, _ = io.WriteString(c, smallAnswer)
				}
				for skipHead(r) {
					_, _ = io.WriteString(c, smallAnswer)
				}
			})
			g := newRig(t, Options{})
			c := call(t, "POST", url)
			c.Continue = wait
			c.Request.Body.SetStream(newSource(io.EOF, "body"), 4)
			if test.pass {
				go func() {
					<-heard
					g.clock.BlockUntil(2) // The one who waits, and the connection's deadline.
					g.clock.Advance(wait)
				}()
			}
			a, err := g.do(c)
			if err != nil || (a.status == 200) != test.sends {
				t.Errorf("answered %+v, %v", a, err)
			}
			if _, err := g.do(call(t, "GET", url)); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			if n := g.dials.Load(); n != test.dials {
				t.Errorf("%d connections, want %d", n, test.dials)
			}
		})
	}
}
