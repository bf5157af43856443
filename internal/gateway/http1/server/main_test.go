package server

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/gateway/http1/socket"
	"github.com/sallyport/sallyport/internal/message"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// handlerFunc is a function as a handler.
type handlerFunc func(r *message.Request, w message.Responder)

func (f handlerFunc) Serve(r *message.Request, w message.Responder) { f(r, w) }

// echo answers with the request's line, fields and body.
func echo(r *message.Request, w message.Responder) {
	text := r.Method + " " + r.URL.Authority() + string(r.URL.AppendTarget(nil)) + "\n"
	for _, f := range r.Header.Fields() {
		text += f.Name + ": " + f.Value + "\n"
	}
	m := message.Response{Status: 200}
	body, err := r.Body.Buffer(1 << 20)
	if client, ok := errors.AsType[*message.ClientError](err); ok {
		m.Status = client.Status
	}
	_ = m.Body.SetBytes([]byte(text + string(body)))
	_, _ = w.Respond(&m)
}

// rig is a server on a port of its own.
type rig struct {
	server  *Server
	clock   *clock.Fake
	address string
	refused atomic.Pointer[http1.Refusal]
}

// start serves with a clock that stands still, until the test ends.
func start(tb testing.TB, h message.Handler) *rig {
	tb.Helper()
	g := &rig{clock: clock.NewFake(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))}
	g.server = New(Options{Handler: h, Clock: g.clock, Log: slog.New(slog.DiscardHandler), Poison: true,
		Refused: func(_ netip.AddrPort, r *http1.Refusal) { g.refused.Store(r) }})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	g.address = l.Addr().String()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if tcp, ok := c.(*net.TCPConn); ok {
				// What a socket takes is then the same wherever the test runs: a buffer that
				// the kernel sizes grows for long.
				_ = tcp.SetWriteBuffer(sendBuffer)
			}
			c = socket.New(c)
			all.Go(func() { g.server.Serve(Connection{Net: c, Socket: c}) })
		}
	})
	tb.Cleanup(func() {
		_ = l.Close()
		g.server.Close()
		all.Wait()
	})
	return g
}

// sendBuffer is that of the server's sockets, in bytes: more than slowWrite.
const sendBuffer = 64 << 10

// client is a raw connection to a server.
type client struct {
	*net.TCPConn
	in *bufio.Reader
	tb testing.TB
}

func (g *rig) dial(tb testing.TB) *client {
	tb.Helper()
	c, err := net.Dial("tcp", g.address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return &client{c.(*net.TCPConn), bufio.NewReader(c), tb}
}

func (c *client) send(text string) {
	c.tb.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.tb.Fatal(err)
	}
}

// answer reads an answer with its body.
func (c *client) answer() (status int, body string, closes bool) {
	c.tb.Helper()
	r, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.tb.Fatal(err)
	}
	defer r.Body.Close()
	all, err := io.ReadAll(r.Body)
	if err != nil {
		c.tb.Fatal(err)
	}
	return r.StatusCode, string(all), r.Close
}

// ended reports whether the server has ended the connection, without a word.
func (c *client) ended() bool {
	c.tb.Helper()
	n, err := c.in.Read(make([]byte, 1))
	return n == 0 && err != nil && !errors.Is(err, net.ErrClosed) && !isTimeout(err)
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}
