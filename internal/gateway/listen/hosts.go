package listen

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// alpnACME is the protocol of the challenge TLS-ALPN-01 (RFC 8737).
const alpnACME = "acme-tls/1"

// Issued has certificates that were issued to the gateway itself.
type Issued interface {
	// Has reports whether a certificate for a name is there.
	Has(name string) bool
	// Certificate returns the certificate for a client, or the answer to a
	// challenge where the client only speaks that protocol.
	Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error)
}

// HostsOptions is what certificates are chosen from.
type HostsOptions struct {
	// Files are shown where nothing else is; without a name there are none.
	Files TLSFiles
	// Issued may be nil.
	Issued Issued
	// Clock is the system's where it is nil.
	Clock clock.Clock
	// Log may be nil.
	Log *slog.Logger
}

// Hosts chooses the certificate for each client by the host that it names, from
// a table that is exchanged while connections are served. It is safe for
// concurrent use.
type Hosts struct {
	clock   clock.Clock
	issued  Issued
	files   *keyring            // nil without files
	clients []*x509.Certificate // authorities of files
	hints   *x509.CertPool      // the same
	base    *tls.Config
	secret  [32]byte
	sites   atomic.Pointer[sites]
}

// NewHosts reads the files and begins with an empty table.
func NewHosts(o HostsOptions) (*Hosts, error) {
	h := &Hosts{clock: o.Clock, issued: o.Issued}
	if h.clock == nil {
		h.clock = clock.System()
	}
	if o.Files.Certificate != "" {
		h.files = &keyring{files: append([]KeyPair{{o.Files.Certificate, o.Files.Key}}, o.Files.More...), clock: h.clock, log: o.Log}
		if err := h.files.load(); err != nil {
			return nil, err
		}
	}
	if o.Files.ClientCAs != "" {
		list, err := readAuthorities(o.Files.ClientCAs)
		if err != nil {
			return nil, err
		}
		h.clients, h.hints = list, poolOf(list)
	}
	if _, err := rand.Read(h.secret[:]); err != nil {
		return nil, fmt.Errorf("making the key of session tickets: %w", err)
	}
	h.base = baseConfig(h.clock)
	h.Use(hosts.NewTable(nil, nil))
	return h, nil
}

// Use makes a table the one that new connections are served by. Those that are
// open stay open, and tickets of sessions that were begun with another
// certificate, another demand or other authorities are not taken any more.
func (h *Hosts) Use(t *hosts.Table) { h.sites.Store(h.newSites(t)) }

// Config returns the configuration of a listener. It follows Use.
func (h *Hosts) Config() *tls.Config {
	c := h.base.Clone()
	c.GetConfigForClient = h.configFor
	c.GetCertificate = h.shown // Without it there is no listening.
	return c
}

// Serves reports whether there is a certificate for anyone.
func (h *Hosts) Serves() bool {
	return h.files != nil || h.issued != nil || h.sites.Load().table.HasCertificates()
}

// FileLeaves returns the certificates of files, as they are now.
func (h *Hosts) FileLeaves() []*x509.Certificate {
	if h.files == nil {
		return nil
	}
	h.files.follow()
	var leaves []*x509.Certificate
	for _, c := range *h.files.current.Load() {
		leaves = append(leaves, c.Leaf)
	}
	return leaves
}

// configFor chooses the configuration for a client.
func (h *Hosts) configFor(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	if h.issued != nil && slices.Equal(hello.SupportedProtos, []string{alpnACME}) {
		c := h.base.Clone()
		c.NextProtos, c.GetCertificate = []string{alpnACME}, h.issued.Certificate
		return c, nil
	}
	return h.sites.Load().find(hello.ServerName).current(h.clock.Now()), nil
}

// errNoCertificate is the failure of a handshake without a certificate.
var errNoCertificate = errors.New("there is no certificate for the host name, and none for unknown ones")

// shown returns the certificate for a client of no host of the table with a
// certificate.
func (h *Hosts) shown(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if h.issued != nil && h.issued.Has(hello.ServerName) {
		if c, err := h.issued.Certificate(hello); err == nil {
			return c, nil
		}
	}
	if h.files != nil {
		h.files.follow()
		if c := h.files.named(hello.ServerName); c != nil {
			return c, nil
		}
	}
	if d := h.sites.Load().table.Default(); d != nil && d.Certificate != nil {
		return d.Certificate, nil
	}
	if h.files != nil {
		return (*h.files.current.Load())[0], nil
	}
	return nil, errNoCertificate
}

// knows reports whether a name has a certificate outside of the table.
func (h *Hosts) knows(name string) bool {
	return (h.issued != nil && h.issued.Has(name)) || (h.files != nil && h.files.named(name) != nil)
}
