package upstream

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// errNoCertificate is the failure of a backend that shows no certificate.
var errNoCertificate = errors.New("the backend shows no certificate")

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
