package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/message"
)

// The load and the limits of R30.
const (
	slowHeads   = 170
	slowBodies  = 170
	slowReaders = 160
	// slowTolerance is how far from its deadline a connection may end.
	slowTolerance = 2 * time.Second
	// honestCalls are measured before the slow clients come, and while they are
	// there.
	honestCalls = 400
	honestRatio = 1.5
	// honestFloor is below what a percentile says more about the machine that the
	// test runs on than about the gateway.
	honestFloor = 20 * time.Millisecond
	// honestRounds are how often it is measured until it is good.
	honestRounds = 5
)

// zeros is a body that only its reader ends.
type zeros struct{ moved *atomic.Int64 }

func (z zeros) Read(p []byte) (int, error) {
	clear(p)
	z.moved.Add(int64(len(p)))
	return len(p), nil
}

func (zeros) Close() error { return nil }

// slowRig is a server with slow clients.
type slowRig struct {
	*rig
	given, taken atomic.Int64 // bytes of answers, and of requests' bodies
	readers      []*client
	bodies       []*client
	heads        []*client
}

// Serve answers with a large body, or with how many bytes it has received.
func (g *slowRig) Serve(r *message.Request, w message.Responder) {
	m := message.Response{Status: 200}
	switch {
	case r.URL.Path == "/large":
		m.Body.SetStream(zeros{&g.given}, 1<<40)
	case r.Body.Present():
		source, err := r.Body.Reader()
		for piece := make([]byte, 4096); err == nil; {
			var n int
			n, err = source.Read(piece)
			g.taken.Add(int64(n))
		}
		if client, ok := errors.AsType[*message.ClientError](err); ok {
			m.Status = client.Status
		}
	default:
		_ = m.Body.SetBytes([]byte("ok"))
	}
	_, _ = w.Respond(&m)
}

// startSlow connects the slow clients and waits until each keeps the server
// waiting.
func startSlow(t *testing.T) *slowRig {
	t.Helper()
	g := &slowRig{}
	g.rig = start(t, g)
	return g
}

// connect connects the slow clients.
func (g *slowRig) connect(t *testing.T) {
	t.Helper()
	dial := func(n int, text string) (all []*client) {
		for range n {
			c := g.dial(t)
			_ = c.SetDeadline(time.Time{})
			_ = c.SetReadBuffer(4096)
			c.send(text)
			all = append(all, c)
		}
		return all
	}
	g.heads = dial(slowHeads, "GET / HTTP/1.1\r\nHost: a\r\nX: ")
	g.bodies = dial(slowBodies, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
	g.readers = dial(slowReaders, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
	g.until(t, "all keep the server waiting", func() bool { return g.waiting() == slowHeads+slowBodies+slowReaders })
	for before := int64(-1); before != g.given.Load(); { // Until no socket takes any more.
		before = g.given.Load()
		pause(50 * time.Millisecond)
	}
}

// waiting returns how many connections have a request that has begun.
func (g *slowRig) waiting() int {
	g.server.mu.Lock()
	defer g.server.mu.Unlock()
	n := 0
	for c := range g.server.conns {
		if c.state.Load() == stateBusy {
			n++
		}
	}
	return n
}

func pause(d time.Duration) { <-time.After(d) }

// until waits until a condition holds.
func (g *slowRig) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); runtime.Gosched() {
		if time.Since(begun) > patience {
			open, _ := g.server.Open()
			t.Fatalf("it never came that %s; %d connections are open", what, open)
		}
	}
}

// drip lets a second pass after each slow client has sent so many bytes.
func (g *slowRig) drip(t *testing.T, bodyBytes int) {
	t.Helper()
	want, sent := g.taken.Load(), 0
	piece := bytes.Repeat([]byte("x"), bodyBytes)
	for _, c := range g.heads {
		_, _ = c.Write([]byte("x")) // Fails where the connection has ended.
	}
	for _, c := range g.bodies {
		if _, err := c.Write(piece); err == nil && !c.over() {
			sent++
		}
	}
	want += int64(sent * bodyBytes)
	for begun := time.Now(); g.taken.Load() < want && time.Since(begun) < time.Second; {
		runtime.Gosched()
	}
	// Who has taken its byte is to wait for the next before the second passes, or it
	// would not count that second.
	pause(2 * time.Millisecond)
	g.clock.Advance(time.Second)
	runtime.Gosched()
}

// over reports whether the server has ended the connection or answered.
func (c *client) over() (over bool) {
	raw, err := c.SyscallConn()
	if err != nil {
		return true
	}
	var one [1]byte
	err = raw.Control(func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		over = !errors.Is(err, syscall.EAGAIN)
	})
	return over || err != nil
}

