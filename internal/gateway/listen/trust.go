package listen

import (
	"crypto/x509"
	"time"

	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// maxPeerCertificates bounds the certificates that a client sends and that are
// looked at.
const maxPeerCertificates = 10

// trust is the authorities of clients' certificates.
type trust struct {
	roots   *x509.CertPool // nil without any
	between []*x509.Certificate
}

// newTrust joins the authorities of files with those of the configuration.
func newTrust(files []*x509.Certificate, configured []hosts.Authority) (t trust) {
	roots := append([]*x509.Certificate(nil), files...)
	for _, a := range configured {
		if a.Trusted {
			roots = append(roots, a.Certificate)
		} else {
			t.between = append(t.between, a.Certificate)
		}
	}
	if len(roots) > 0 {
		t.roots = poolOf(roots)
	}
	return t
}

func poolOf(list []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range list {
		pool.AddCert(c)
	}
	return pool
}

// verify builds the chain from a client's certificate to an authority that is
// trusted with clients, and says whether the certificate is valid now, too. A
// certificate that is not yet valid, or not any more, still has a chain: whether
// its dates count is for policies to say. One that fails does not end the
// handshake.
func (t trust) verify(peer []*x509.Certificate, now time.Time) (chain []*x509.Certificate, valid bool) {
	if len(peer) == 0 || t.roots == nil {
		return nil, false
	}
	leaf := peer[0]
	between := poolOf(t.between)
	for _, c := range peer[1:min(len(peer), maxPeerCertificates)] {
		between.AddCert(c)
	}
	at := now
	switch {
	case now.Before(leaf.NotBefore):
		at = leaf.NotBefore
	case now.After(leaf.NotAfter):
		at = leaf.NotAfter
	}
	chains, err := leaf.Verify(x509.VerifyOptions{Roots: t.roots, Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return nil, false
	}
	return chains[0], at.Equal(now)
}
