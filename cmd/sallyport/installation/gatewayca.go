package installation

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
)

// GatewayAuthorities reads the authorities of separate gateways' certificates.
func GatewayAuthorities(file string) (*x509.CertPool, error) {
	data, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of gateways (--gateway-client-ca): %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("reading the authorities of gateways (--gateway-client-ca): %s holds no certificate in PEM", file)
	}
	return pool, nil
}
