package hosts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// acmeFolder is the folder below --data with accounts, certificates and their
// private keys. Only the user of the process may read it.
const acmeFolder = "acme"

// issuer gets certificates from an ACME authority and renews them. An authority
// that does not answer is tried again, with growing pauses, for as long as the
// process runs; until then the certificates from before are shown.
type issuer struct {
	names  []string
	cache  *certmagic.Cache
	magic  *certmagic.Config
	acme   *certmagic.ACMEIssuer
	log    *slog.Logger
	ctx    context.Context //nolint:containedctx // It ends with close.
	cancel context.CancelFunc

	mu    sync.Mutex
	ready map[string]bool // names whose certificate has been got or loaded
}

// newIssuer prepares ACME; it is nil where no host asks for it. Certificates that
// are kept are loaded, without the network.
func newIssuer(o Options) (*issuer, error) {
	if len(o.ACME.Hosts) == 0 {
		return nil, nil //nolint:nilnil // No names are no ACME.
	}
	roots, err := directoryRoots(o.ACME.CA)
	if err != nil {
		return nil, err
	}
	i := &issuer{names: o.ACME.Hosts, log: o.Log, ready: map[string]bool{}}
	i.ctx, i.cancel = context.WithCancel(context.Background())
	log := zap.New(&logCore{log: o.Log})
	i.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return i.magic, nil }, Logger: log,
	})
	i.magic = certmagic.New(i.cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: filepath.Join(o.Data, acmeFolder)}, Logger: log, OnEvent: i.event,
		// To staple means to ask the authority before a certificate can be shown.
		OCSP: certmagic.OCSPConfig{DisableStapling: true},
	})
	i.acme = certmagic.NewACMEIssuer(i.magic, certmagic.ACMEIssuer{
		CA: o.ACME.Directory, Email: o.ACME.Email, Agreed: true, TrustedRoots: roots, Logger: log,
	})
	i.magic.Issuers = []certmagic.Issuer{i.acme}
	for _, name := range i.names {
		if _, err := i.magic.CacheManagedCertificate(i.ctx, name); err != nil {
			o.Log.Info("there is no certificate yet; the ACME authority will be asked", slog.String("host", name))
		}
	}
	return i, nil
}

// directoryRoots reads the authorities of the directory's certificate; nil is the
// system's.
func directoryRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // No pool of our own is the system's.
	}
	data, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of the ACME directory (--acme-ca): %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("reading the authorities of the ACME directory (--acme-ca): %s holds no certificate in PEM", file)
	}
	return pool, nil
}

// start begins to get and to renew, with the listeners at two addresses.
func (i *issuer) start(http, https string) {
	host, port := split(http)
	i.acme.DisableHTTPChallenge, i.acme.AltHTTPPort = port == 0, port
	tlsHost, tlsPort := split(https)
	i.acme.DisableTLSALPNChallenge, i.acme.AltTLSALPNPort = tlsPort == 0, tlsPort
	// The listeners are there already: what answers a challenge finds that their
	// ports are taken, and leaves the answer to them.
	if i.acme.ListenHost = tlsHost; tlsPort == 0 {
		i.acme.ListenHost = host
	}
	if err := i.magic.ManageAsync(i.ctx, i.names); err != nil {
		i.magic.Logger.Error("getting certificates", zap.Error(err))
	}
}

// split returns the host and the port of an address.
func split(address string) (host string, port int) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0
	}
	port, _ = strconv.Atoi(text) // The listener's own.
	return host, port
}

// event is told of certificates that were got.
func (i *issuer) event(_ context.Context, event string, data map[string]any) error {
	if event == "cert_obtained" {
		i.log.Info("got a certificate from the ACME authority", slog.Any("host", data["identifier"]), slog.Any("renewal", data["renewal"]))
		return nil
	}
	list, ok := data["sans"].([]string)
	if event != "cached_managed_cert" || !ok {
		return nil
	}
	i.mu.Lock()
	for _, name := range list {
		i.ready[strings.ToLower(name)] = true
	}
	i.mu.Unlock()
	return nil
}

// Has reports whether there is a certificate for a name.
func (i *issuer) Has(name string) bool {
	if name == "" {
		return false
	}
	name = strings.ToLower(name)
	if _, mine := slices.BinarySearch(i.names, name); !mine {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.ready[name]
}

// Certificate returns the certificate for a client, or the answer to a challenge.
func (i *issuer) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c, err := i.magic.GetCertificate(hello)
	if err != nil {
		return nil, fmt.Errorf("choosing a certificate that was got with ACME: %w", err)
	}
	return c, nil
}

// leaves are the certificates that are there.
func (i *issuer) leaves() []*x509.Certificate {
	if i == nil {
		return nil
	}
	var list []*x509.Certificate
	for _, name := range i.names {
		for _, c := range i.cache.AllMatchingCertificates(name) {
			if c.Leaf != nil {
				list = append(list, c.Leaf)
			}
		}
	}
	return list
}

// close ends what runs in the background.
func (i *issuer) close() error {
	if i == nil {
		return nil
	}
	i.cancel()
	i.cache.Stop()
	return nil
}
