package listen

import (
	"context"
	"crypto/tls"
	"crypto/x509"
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
	return &secure{
		TLS: message.TLS{Version: state.Version, ServerName: state.ServerName,
			PeerCertificates: state.PeerCertificates, Verified: s.verifies(state)},
		covers: s.covers(state.ServerName),
	}
}

// verifies reports whether the certificate that a client has shown is one that
// the configured authorities have issued to clients, and is valid now. A
// certificate that is not does not end the handshake: policies decide.
func (s *Server) verifies(state *tls.ConnectionState) bool {
	if len(state.PeerCertificates) == 0 || s.tls.ClientCAs == nil {
		return false
	}
	between := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: s.tls.ClientCAs, Intermediates: between,
		CurrentTime: s.clock.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err == nil
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
