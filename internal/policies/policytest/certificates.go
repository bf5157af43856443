package policytest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
)

// readCertificates reads the certificates of a file in PEM; none where there is
// no such file.
func (b *bench) readCertificates(t *testing.T, name string) []*x509.Certificate {
	t.Helper()
	text, ok := b.files.get(name)
	if !ok {
		return nil
	}
	var list []*x509.Certificate
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return list
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, c)
	}
}

// showCertificate gives a request the client's certificate of the file
// "client.pem", with what was sent along, as the gateway would with the
// authorities of the file "authorities.pem".
func (b *bench) showCertificate(t *testing.T, r *message.Request, suffix string) {
	t.Helper()
	r.TLS = &message.TLS{Version: tls.VersionTLS13, PeerCertificates: b.readCertificates(t, "client.pem"+suffix)}
	if len(r.TLS.PeerCertificates) == 0 {
		return
	}
	roots := x509.NewCertPool()
	for _, c := range b.readCertificates(t, "authorities.pem") {
		roots.AddCert(c)
	}
	leaf := r.TLS.PeerCertificates[0]
	at := leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	chains, err := leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err == nil {
		r.TLS.Chain, r.TLS.Verified = chains[0], !b.clock.Now().Before(leaf.NotBefore) && !b.clock.Now().After(leaf.NotAfter)
	}
}
