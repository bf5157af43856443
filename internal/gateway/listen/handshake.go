package listen

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1/server"
	"github.com/sallyport/sallyport/internal/message"
)

// The protocols of ALPN.
const (
	alpnHTTP2 = "h2"
	alpnHTTP1 = "http/1.1"
)

// handshake ends TLS on a connection and serves the clear text, or hands it to
// the engine of HTTP/2.
func (s *Server) handshake(raw net.Conn, in *incoming) {
	c := tls.Server(raw, s.tls)
	// The deadline is the socket's; one that has been closed fails the handshake.
	_ = raw.SetDeadline(time.Now().Add(HandshakeTimeout))
	if err := c.HandshakeContext(context.Background()); err != nil {
		s.log.Debug("TLS handshake failed", slog.String("client", raw.RemoteAddr().String()), slog.Any("error", err))
		_ = raw.Close() // There is no one to tell.
		s.forget(raw)
		return
	}
	_ = raw.SetDeadline(time.Time{}) // As above.
	state := c.ConnectionState()
	if state.NegotiatedProtocol == alpnACME {
		_ = c.Close() // The handshake was all that was wanted.
		s.forget(raw)
		return
	}
	known := s.secureOf(&state)
	if state.NegotiatedProtocol == alpnHTTP2 {
		in.push(s.newConn(raw, c, known, nil))
		return
	}
	s.http1.Serve(server.Connection{
		Net: c, Socket: raw, TLS: &known.TLS, Serves: known.serves, AltSvc: s.alt.value, Ended: func() { s.forget(raw) },
	})
}

// secureOf keeps what requests need to know of a TLS connection.
func (s *Server) secureOf(state *tls.ConnectionState) *secure {
	if s.hosts != nil {
		return s.hosts.sites.Load().secure(state, s.clock.Now())
	}
	known := &secure{
		TLS:    message.TLS{Version: state.Version, ServerName: state.ServerName, PeerCertificates: state.PeerCertificates},
		covers: s.covers(state.ServerName),
	}
	known.Chain, known.Verified = trust{roots: s.tls.ClientCAs}.verify(state.PeerCertificates, s.clock.Now())
	return known
}

// covers returns a function that says which hosts the server's certificate is
// for that was shown to a client.
func (s *Server) covers(name string) func(string) bool {
	var shown *tls.Certificate
	switch {
	case s.tls.GetCertificate != nil:
		shown, _ = s.tls.GetCertificate(&tls.ClientHelloInfo{ServerName: name}) // The handshake has had one.
	case len(s.tls.Certificates) > 0:
		shown = &s.tls.Certificates[0]
	}
	if shown == nil || shown.Leaf == nil {
		return func(string) bool { return false }
	}
	leaf := shown.Leaf
	return func(host string) bool { return leaf.VerifyHostname(host) == nil }
}
