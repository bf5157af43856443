package server

import (
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// Options is what a server is made of.
type Options struct {
	Handler message.Handler
	Clock   clock.Clock
	Log     *slog.Logger
	// Refused is told of each request that was refused for what it breaks of the
	// protocol; it may be nil.
	Refused func(client netip.AddrPort, r *http1.Refusal)
	// Poison overwrites the memory of each request when it has been answered, so
	// that a test finds who has kept a view of it.
	Poison bool
}

// Connection is what is known of a client's connection when it begins.
type Connection struct {
	// Net carries clear text.
	Net net.Conn
	// Socket is what is beneath: the same as Net on a plain connection.
	Socket net.Conn
	// TLS is nil on a plain connection.
	TLS *message.TLS
	// Serves reports whether a request for a host may come over the connection;
	// nil lets all hosts.
	Serves func(host string) bool
	// HTTP2 takes the connection over where its client speaks HTTP/2, with the
	// bytes that have been read of it; nil refuses such clients.
	HTTP2 func(early []byte)
	// AltSvc returns the value of the field Alt-Svc for answers to requests that
	// were sent to a port, 0 for the scheme's own; empty for none. It may be nil.
	AltSvc func(port uint16) string
	// Ended is called when the connection has been closed; not where HTTP2 has
	// taken it over. It may be nil.
	Ended func()
}

// Server serves connections of HTTP/1.1. It is safe for concurrent use.
type Server struct {
	options  Options
	handler  message.Handler
	clock    clock.Clock
	works    sync.Pool
	date     atomic.Pointer[dateLine]
	draining atomic.Bool
	leaving  atomic.Bool // WebSockets are told
	// closingIdle says that connections end when they have nothing to do.
	closingIdle atomic.Bool
	park        atomic.Pointer[parking]

	mu      sync.Mutex
	conns   map[*conn]struct{}
	parks   bool // a place for idle connections has been made, or cannot be
	tunnels map[*tunnel]struct{}
}

// New makes a server.
func New(o Options) *Server {
	s := &Server{options: o, handler: o.Handler, clock: o.Clock, conns: map[*conn]struct{}{}, tunnels: map[*tunnel]struct{}{}}
	s.works.New = func() any { return newWork(o.Poison) }
	return s
}

// Serve serves a connection until it ends, and closes it, or until it has been
// idle for ParkTime: then it returns, and goes on elsewhere when the client has
// something to say.
func (s *Server) Serve(from Connection) {
	c := newConn(s, &from)
	if !s.add(c) {
		_ = c.net.Close() // It was never used.
		c.hasEnded()
		return
	}
	c.serve()
}

// Drain makes each answer from now on say that its connection ends.
func (s *Server) Drain() { s.draining.Store(true) }

// GoAway tells the clients of WebSockets that the gateway goes away.
func (s *Server) GoAway() {
	s.leaving.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	for t := range s.tunnels {
		t.goAway()
	}
}

// CloseIdle closes the connections that wait for a request, and from now on
// those that would.
func (s *Server) CloseIdle() {
	s.closingIdle.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.closeIdle()
	}
}

// MakeRoom closes a connection that has been idle for ParkTime, whichever, and
// reports whether there was one.
func (s *Server) MakeRoom() bool {
	place := s.park.Load()
	if place == nil {
		return false
	}
	c := place.takeAny()
	if c == nil {
		return false
	}
	go c.end() // TLS says goodbye, which may take a moment.
	return true
}

// Close ends all connections at once, also later ones.
func (s *Server) Close() {
	s.draining.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.abort()
	}
	for t := range s.tunnels {
		t.abandon()
	}
	s.conns = nil
	if place := s.park.Load(); place != nil {
		place.close()
	}
}

// parkingPlace returns the place for idle connections, or nil.
func (s *Server) parkingPlace() *parking {
	if place := s.park.Load(); place != nil {
		return place
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.parks && s.conns != nil {
		s.parks = true
		if place, err := newParking(func(c *conn) { go c.serve() }); err == nil { // Otherwise they stay where they are.
			s.park.Store(place)
		}
	}
	return s.park.Load()
}

// Open returns how many connections there are, and how many of them have changed
// to WebSocket.
func (s *Server) Open() (connections, tunnels int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns), len(s.tunnels)
}

// add notes a connection, unless the server has been closed.
func (s *Server) add(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

// remove forgets a connection that has ended.
func (s *Server) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// refused tells of a refusal.
func (s *Server) refused(c *conn, r *http1.Refusal) {
	if s.options.Refused != nil {
		s.options.Refused(c.client, r)
	}
}

// dateLine is the Date field of a second.
type dateLine struct {
	second int64
	value  string
}

// dateOf returns the value of the Date field at a time. It is made once a second.
func (s *Server) dateOf(now time.Time) string {
	second := now.Unix()
	if d := s.date.Load(); d != nil && d.second == second {
		return d.value
	}
	d := &dateLine{second, now.UTC().Format(http1.TimeFormat)}
	s.date.Store(d)
	return d.value
}
