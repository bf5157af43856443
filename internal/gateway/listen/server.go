package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/sallyport/sallyport/internal/message"
)

// The limits of client connections.
const (
	// HeadTimeout bounds the time to send a request's head.
	HeadTimeout = 10 * time.Second
	// IdleTimeout is how long a connection is kept without a request.
	IdleTimeout = 120 * time.Second
	// MaxHeadBytes bounds a request's head.
	MaxHeadBytes = 64 << 10
	// MaxStreams bounds the concurrent requests of one HTTP/2 connection.
	MaxStreams = 100
	// StreamWindow and ConnectionWindow bound what an HTTP/2 client may send
	// ahead of what is read.
	StreamWindow     = 64 << 10
	ConnectionWindow = 1 << 20
)

// Options is what a server is made of.
type Options struct {
	Handler message.Handler
	// TLS serves HTTPS with HTTP/2 and HTTP/1.1; nil serves plain HTTP/1.1 and
	// HTTP/2 with prior knowledge.
	TLS *tls.Config
	Log *slog.Logger
}

// Server accepts requests on listeners.
type Server struct {
	http *http.Server
	tls  *tls.Config
}

// New makes a server.
func New(o Options) *Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(o.TLS != nil)
	protocols.SetUnencryptedHTTP2(o.TLS == nil)
	return &Server{tls: o.TLS, http: &http.Server{
		Handler:           newEngine(o.Handler),
		TLSConfig:         o.TLS,
		ReadHeaderTimeout: HeadTimeout,
		IdleTimeout:       IdleTimeout,
		MaxHeaderBytes:    MaxHeadBytes,
		Protocols:         protocols,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: MaxStreams, MaxReceiveBufferPerStream: StreamWindow,
			MaxReceiveBufferPerConnection: ConnectionWindow},
		ErrorLog: log.New(engineLog{o.Log}, "", 0),
	}}
}

// Serve accepts connections until Shutdown or Close.
func (s *Server) Serve(l net.Listener) error {
	var err error
	if s.tls != nil {
		err = s.http.ServeTLS(l, "", "")
	} else {
		err = s.http.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving %s: %w", l.Addr(), err)
}

// Shutdown stops accepting and waits for requests under way, until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// Close closes everything at once.
func (s *Server) Close() error { return s.http.Close() }

// engineLog passes the engine's own messages on; they are about single
// connections and matter only when something is being looked for.
type engineLog struct{ log *slog.Logger }

// Write logs one message.
func (l engineLog) Write(p []byte) (int, error) {
	l.log.Debug("connection", slog.String("message", string(p)))
	return len(p), nil
}
