package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// holding runs a backend whose answers wait until they are let go.
func holding(tb testing.TB) (url string, begun chan struct{}, letGo func()) {
	tb.Helper()
	begun = make(chan struct{}, 100)
	release := make(chan struct{})
	url = backend(tb, func(c net.Conn, r *bufio.Reader) {
		for skipHead(r) {
			begun <- struct{}{}
			<-release
			_, _ = io.WriteString(c, smallAnswer)
		}
	})
	return url, begun, sync.OnceFunc(func() { close(release) })
}

// TestMaxOpen has more requests than there may be connections: the others wait,
// and use those that become free.
func TestMaxOpen(t *testing.T) {
	const most, requests = 3, 12
	url, begun, letGo := holding(t)
	defer letGo()
	g := newRig(t, Options{MaxOpen: most})
	var all sync.WaitGroup
	for range requests {
		all.Go(func() { g.want(t, call(t, "GET", url), `{"ok":true}`) })
	}
	for range most {
		<-begun
	}
	waitUntil(t, func() bool { return waitingFor(g) == requests-most })
	if n := g.dials.Load(); n != most {
		t.Errorf("%d connections, want %d", n, most)
	}
	letGo()
	all.Wait()
	p := g.all()[0]
	if n := g.dials.Load(); n != most || p.open != most || len(p.idle) != most {
		t.Errorf("%d connections were made, %d are open, %d idle; want %d each", n, p.open, len(p.idle), most)
	}
}

func waitingFor(g *rig) int {
	all := g.all()
	if len(all) == 0 {
		return 0
	}
	p := all[0]
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiting)
}

// waitUntil waits until something is so.
func waitUntil(tb testing.TB, so func() bool) {
	tb.Helper()
	for began := time.Now(); !so(); time.Sleep(time.Millisecond) {
		if time.Since(began) > patience {
			tb.Fatal("it does not happen")
		}
	}
}

// TestPlaceOfABrokenConnection goes to the next in line when a connection breaks,
// and when connecting fails.
func TestPlaceOfABrokenConnection(t *testing.T) {
	held := make(chan struct{})
	url := backend(t, func(_ net.Conn, r *bufio.Reader) {
		skipHead(r)
		<-held
	})
	g := newRig(t, Options{MaxOpen: 1})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if a, err := g.do(call(t, "POST", url)); err == nil {
				t.Errorf("answered %+v", a)
			}
		})
	}
	waitUntil(t, func() bool { return waitingFor(g) == 4 })
	close(held)
	all.Wait()
	if p := g.all()[0]; p.open != 0 || len(p.waiting) != 0 || g.dials.Load() != 5 {
		t.Errorf("%d are open, %d wait, %d were made; want 0, 0 and 5", p.open, len(p.waiting), g.dials.Load())
	}
}

// TestQueue bounds how many wait for a connection, and for how long.
func TestQueue(t *testing.T) {
	url, begun, letGo := holding(t)
	defer letGo()
	g := newRig(t, Options{MaxOpen: 1})
	var all sync.WaitGroup
	defer all.Wait()
	defer letGo()
	all.Go(func() { g.want(t, call(t, "GET", url), `{"ok":true}`) })
	<-begun
	p := g.all()[0]
	p.mu.Lock()
	p.waiting = make([]*waiter, MaxWaiting)
	p.mu.Unlock()
	if _, err := g.do(call(t, "GET", url)); !errors.Is(err, errQueueFull) {
		t.Errorf("with a full queue: %v", err)
	}
	p.mu.Lock()
	p.waiting = nil
	p.mu.Unlock()
	late := func(c *Call, wait time.Duration, want error) {
		failed := make(chan error, 1)
		go func() {
			_, err := g.do(c)
			failed <- err
		}()
		waitUntil(t, func() bool { return waitingFor(g) == 1 })
		g.clock.Advance(wait)
		if err := <-failed; !errors.Is(err, want) {
			t.Errorf("after %v: %v, want %v", wait, err, want)
		}
		if n := waitingFor(g); n != 0 {
			t.Errorf("%d still wait", n)
		}
	}
	late(call(t, "GET", url), QueueTimeout, errQueueLong)
	c := call(t, "GET", url)
	c.Deadline = g.clock.Now().Add(time.Second)
	late(c, time.Second, ErrTimeout)
	ctx, cancel := context.WithCancel(t.Context())
	c = call(t, "GET", url)
	c.Request.Context = ctx
	context.AfterFunc(ctx, func() {})
	go func() {
		waitUntil(t, func() bool { return waitingFor(g) == 1 })
		cancel()
	}()
	if _, err := g.do(c); !errors.Is(err, ErrGone) {
		t.Errorf("given up: %v", err)
	}
}

