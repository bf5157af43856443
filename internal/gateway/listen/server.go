package listen

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/gateway/http1/server"
	"github.com/sallyport/sallyport/internal/message"
)

// Options is what a server is made of.
type Options struct {
	Handler message.Handler
	// TLS serves HTTPS with HTTP/2 and HTTP/1.1; nil serves plain HTTP/1.1 and
	// HTTP/2 with prior knowledge.
	TLS *tls.Config
	// Hosts serves HTTPS in the place of TLS, with certificates that are chosen by
	// host; nil for none.
	Hosts *Hosts
	Log   *slog.Logger
	// Clock tells when a drain's quiet time has passed; nil is the system's.
	Clock clock.Clock
	// QuietTime is as the constant; 0 is the constant's.
	QuietTime time.Duration
	// MaxConnections bounds the connections of TCP below the constant; 0 is the
	// constant's.
	MaxConnections int
	// Poison overwrites the memory of each request of HTTP/1.1 when it has been
	// answered, so that a test finds who has kept a view of it.
	Poison bool
}

// Server accepts requests on listeners. It is safe for concurrent use.
type Server struct {
	http     *http.Server // for HTTP/2
	engine   *engine
	quic     atomic.Pointer[quicSide] // nil without HTTP/3
	alt      alternative
	http1    *server.Server
	tls      *tls.Config
	hosts    *Hosts // nil without certificates by host
	log      *slog.Logger
	clock    clock.Clock
	quiet    time.Duration
	draining atomic.Bool
	most     int // connections
	refusals atomic.Int64
	shed     atomic.Int64

	mu        sync.Mutex
	accepting sync.WaitGroup // loops that may still be handed a connection
	listeners map[net.Listener]struct{}
	open      map[net.Conn]*conn // by socket; nil while it shakes hands
	changed   chan struct{}      // closed and made anew when open loses one
	closed    bool
}

// LimitConnections is Options.MaxConnections for a server that runs. Connections
// above a lower limit stay until others end.
func (s *Server) LimitConnections(most int) {
	if most <= 0 || most > MaxConnections {
		most = MaxConnections
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = most
}

// New makes a server.
func New(o Options) *Server {
	s := &Server{tls: o.TLS, log: o.Log, clock: o.Clock, quiet: o.QuietTime,
		listeners: map[net.Listener]struct{}{}, open: map[net.Conn]*conn{},
		changed: make(chan struct{})}
	if s.clock == nil {
		s.clock = clock.System()
	}
	if s.hosts = o.Hosts; s.hosts != nil {
		s.tls = s.hosts.Config()
	}
	s.LimitConnections(o.MaxConnections)
	if s.quiet == 0 {
		s.quiet = QuietTime
	}
	s.http1 = server.New(server.Options{Handler: o.Handler, Clock: s.clock, Log: o.Log, Refused: s.noteRefusal, Poison: o.Poison})
	s.engine = newEngine(o.Handler, s)
	// TLS ends in front of the engine: to it every connection is a plain one.
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	s.http = &http.Server{
		Handler:                      s.engine,
		ReadHeaderTimeout:            HeadTimeout,
		IdleTimeout:                  IdleTimeout,
		MaxHeaderBytes:               MaxHeadBytes,
		DisableGeneralOptionsHandler: true,
		Protocols:                    protocols,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: MaxStreams, MaxReceiveBufferPerStream: StreamWindow,
			MaxReceiveBufferPerConnection: ConnectionWindow, MaxReadFrameSize: MaxFrameBytes},
		ErrorLog:    log.New(engineLog{o.Log}, "", 0),
		ConnContext: withPeer,
	}
	return s
}

// Serve accepts connections until Drain or Close, and then returns nil.
func (s *Server) Serve(l net.Listener) error {
	if !s.begin(l) {
		return nil
	}
	in := newIncoming(l.Addr())
	done := make(chan error, 1)
	go func() { done <- s.http.Serve(in) }()
	err := s.accept(l, in)
	s.accepting.Done()
	if err != nil {
		_ = in.Close() // Nothing more will come; Close of incoming does not fail.
	}
	if engine := <-done; err == nil && !errors.Is(engine, http.ErrServerClosed) {
		err = engine
	}
	return err
}

// begin notes a listener, unless the server has ended.
func (s *Server) begin(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.draining.Load() {
		return false
	}
	s.listeners[l] = struct{}{}
	s.accepting.Add(1)
	return true
}

// Refused returns how many requests were refused for what they break of the
// protocol.
func (s *Server) Refused() int64 { return s.refusals.Load() }

// Shed returns how many connections were closed because there were too many: idle
// ones to make room for others, and new ones where none was idle.
func (s *Server) Shed() int64 { return s.shed.Load() }

// noteRefusal counts and logs a refusal.
func (s *Server) noteRefusal(client netip.AddrPort, r *http1.Refusal) {
	s.refusals.Add(1)
	s.log.Debug("request refused", slog.String("reason", r.Reason), slog.Int("status", r.Status), slog.String("client", client.String()))
}

// engineLog passes the engine's own messages on. They are about single
// connections and matter only when something is being looked for, but for a
// panic, which is a fault of the gateway.
type engineLog struct{ log *slog.Logger }

// Write logs one message.
func (l engineLog) Write(p []byte) (int, error) {
	level := slog.LevelDebug
	if bytes.Contains(p, []byte("panic serving")) {
		level = slog.LevelError
	}
	l.log.Log(context.Background(), level, "connection", slog.String("message", string(p)))
	return len(p), nil
}
