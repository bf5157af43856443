package listen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/message"
)

func TestMain(m *testing.M) {
	code := m.Run()
	// The engine keeps a broken connection of HTTP/2 for a second, so that its
	// client can read why. Each look takes up to half a second.
	var err error
	for range 10 {
		if err = goleak.Find(); err == nil {
			break
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// patience is how long a test waits for what must happen. It is measured by no
// test.
const patience = 20 * time.Second

// handlerFunc is a function as a handler.
type handlerFunc func(r *message.Request, w message.Responder)

func (f handlerFunc) Serve(r *message.Request, w message.Responder) { f(r, w) }

// echo answers with what it has received, or with the client's failure. What
// else it shows is chosen with the field Echo.
func echo(r *message.Request, w message.Responder) {
	var m message.Response
	what, _ := r.Header.Get(message.NameOf("Echo"))
	text := r.Method + " " + r.URL.Authority() + " " + string(r.URL.AppendTarget(nil)) + "\n"
	if what == "fields" {
		text += show(&r.Header)
	}
	body, err := r.Body.Buffer(1 << 20)
	if err != nil {
		fail(err, w)
		return
	}
	text += string(body)
	if what == "trailer" {
		text += show(&r.Trailer)
	}
	m.Status = 200
	m.Header.Set(message.ContentType, "text/plain")
	_ = m.Body.SetBytes([]byte(text))
	_, _ = w.Respond(&m)
}

// fail answers a client's failure as the gateway does.
func fail(err error, w message.Responder) {
	m := message.Response{Status: 500}
	if client, ok := errors.AsType[*message.ClientError](err); ok {
		m.Status = client.Status
	}
	_, _ = w.Respond(&m)
}

func show(h *message.Header) string {
	var b strings.Builder
	for _, f := range h.Fields() {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return b.String()
}

// start serves on a free port until the test ends.
func start(tb testing.TB, o Options) (*Server, string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := startOn(tb, o, l)
	return s, l.Addr().String()
}

// startOn serves on a listener until the test ends.
func startOn(tb testing.TB, o Options, l net.Listener) *Server {
	tb.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Handler == nil {
		o.Handler = handlerFunc(echo)
	}
	s := New(o)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	tb.Cleanup(func() {
		_ = s.Close()
		if err := <-done; err != nil {
			tb.Errorf("serving: %v", err)
		}
	})
	return s
}

// dial connects to a server.
func dial(tb testing.TB, address string) *net.TCPConn {
	tb.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c.(*net.TCPConn)
}

// exchangeRaw sends bytes, ends the direction, and returns all that comes back.
func exchangeRaw(tb testing.TB, address, bytes string, piece int) string {
	tb.Helper()
	c := dial(tb, address)
	defer c.Close()
	received := make(chan string)
	go func() {
		all, _ := io.ReadAll(c)
		received <- string(all)
	}()
	for i := 0; i < len(bytes); i += piece {
		if _, err := io.WriteString(c, bytes[i:min(i+piece, len(bytes))]); err != nil {
			break // It has been refused.
		}
	}
	_ = c.CloseWrite()
	return <-received
}

// statuses returns the statuses of the answers in text, and the bodies.
func statuses(text string) (codes, bodies []string) {
	for text != "" {
		head, rest, ok := strings.Cut(text, "\r\n\r\n")
		if !ok || !strings.HasPrefix(head, "HTTP/1.1 ") && !strings.HasPrefix(head, "HTTP/1.0 ") {
			return append(codes, "garbage: "+text), bodies
		}
		code := head[9:12]
		codes = append(codes, code)
		if code == "100" {
			text = rest
			continue
		}
		length := -1
		for line := range strings.SplitSeq(head, "\r\n") {
			if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				length, _ = strconv.Atoi(v)
			}
		}
		if length < 0 {
			return codes, append(bodies, rest) // It ends with the connection.
		}
		length = min(length, len(rest))
		bodies = append(bodies, rest[:length])
		text = rest[length:]
	}
	return codes, bodies
}

// drain drains a server with patience.
func drain(tb testing.TB, s *Server) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		tb.Errorf("draining: %v", err)
	}
}