// TestIdleConnections bounds how many are kept, and for how long.
func TestIdleConnections(t *testing.T) {
	url, begun, letGo := holding(t)
	g := newRig(t, Options{MaxIdle: 2, IdleTimeout: time.Minute})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { g.want(t, call(t, "GET", url), `{"ok":true}`) })
	}
	for range 5 {
		<-begun
	}
	letGo()
	all.Wait()
	p := g.all()[0]
	if len(p.idle) != 2 || p.open != 2 {
		t.Errorf("%d idle connections of %d, want 2 of 2", len(p.idle), p.open)
	}
	g.clock.Advance(59 * time.Second)
	g.want(t, call(t, "GET", url), `{"ok":true}`) // Which keeps one of the two alive.
	g.clock.Advance(time.Second)
	if n := len(p.idle); n != 1 {
		t.Errorf("%d idle connections after the first's time, want 1", n)
	}
	g.clock.Advance(2 * time.Minute)
	if len(p.idle) != 0 || p.open != 0 {
		t.Errorf("%d idle connections of %d in the end, want none", len(p.idle), p.open)
	}
	if n := len(g.all()); n != 0 {
		t.Errorf("%d pools are remembered, want none", n)
	}
	g.want(t, call(t, "GET", url), `{"ok":true}`)
}

// TestIdleConnectionThatIsTooOld is not used, also where it has not been closed
// yet.
func TestIdleConnectionThatIsTooOld(t *testing.T) {
	g := newRig(t, Options{IdleTimeout: time.Minute})
	url := scripted(t, smallAnswer, false)
	g.want(t, call(t, "GET", url), `{"ok":true}`)
	g.all()[0].idle[0].idle = g.clock.Now().Add(-time.Minute)
	g.want(t, call(t, "GET", url), `{"ok":true}`)
	if n := g.dials.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

// TestLastUsedFirst uses the connection that was used last.
func TestLastUsedFirst(t *testing.T) {
	url, begun, letGo := holding(t)
	g := newRig(t, Options{})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { g.want(t, call(t, "GET", url), `{"ok":true}`) })
		<-begun
	}
	letGo()
	all.Wait()
	p := g.all()[0]
	first, last := p.idle[0], p.idle[1]
	for range 3 {
		g.want(t, call(t, "GET", url), `{"ok":true}`)
	}
	if p.idle[0] != first || p.idle[1] != last {
		t.Error("the connections took turns: the one that was used first never becomes too old")
	}
}

// TestMaxPools forgets pools without a request under way.
func TestMaxPools(t *testing.T) {
	url := scripted(t, smallAnswer, false)
	g := newRig(t, Options{})
	g.want(t, call(t, "GET", url), `{"ok":true}`)
	for i := range MaxPools - 1 {
		c := call(t, "GET", fmt.Sprintf("http://127.0.0.1:%d", i+1))
		if _, err := g.poolFor(&c.Request.URL); err != nil {
			t.Fatal(err)
		}
	}
	kept := g.all()
	c := call(t, "GET", "http://127.0.0.1:65535")
	if _, err := g.poolFor(&c.Request.URL); err != nil {
		t.Fatal(err)
	}
	if n := len(g.all()); n != 1 {
		t.Errorf("%d pools, want 1", n)
	}
	for _, p := range kept {
		if p.open != 0 || !p.gone {
			t.Error("a pool was forgotten with its connection")
		}
	}
	g.want(t, call(t, "GET", url), `{"ok":true}`)
}

// TestPoolForgottenMeanwhile looks for another pool when the one that was found
// is no longer the client's.
func TestPoolForgottenMeanwhile(t *testing.T) {
	url := scripted(t, smallAnswer, false)
	g := newRig(t, Options{})
	c := call(t, "GET", url)
	p, err := g.poolFor(&c.Request.URL)
	if err != nil || !p.forget() {
		t.Fatal(err)
	}
	x := newExchange(g.Client)
	x.call = *c
	if _, _, err := p.take(x, false); !errors.Is(err, errForgotten) {
		t.Errorf("taken from a forgotten pool: %v", err)
	}
}

// TestClose closes what is idle, and what becomes idle.
func TestClose(t *testing.T) {
	url, begun, letGo := holding(t)
	g := newRig(t, Options{})
	var all sync.WaitGroup
	all.Go(func() { g.want(t, call(t, "GET", url), `{"ok":true}`) })
	<-begun
	p := g.all()[0]
	g.Close()
	letGo()
	all.Wait()
	if p.open != 0 || len(p.idle) != 0 {
		t.Errorf("%d connections are open after Close", p.open)
	}
}

// TestSeveralAddresses tries one address after the other, and does not wait for
// long for one that says nothing.
func TestSeveralAddresses(t *testing.T) {
	url := scripted(t, smallAnswer, false)
	dead, good := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("127.0.0.1")
	for _, refuses := range []bool{true, false} {
		silent := make(chan struct{}, 10)
		g := newRig(t, Options{Dial: func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			switch {
			case to.Addr() == good:
				return dialTCP(ctx, to)
			case refuses:
				return nil, errors.New("refused")
			}
			silent <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		g.resolver.lookup = func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{dead, good}, nil }
		c := call(t, "GET", url)
		c.Request.URL.Host = "backend.example"
		if !refuses {
			go func() {
				<-silent
				g.clock.BlockUntil(2) // The time to connect, and the next address's.
				g.clock.Advance(NextAddressDelay)
			}()
		}
		g.want(t, c, `{"ok":true}`)
	}
}
