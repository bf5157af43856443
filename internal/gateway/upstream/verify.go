package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// errNoCertificate is the failure of a backend that shows no certificate.
var errNoCertificate = errors.New("the backend shows no certificate")

// verification checks the certificate of a backend with that host.
type verification func(state tls.ConnectionState, host string) error

// verifier returns what checks the certificates of a way; nil where the engine's
// own check does.
func (m *Manager) verifier(w way, t *trust) verification {
	switch {
	case w.skipChain && w.skipName:
		return nil
	case w.skipChain:
		return verifyName
	case w.skipName:
		return func(state tls.ConnectionState, _ string) error { return m.verifyChain(state, t) }
	case len(t.between) > 0:
		return func(state tls.ConnectionState, host string) error {
			return errors.Join(verifyName(state, host), m.verifyChain(state, t))
		}
	}
	return nil
}

// verifyingDialer connects to backends whose certificates are not checked by the
// engine: its own connecting would not say what the name is where it is an
// address.
type verifyingDialer struct {
	dialer    *net.Dialer
	transport *http.Transport
	verify    verification
}

// dial connects over TLS.
func (v verifyingDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", address, err)
	}
	raw, err := v.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	config := v.transport.TLSClientConfig.Clone()
	config.ServerName = host
	config.VerifyConnection = func(state tls.ConnectionState) error { return v.verify(state, host) }
	c := tls.Client(raw, config)
	ctx, cancel := context.WithTimeout(ctx, HandshakeTimeout)
	defer cancel()
	if err := c.HandshakeContext(ctx); err != nil {
		_ = raw.Close() // The handshake's failure is what is reported.
		return nil, err
	}
	return c, nil
}

// verifyName checks the name in a backend's certificate and nothing else.
func verifyName(state tls.ConnectionState, host string) error {
	if len(state.PeerCertificates) == 0 {
		return errNoCertificate
	}
	if err := state.PeerCertificates[0].VerifyHostname(host); err != nil {
		return fmt.Errorf("checking the backend's certificate: %w", err)
	}
	return nil
}

// verifyChain checks the chain of a backend's certificate, whatever its name.
func (m *Manager) verifyChain(state tls.ConnectionState, t *trust) error {
	if len(state.PeerCertificates) == 0 {
		return errNoCertificate
	}
	between := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	for _, c := range t.between {
		between.AddCert(c)
	}
	o := x509.VerifyOptions{Roots: t.roots, Intermediates: between, CurrentTime: m.clock.Now()}
	if _, err := state.PeerCertificates[0].Verify(o); err != nil {
		return fmt.Errorf("checking the backend's certificate: %w", err)
	}
	return nil
}
