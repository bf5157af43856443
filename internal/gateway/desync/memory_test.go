package desync

import (
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

// wire is a connection in memory. It knows when a side waits for the other, so
// that a test need not guess by the clock that nothing more will come.
type wire struct {
	mu   sync.Mutex
	cond sync.Cond
	to   [2]direction // to the client, to the server
	late bool         // patience is over
}

// direction is one way of a wire.
type direction struct {
	data    []byte
	ended   bool // nothing more is written
	gone    bool // nobody reads any more
	waiting bool // the reader waits for more
	broken  bool // the reader's deadline has passed
	reset   bool // the writer has broken off: what has not been read is lost
}

// side is what one side of a wire has. It is a net.Conn.
type side struct {
	*wire
	in, out       *direction
	local, remote net.Addr
}

// newWire makes both sides of a connection.
func newWire(client, server net.Addr) (c, s *side) {
	w := &wire{}
	w.cond.L = &w.mu
	return &side{w, &w.to[0], &w.to[1], client, server}, &side{w, &w.to[1], &w.to[0], server, client}
}

// Read reads what the other side has written.
func (s *side) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.in.gone:
			return 0, net.ErrClosed
		case s.in.broken:
			return 0, os.ErrDeadlineExceeded
		case s.in.reset:
			return 0, syscall.ECONNRESET
		case len(s.in.data) > 0:
			n := copy(p, s.in.data)
			s.in.data = s.in.data[n:]
			return n, nil
		case s.in.ended:
			return 0, io.EOF
		}
		s.in.waiting = true
		s.cond.Broadcast()
		s.cond.Wait()
		s.in.waiting = false
	}
}

// Write writes to the other side. It never waits.
func (s *side) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out.ended || s.out.gone {
		return 0, syscall.EPIPE
	}
	s.out.data = append(s.out.data, p...)
	s.cond.Broadcast()
	return len(p), nil
}

// CloseWrite ends the side's direction.
func (s *side) CloseWrite() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.ended = true
	s.cond.Broadcast()
	return nil
}

// Close ends both directions.
func (s *side) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.ended, s.in.gone = true, true
	s.cond.Broadcast()
	return nil
}

// reset breaks the connection off. What the other side has not read is lost.
func (s *side) reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.data, s.out.reset, s.out.ended, s.in.gone = nil, true, true, true
	s.cond.Broadcast()
	return nil
}

func (s *side) LocalAddr() net.Addr  { return s.local }
func (s *side) RemoteAddr() net.Addr { return s.remote }

// SetDeadline sets the one that matters: writing does not wait.
func (s *side) SetDeadline(t time.Time) error { return s.SetReadDeadline(t) }

// SetWriteDeadline does nothing: writing does not wait.
func (s *side) SetWriteDeadline(time.Time) error { return nil }

// SetReadDeadline breaks reading off where the time has passed. Those to come are
// the server's own clock's business.
func (s *side) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.in.broken = !t.IsZero() && t.Before(time.Now())
	s.cond.Broadcast()
	return nil
}

// settle waits until the other side waits for more, or has ended, and returns
// what it has written and whether that was all. ok is false where neither has
// happened in time.
func (s *side) settle() (text string, ended, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	guard := time.AfterFunc(patience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.late = true
		s.cond.Broadcast()
	})
	defer guard.Stop()
	for {
		done := s.out.waiting && len(s.out.data) == 0 && !s.out.ended && !s.out.broken
		if done || s.in.ended || s.late {
			text, s.in.data = string(s.in.data), nil
			return text, s.in.ended, !s.late
		}
		s.cond.Wait()
	}
}

// hall is where connections in memory are accepted. It is a net.Listener.
type hall struct {
	conns  chan net.Conn
	done   chan struct{}
	once   sync.Once
	number atomic.Uint32
}

func newHall() *hall { return &hall{conns: make(chan net.Conn), done: make(chan struct{})} }

// hallAddress is where the gateway listens, as its connections see it.
var hallAddress = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}

// dial connects. Each connection has an address of its own.
func (h *hall) dial() *side {
	n := h.number.Add(1)
	c, s := newWire(&net.TCPAddr{IP: net.IPv4(10, byte(n>>24), byte(n>>16), byte(n>>8)).To4(), Port: 1024 + int(n&0xff)}, hallAddress)
	select {
	case h.conns <- s:
	case <-h.done:
		_ = s.Close()
	}
	return c
}

func (h *hall) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

func (h *hall) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

func (h *hall) Addr() net.Addr { return hallAddress }
