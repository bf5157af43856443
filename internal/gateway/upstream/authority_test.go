package upstream

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// authority issues certificates.
type authority struct {
	tls.Certificate
	t testing.TB
}

// issue makes a certificate of the authority, or one that is its own where the
// authority is nil. edit may change it before it is signed.
func (a *authority) issue(tb testing.TB, name string, edit func(*x509.Certificate)) *authority {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		tb.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	if edit != nil {
		edit(c)
	}
	parent, signer := c, any(key)
	if a != nil {
		parent, signer = a.Leaf, a.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		tb.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return &authority{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, tb}
}

// asAuthority lets a certificate issue others.
func asAuthority(c *x509.Certificate) {
	c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
	c.IPAddresses, c.ExtKeyUsage = nil, nil
}

// pool is the authorities as a pool.
func pool(list ...*authority) *x509.CertPool {
	p := x509.NewCertPool()
	for _, a := range list {
		p.AddCert(a.Leaf)
	}
	return p
}

// table is a configuration with these authorities.
func table(trusted []*authority, between ...*authority) *hosts.Table {
	var all []hosts.Authority
	for _, a := range trusted {
		all = append(all, hosts.Authority{Certificate: a.Leaf, Trusted: true})
	}
	for _, a := range between {
		all = append(all, hosts.Authority{Certificate: a.Leaf})
	}
	return hosts.NewTable(nil, all)
}

// adopt gives the manager a configuration with these client certificates.
func (g *rig) adopt(t *hosts.Table, certificates map[string]*tls.Certificate) {
	g.certificates = certificates
	g.manager.Adopt(t, func(yield func(string, *tls.Certificate) bool) {
		for id, c := range certificates {
			if !yield(id, c) {
				return
			}
		}
	})
}