// open asserts how many connections are open.
func (g *slowRig) open(t *testing.T, when string, want int) {
	t.Helper()
	if open, _ := g.server.Open(); open != want {
		t.Errorf("%s %d connections are open, want %d", when, open, want)
	}
}

// honest returns the 99th percentile of the calls of a client that is not slow.
func (g *slowRig) honest(t *testing.T) time.Duration {
	t.Helper()
	c := g.dial(t)
	defer c.Close()
	took := make([]time.Duration, honestCalls)
	for i := range took {
		begin := time.Now()
		c.send(get)
		if status, body, _ := c.answer(); status != 200 || body != "ok" {
			t.Fatalf("an honest client was answered %d %q", status, body)
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// undisturbed compares the calls of an honest client with what they were without
// slow clients.
func (g *slowRig) undisturbed(t *testing.T, before time.Duration) (during time.Duration) {
	t.Helper()
	for range honestRounds {
		if during = g.honest(t); during <= max(honestFloor, time.Duration(honestRatio*float64(before))) {
			return during
		}
	}
	t.Errorf("the 99th percentile of honest calls is %v with slow clients, want at most %.1f times %v", during, honestRatio, before)
	return during
}

// TestR30_SlowClients has 500 clients that send a head or a body a byte a second,
// or do not read, until the server ends their connections.
func TestR30_SlowClients(t *testing.T) {
	g := startSlow(t)
	before := g.honest(t)
	g.until(t, "the honest client has gone", func() bool { open, _ := g.server.Open(); return open == 0 })
	g.connect(t)
	during := g.undisturbed(t, before)
	all := slowHeads + slowBodies + slowReaders
	g.until(t, "the honest clients have gone", func() bool { open, _ := g.server.Open(); return open == all })
	second := 0
	passTo := func(end time.Duration) {
		for ; time.Duration(second)*time.Second < end; second++ {
			g.drip(t, 1)
		}
	}
	passTo(HeadTimeout - slowTolerance)
	g.open(t, "before HeadTimeout", all)
	passTo(HeadTimeout + slowTolerance)
	all -= slowHeads
	g.until(t, "slow heads have ended", func() bool { open, _ := g.server.Open(); return open == all })
	passTo(BodyTimeout - slowTolerance)
	g.open(t, "before BodyTimeout and WriteTimeout", all)
	passTo(BodyTimeout + slowTolerance)
	g.until(t, "slow bodies have ended", func() bool { open, _ := g.server.Open(); return open <= slowReaders })
	// A socket may have taken much at first; then the client has WriteTimeout once more.
	passTo(2*WriteTimeout + slowTolerance)
	g.until(t, "slow readers have ended", func() bool { open, _ := g.server.Open(); return open == 0 })
	fmt.Printf("R30: %d slow heads and %d slow bodies ended within %v of their deadline, %d slow readers within twice theirs (all); honest p99 %v with them, %v without (%.1f times, or %v)\n",
		slowHeads, slowBodies, slowTolerance, slowReaders, during, before, honestRatio, honestFloor)
}

// TestR30_SlowClients_NegativeControl has clients that send bodies at a little
// more than MinRate: a test that took any end for the right one would see them
// end.
func TestR30_SlowClients_NegativeControl(t *testing.T) {
	g := startSlow(t)
	g.connect(t)
	for range int((BodyTimeout + slowTolerance) / time.Second) {
		g.drip(t, MinRate+MinRate/4)
	}
	if open, _ := g.server.Open(); open < slowBodies {
		t.Errorf("%d connections are open whose clients send fast enough, want %d at least", open, slowBodies)
	}
}

// TestSlowDiscard has a client that sends the body that nobody wants slowly.
func TestSlowDiscard(t *testing.T) {
	g := start(t, handlerFunc(func(_ *message.Request, w message.Responder) {
		_, _ = w.Respond(&message.Response{Status: 413})
	}))
	c := g.dial(t)
	c.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 1000))
	if status, _, closes := c.answer(); status != 413 || closes {
		t.Fatalf("answered %d, closing %v, want 413 and not closing", status, closes)
	}
	for passed := time.Duration(0); !c.over(); passed += time.Second {
		if passed > 10*BodyTimeout { // A second that passes between two reads is not counted.
			t.Fatalf("the connection is open after %v", passed)
		}
		_, _ = io.WriteString(c, "x") // Fails where the connection has ended.
		pause(time.Millisecond)
		g.clock.Advance(time.Second)
	}
}
