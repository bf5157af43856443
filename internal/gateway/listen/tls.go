package listen

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
)

// TLSFiles are the files of a TLS configuration.
type TLSFiles struct {
	Certificate string // PEM, the chain
	Key         string // PEM
	ClientCAs   string // PEM; empty: no client certificates are asked for
}

// TLSConfig reads a TLS configuration from files.
func TLSConfig(files TLSFiles) (*tls.Config, error) {
	certificate, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate %s with the key %s: %w", files.Certificate, files.Key, err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
	if files.ClientCAs == "" {
		return c, nil
	}
	pem, err := os.ReadFile(filepath.Clean(files.ClientCAs))
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of client certificates: %w", err)
	}
	c.ClientCAs = x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the authorities of client certificates: %s has no certificate in PEM form", files.ClientCAs)
	}
	c.ClientAuth = tls.VerifyClientCertIfGiven
	return c, nil
}
