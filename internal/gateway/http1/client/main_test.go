package client

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// rig is a client with a clock that stands still, which counts the connections
// that it makes.
type rig struct {
	*Client
	clock    *clock.Fake
	resolver *Resolver
	dials    atomic.Int64
}

func newRig(tb testing.TB, o Options) *rig {
	tb.Helper()
	g := &rig{clock: clock.NewFake(time.Now())}
	if o.Clock == nil {
		o.Clock = g.clock
	}
	if o.Resolver == nil {
		o.Resolver = NewResolver(o.Clock, nil)
		tb.Cleanup(o.Resolver.Close)
	}
	g.resolver = o.Resolver
	o.Poison = true
	dial := o.Dial
	if dial == nil {
		dial = dialTCP
	}
	o.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		g.dials.Add(1)
		return dial(ctx, to)
	}
	g.Client = New(o)
	tb.Cleanup(g.Close)
	return g
}

// call makes a call.
func call(tb testing.TB, method, url string) *Call {
	tb.Helper()
	u, err := message.ParseURL(url)
	if err != nil {
		tb.Fatal(err)
	}
	return &Call{
		Request: &message.Request{Method: method, URL: u, Protocol: message.HTTP11, Context: context.Background(),
			Client: netip.MustParseAddrPort("192.0.2.7:1234")},
		Response: &message.Response{},
	}
}

// answer is what a backend has answered, as copies.
type answer struct {
	status  int
	header  string
	body    string
	trailer string
}

// do sends a call and reads the whole answer.
func (g *rig) do(c *Call) (answer, error) {
	x, err := g.Do(c)
	if err != nil {
		return answer{}, err
	}
	defer x.Free()
	a := answer{status: c.Response.Status, header: lines(&c.Response.Header)}
	r, err := c.Response.Body.Reader()
	if err != nil {
		return a, err
	}
	body, err := io.ReadAll(r)
	a.body, a.trailer = string(body), lines(&c.Response.Trailer)
	return a, err
}

// want sends a call that must be answered with this body.
func (g *rig) want(tb testing.TB, c *Call, body string) {
	tb.Helper()
	if a, err := g.do(c); err != nil || a.body != body {
		tb.Errorf("%s %s: answered %+v, %v; want the body %q", c.Request.Method, c.Request.URL.Path, a, err, body)
	}
}

// lines writes fields down.
func lines(h *message.Header) string {
	var b strings.Builder
	for _, f := range h.Fields() {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return b.String()
}

// backend runs a backend that answers connections with a function, until the
// test ends.
func backend(tb testing.TB, serve func(c net.Conn, r *bufio.Reader)) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	accept(tb, l, serve)
	return "http://" + l.Addr().String()
}

// serveOn answers each request that comes to a listener with the same bytes.
func serveOn(tb testing.TB, l net.Listener, text string) {
	tb.Helper()
	accept(tb, l, func(c net.Conn, r *bufio.Reader) {
		for skipHead(r) {
			_, _ = io.WriteString(c, text)
		}
	})
}

// accept answers a listener's connections with a function, until the test ends.
func accept(tb testing.TB, l net.Listener, serve func(c net.Conn, r *bufio.Reader)) {
	tb.Helper()
	ended := make(chan struct{})
	tb.Cleanup(func() {
		_ = l.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c, bufio.NewReader(c))
			}()
		}
	}()
}

// skipHead reads a request's head, and reports whether there was one.
func skipHead(r *bufio.Reader) bool {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return false
		}
		if len(line) == 2 {
			return true
		}
	}
}

const smallAnswer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 23 Nov 2026 06:00:00 GMT\r\nServer: raw\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"
