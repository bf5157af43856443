package listen

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1/server"
	"github.com/sallyport/sallyport/internal/gateway/http1/socket"
	"github.com/sallyport/sallyport/internal/message"
)

// The pauses after a failure to accept, from the first to the longest.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = time.Second
)

// accept accepts connections until the listener is closed.
func (s *Server) accept(l net.Listener, in *incoming) error {
	pause := time.Duration(0)
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			s.take(c, in)
		case errors.Is(err, net.ErrClosed):
			return nil
		case passes(err):
			// Too many open files and the like: others close some.
			pause = min(max(2*pause, firstPause), longestPause)
			s.log.Warn("accepting failed", slog.Any("error", err), slog.Duration("pause", pause))
			timer := s.clock.NewTimer(pause)
			<-timer.C()
		default:
			return fmt.Errorf("accepting on %s: %w", l.Addr(), err)
		}
	}
}

// passes reports whether a failure to accept goes away by itself.
func passes(err error) bool {
	for _, e := range [...]syscall.Errno{
		syscall.EMFILE, syscall.ENFILE, syscall.ECONNABORTED, syscall.ENOBUFS, syscall.ENOMEM, syscall.EINTR,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// take serves a new connection.
func (s *Server) take(raw net.Conn, in *incoming) {
	raw = socket.New(raw)
	if !s.remember(raw) {
		_ = raw.Close() // There are too many, or it is too late.
		return
	}
	if s.tls != nil {
		go s.handshake(raw, in)
		return
	}
	go s.servePlain(raw, in)
}

// servePlain serves a connection without TLS.
func (s *Server) servePlain(raw net.Conn, in *incoming) {
	s.http1.Serve(server.Connection{Net: raw, Socket: raw, Ended: func() { s.forget(raw) },
		HTTP2: func(early []byte) { in.push(s.newConn(raw, raw, nil, early)) }})
}

// newConn makes the side of a connection of HTTP/2 that its engine sees: of its
// socket, of the clear text, and of what has been read of that.
func (s *Server) newConn(raw, clear net.Conn, known *secure, early []byte) *conn {
	c := &conn{Conn: clear, raw: raw, peer: peer{server: s, secure: known, protocol: message.HTTP2}, early: early}
	c.client = addressOf(raw.RemoteAddr())
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.open[raw]; ok {
		s.open[raw] = c
	}
	return c
}

// addressOf returns the address of a peer.
func addressOf(address net.Addr) netip.AddrPort {
	switch a := address.(type) {
	case *net.TCPAddr:
		return a.AddrPort()
	case *net.UDPAddr:
		return a.AddrPort()
	}
	parsed, err := netip.ParseAddrPort(address.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return parsed
}

// remember counts a connection, if there is room. Where there is none, a
// connection that is idle is closed for it: whoever opens connections and says
// nothing does not keep those out that have something to say.
func (s *Server) remember(raw net.Conn) bool {
	s.mu.Lock()
	full := len(s.open) >= s.most
	s.mu.Unlock()
	if full {
		s.shed.Add(1)
		if !s.http1.MakeRoom() {
			return false
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.open[raw] = nil
	return true
}

// forget is called when a connection has been closed.
func (s *Server) forget(raw net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, raw)
	s.announce()
}

// announce wakes up whoever waits for connections to end.
func (s *Server) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// incoming hands connections over to the engine.
type incoming struct {
	address net.Addr
	conns   chan net.Conn
	done    chan struct{}
	once    sync.Once
}

func newIncoming(address net.Addr) *incoming {
	return &incoming{address: address, conns: make(chan net.Conn), done: make(chan struct{})}
}

// push hands a connection over, or closes it where the engine has ended.
func (l *incoming) push(c net.Conn) {
	select {
	case l.conns <- c:
	case <-l.done:
		_ = c.Close() // It was never used.
	}
}

// Accept returns the next connection.
func (l *incoming) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (l *incoming) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr returns the address that clients connect to.
func (l *incoming) Addr() net.Addr { return l.address }
