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

// nameVerifier connects to backends of whose certificate only the name is
// checked. The engine's own connecting would not say what the name is where it
// is an address.
type nameVerifier struct {
	dialer    *net.Dialer
	transport *http.Transport
}

// dial connects over TLS.
func (v nameVerifier) dial(ctx context.Context, network, address string) (net.Conn, error) {
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
	config.VerifyConnection = func(state tls.ConnectionState) error {
		state.ServerName = host
		return verifyName(state)
	}
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
func verifyName(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errNoCertificate
	}
	if err := state.PeerCertificates[0].VerifyHostname(state.ServerName); err != nil {
		return fmt.Errorf("checking the backend's certificate: %w", err)
	}
	return nil
}

// verifyChain checks the chain of a backend's certificate, whatever its name.
func (m *Manager) verifyChain(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errNoCertificate
	}
	between := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: m.roots, Intermediates: between, CurrentTime: m.clock.Now()})
	if err != nil {
		return fmt.Errorf("checking the backend's certificate: %w", err)
	}
	return nil
}
