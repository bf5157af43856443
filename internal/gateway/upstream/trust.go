package upstream

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"iter"

	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// trust is what backends' certificates are checked against. It does not change.
type trust struct {
	// roots end a chain; nil is the system's.
	roots *x509.CertPool
	// between only help to build chains.
	between []*x509.Certificate
	// digest is zero where the configuration adds nothing: it tells ways to
	// connect apart.
	digest [sha256.Size]byte
}

// identity names a client certificate with its chain.
type identity [sha256.Size]byte

// identityOf returns the identity of a client certificate.
func identityOf(c *tls.Certificate) identity {
	if len(c.Certificate) == 1 {
		return sha256.Sum256(c.Certificate[0])
	}
	h := sha256.New()
	for _, der := range c.Certificate {
		h.Write(der)
	}
	var id identity
	h.Sum(id[:0])
	return id
}

// Adopt takes over what a configuration says of all connections to backends: the
// authorities whose certificates are trusted, beside those that the manager was
// made with, and the client certificates. Idle connections that were made with
// others end at once, those in use when their exchange does; no call fails for
// it. It is called before requests are served from the configuration.
func (m *Manager) Adopt(table *hosts.Table, certificates iter.Seq2[string, *tls.Certificate]) {
	m.adopting.Lock()
	defer m.adopting.Unlock()
	next := m.trustOf(table)
	if next.digest != m.trust.Load().digest {
		m.trust.Store(next)
	}
	now := map[identity]bool{}
	for _, c := range certificates {
		now[identityOf(c)] = true
	}
	// Certificates that policies bring along are in no configuration: only those
	// that were in the one before may go.
	gone := func(w way) bool {
		return w.trust != next.digest || w.hasClientTLS && m.adopted[w.certificate] && !now[w.certificate]
	}
	m.retire(gone)
	m.adopted = now
}

// trustOf adds the authorities of a configuration to the manager's own.
func (m *Manager) trustOf(table *hosts.Table) *trust {
	if table == nil || len(table.Authorities()) == 0 {
		return &trust{roots: m.roots}
	}
	t := &trust{digest: table.Digest()}
	if m.roots != nil {
		t.roots = m.roots.Clone()
	} else if system, err := x509.SystemCertPool(); err == nil {
		t.roots = system
	} else {
		t.roots = x509.NewCertPool() // A machine without authorities of its own.
	}
	for _, a := range table.Authorities() {
		if a.Trusted {
			t.roots.AddCert(a.Certificate)
		} else {
			t.between = append(t.between, a.Certificate)
		}
	}
	return t
}
