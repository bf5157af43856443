package listen

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"strconv"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// TicketKeyAge is how long new session tickets are made with one key. A key is
// taken for as long again.
const TicketKeyAge = 24 * time.Hour

// sites are the hosts of one table, each with its configuration of TLS.
type sites struct {
	hosts  *Hosts
	table  *hosts.Table
	of     map[*hosts.Host]*site
	others *site // of names that no host has
	trust  trust
}

// site is the configuration of TLS for a host. Session tickets have a key of
// their own, so that a session can be taken up again only where the same host is
// served with the same certificate, the same demand and the same authorities.
type site struct {
	sites     *sites
	host      *hosts.Host // nil for others
	negotiate bool
	seed      []byte
	config    *tls.Config

	mu  sync.Mutex
	day int64 // of the newest key
}

// newSites makes the configurations for a table. Hosts that are as before keep
// their sessions, because their keys are derived from the same things.
func (h *Hosts) newSites(t *hosts.Table) *sites {
	s := &sites{hosts: h, table: t, of: make(map[*hosts.Host]*site, len(t.All())), trust: newTrust(h.clients, t.Authorities())}
	for _, host := range t.All() {
		one := &site{sites: s, host: host, negotiate: host.Negotiate || h.hints != nil}
		one.config = h.siteConfig(host.HTTP2, one.negotiate)
		one.config.GetCertificate = h.shown
		shown := []byte(nil)
		if host.Certificate != nil {
			one.config.GetCertificate, one.config.Certificates = nil, []tls.Certificate{*host.Certificate}
			shown = host.Certificate.Leaf.Raw
		}
		one.seed = seedOf(host.Name, one.negotiate, shown, t)
		s.of[host] = one
	}
	s.others = &site{sites: s, negotiate: h.hints != nil, seed: seedOf("", h.hints != nil, nil, t)}
	s.others.config = h.siteConfig(true, s.others.negotiate)
	s.others.config.GetCertificate = h.shown
	s.others.config.ClientCAs = h.hints // They say which certificates are meant.
	return s
}

// siteConfig is the configuration of a site without its certificate.
func (h *Hosts) siteConfig(http2, negotiate bool) *tls.Config {
	c := h.base.Clone()
	if !http2 {
		c.NextProtos = []string{alpnHTTP1}
	}
	if negotiate {
		// No authorities are named: a client then shows what it has, and policies
		// decide.
		c.ClientAuth = tls.RequestClientCert
	}
	return c
}

// seedOf tells what a session depends on.
func seedOf(name string, negotiate bool, certificate []byte, t *hosts.Table) []byte {
	digest := t.Digest()
	sum := sha256.New()
	sum.Write([]byte(name + "\x00" + strconv.FormatBool(negotiate) + "\x00"))
	sum.Write(digest[:])
	sum.Write(certificate)
	return sum.Sum(nil)
}

// find returns the site for a name: its host's, that of names with a certificate
// of their own, the default host's, or that of others.
func (s *sites) find(name string) *site {
	if host := s.table.Find(name); host != nil {
		return s.of[host]
	}
	d := s.table.Default()
	if d == nil || s.hosts.knows(name) {
		return s.others
	}
	return s.of[d]
}

// current returns the site's configuration with the ticket keys of the day.
func (s *site) current(now time.Time) *tls.Config {
	day := now.UnixNano() / int64(TicketKeyAge)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.day != day {
		s.day = day
		s.config.SetSessionTicketKeys([][32]byte{s.key(day), s.key(day - 1)})
	}
	return s.config
}

// key derives the key of session tickets of one day.
func (s *site) key(day int64) (key [32]byte) {
	derived, err := hkdf.Key(sha256.New, s.sites.hosts.secret[:], s.seed, strconv.FormatInt(day, 10), len(key))
	if err != nil {
		return s.sites.hosts.secret // HKDF does not fail for a key of this length.
	}
	copy(key[:], derived)
	return key
}

// admits reports whether a request for a host may come over a connection to this
// site: not where the host's clients are asked for a certificate and this one's
// are not, nor the other way round; and where the client has shown one, only if
// the host is the site's own.
func (s *site) admits(host string, authenticated bool) bool {
	other := s.sites.find(host)
	return other == s || (!authenticated && other.negotiate == s.negotiate)
}

// shown returns the certificate that clients of a name get.
func (s *site) shown(name string) *x509.Certificate {
	if s.host != nil && s.host.Certificate != nil {
		return s.host.Certificate.Leaf
	}
	c, err := s.sites.hosts.shown(&tls.ClientHelloInfo{ServerName: name})
	if err != nil {
		return nil
	}
	return c.Leaf
}

// secure keeps what requests need to know of a TLS connection.
func (s *sites) secure(state *tls.ConnectionState, now time.Time) *secure {
	one := s.find(state.ServerName)
	known := &secure{
		TLS:  message.TLS{Version: state.Version, ServerName: state.ServerName, PeerCertificates: state.PeerCertificates},
		site: one,
	}
	known.Chain, known.Verified = s.trust.verify(state.PeerCertificates, now)
	known.covers = func(host string) bool {
		leaf := one.shown(state.ServerName)
		return leaf != nil && leaf.VerifyHostname(host) == nil
	}
	return known
}
