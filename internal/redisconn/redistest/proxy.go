package redistest

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Fault is what a proxy does to what passes it.
type Fault uint8

// The faults.
const (
	// None lets everything pass.
	None Fault = iota
	// Slow holds each answer back for the proxy's delay.
	Slow
	// Hole takes what clients send, and nothing comes back.
	Hole
	// Deaf lets the server have what clients send, and loses the answers.
	Deaf
	// Refuse closes connections, old and new.
	Refuse
)

// Proxy stands before a server and can be told to misbehave. Its methods may be
// called concurrently.
type Proxy struct {
	listener net.Listener
	target   string
	delay    time.Duration
	fault    atomic.Uint32
	accepted atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	done  sync.WaitGroup
}

// StartProxy runs a proxy before an address until the test ends. delay is that of
// Slow.
func StartProxy(t testing.TB, target string, delay time.Duration) *Proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, target: target, delay: delay, conns: make(map[net.Conn]struct{})}
	p.done.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close() // It ends accept.
		p.Set(Refuse)
		p.done.Wait()
	})
	return p
}

// URL is the proxy as redisconn.Parse reads it.
func (p *Proxy) URL() string { return "redis://" + p.listener.Addr().String() }

// Set makes the proxy do something from now on, to old connections too.
func (p *Proxy) Set(f Fault) {
	p.fault.Store(uint32(f))
	if f != Refuse {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close() // That is the fault.
	}
}

func (p *Proxy) is(f Fault) bool { return Fault(p.fault.Load()) == f } //nolint:gosec // It was stored as one.

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.accepted.Add(1)
		if p.is(Refuse) {
			_ = client.Close() // That is the fault.
			continue
		}
		p.done.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	server, err := (&net.Dialer{Timeout: patience}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		_ = client.Close() // The server is away, and so is the proxy.
		return
	}
	p.mu.Lock()
	p.conns[client], p.conns[server] = struct{}{}, struct{}{}
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client, func() bool { return p.is(Hole) }, false) })
	both.Go(func() { p.copy(client, server, func() bool { return p.is(Hole) || p.is(Deaf) }, true) })
	both.Wait()
	p.mu.Lock()
	delete(p.conns, client)
	delete(p.conns, server)
	p.mu.Unlock()
}

// copy moves bytes until one side ends, and then ends both.
func (p *Proxy) copy(to, from net.Conn, lose func() bool, answers bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if answers && p.is(Slow) {
			time.Sleep(p.delay)
		}
		if n > 0 && !lose() {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// Accepted is the number of connections that clients have made.
func (p *Proxy) Accepted() int64 { return p.accepted.Load() }
