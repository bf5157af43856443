package listen

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// quicSide serves HTTP/3 on one UDP socket.
type quicSide struct {
	server   *Server
	http     *http3.Server
	accept   context.Context    //nolint:containedctx // It ends accepting, whatever the engine's own context.
	stop     context.CancelFunc // of accept
	accepted chan struct{}      // closed when nothing more is accepted
	released chan struct{}      // closed when the socket has been
	once     sync.Once          // closes http and gone
	gone     chan struct{}      // closed when all connections have ended

	mu       sync.Mutex
	open     map[*quicConn]struct{}
	unproven int // of those, how many have not shaken hands
}

// errSecondSocket is the failure of serving HTTP/3 twice.
var errSecondSocket = errors.New("serving HTTP/3: it is served on another socket")

// errNoTLS is the failure of serving HTTP/3 without certificates.
var errNoTLS = errors.New("serving HTTP/3: it needs TLS")

// ServeHTTP3 serves HTTP/3 on a UDP socket until Drain or Close, and then closes
// it and returns nil. As long as it does, answers over TCP say so.
func (s *Server) ServeHTTP3(socket net.PacketConn) error {
	q, err := s.beginQUIC()
	if q == nil {
		return errors.Join(err, socket.Close())
	}
	defer close(q.released)
	defer socket.Close() //nolint:errcheck // Nothing is read from it any more.
	transport := &quic.Transport{Conn: socket, ConnContext: q.admit, VerifySourceAddress: q.mustProve}
	defer transport.Close() //nolint:errcheck // As for the socket.
	l, err := transport.Listen(http3.ConfigureTLSConfig(s.tls), quicConfig())
	if err != nil {
		close(q.accepted)
		return fmt.Errorf("serving HTTP/3: %w", err)
	}
	defer l.Close() //nolint:errcheck // As above.
	s.alt.on.Store(!s.draining.Load())
	err = q.http.ServeListener(&quicListener{l, q.accept})
	s.alt.on.Store(false)
	close(q.accepted)
	if q.accept.Err() == nil && !errors.Is(err, http.ErrServerClosed) {
		q.close()
		return fmt.Errorf("serving HTTP/3: %w", err)
	}
	// The listener stays, to refuse clients at once instead of letting them wait.
	<-q.gone
	return nil
}

// quicConfig returns the limits of connections. What was sent before the
// handshake has ended (0-RTT) is not taken: anyone could send it again.
func quicConfig() *quic.Config {
	return &quic.Config{
		HandshakeIdleTimeout:           HandshakeTimeout / 2, // The whole handshake may take twice that.
		MaxIdleTimeout:                 IdleTimeout,
		KeepAlivePeriod:                IdleTimeout / 4, // A request may wait for long without a packet.
		InitialStreamReceiveWindow:     StreamWindow,
		MaxStreamReceiveWindow:         StreamWindow,
		InitialConnectionReceiveWindow: ConnectionWindow,
		MaxConnectionReceiveWindow:     ConnectionWindow,
		MaxIncomingStreams:             MaxStreams,
		MaxIncomingUniStreams:          MaxControlStreams,
		Allow0RTT:                      false,
	}
}

func newQUICSide(s *Server) *quicSide {
	q := &quicSide{
		server: s, accepted: make(chan struct{}), gone: make(chan struct{}), released: make(chan struct{}), open: map[*quicConn]struct{}{},
	}
	q.accept, q.stop = context.WithCancel(context.Background())
	q.http = &http3.Server{
		Handler:        q,
		MaxHeaderBytes: MaxHeadBytes,
		ConnContext:    q.begin,
		Logger:         slog.New(failuresOnly{s.log.Handler()}),
	}
	return q
}

// beginQUIC notes the side of HTTP/3, unless the server has ended.
func (s *Server) beginQUIC() (*quicSide, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.tls == nil:
		return nil, errNoTLS
	case s.quic.Load() != nil:
		return nil, errSecondSocket
	case s.closed || s.draining.Load():
		return nil, nil //nolint:nilnil // It is over before it began.
	}
	q := newQUICSide(s)
	s.quic.Store(q)
	return q, nil
}

// quicListener accepts connections until its context ends. The engine's own
// context ends in the middle of an accepted connection.
type quicListener struct {
	*quic.Listener
	until context.Context //nolint:containedctx // See above.
}

// Accept returns the next connection that has shaken hands.
func (l *quicListener) Accept(context.Context) (*quic.Conn, error) {
	c, err := l.Listener.Accept(l.until)
	if err != nil {
		return nil, err //nolint:wrapcheck // It is looked at by the engine.
	}
	return c, nil
}

// failuresOnly passes the engine's records of failures on. Others hold the URLs of
// requests, in which there may be keys.
type failuresOnly struct{ slog.Handler }

// Enabled reports whether a record of a level is passed on.
func (failuresOnly) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelError
}
