package redis_test

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// proxy stands in front of a server and can hold back what the server says.
type proxy struct {
	listener net.Listener
	target   string
	delay    atomic.Int64 // of each answer, in nanoseconds
	hole     atomic.Bool  // whether nothing passes, on new connections neither
	mu       sync.Mutex
	open     []net.Conn
	running  sync.WaitGroup
}

// newProxy stands in front of a server until the test ends.
func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		p.cut()
		p.running.Wait()
	})
	return p
}

func (p *proxy) url() string { return "redis://" + p.listener.Addr().String() }

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close() // It may have ended already.
	}
	p.open = nil
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).Dial("tcp", p.target)
		if err != nil {
			_ = client.Close() // The server is gone: so is the proxy.
			continue
		}
		p.mu.Lock()
		p.open = append(p.open, client, server)
		p.mu.Unlock()
		p.running.Go(func() { p.pass(server, client, false) })
		p.running.Go(func() { p.pass(client, server, true) })
	}
}

// pass copies from one side to the other.
func (p *proxy) pass(to, from net.Conn, answers bool) {
	defer func() { _ = to.Close() }() // Both ways end together.
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if p.hole.Load() {
			_, _ = io.Copy(io.Discard, from) // Until it ends.
			return
		}
		if answers {
			time.Sleep(time.Duration(p.delay.Load()))
		}
		if _, werr := to.Write(buffer[:n]); err != nil || werr != nil {
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				return
			}
			return
		}
	}
}
