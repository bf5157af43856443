package main

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
)

// backendAuthorities returns the authorities that backends' certificates are
// checked against: the system's and those of a file. Without a file it is nil,
// which stands for the system's.
func backendAuthorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // No pool of our own is the system's.
	}
	data, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of backends (--backend-ca): %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // A machine without authorities of its own.
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("reading the authorities of backends (--backend-ca): %s holds no certificate in PEM", file)
	}
	return pool, nil
}
