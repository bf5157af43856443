package listen

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// ReloadInterval is how often certificate files are looked at for a change. It
// happens when a client connects, so that nothing runs while none does.
const ReloadInterval = 10 * time.Second

// maxCertificateFile bounds a file with certificates or a key.
const maxCertificateFile = 1 << 20

// TLSFiles names the files that TLS is made of, in PEM.
type TLSFiles struct {
	// Certificate holds the server's certificate, then those between it and its
	// authority; Key its private key. It is what clients get whose name none of
	// More is for.
	Certificate, Key string
	// More holds certificates for other names; a client chooses by SNI.
	More []KeyPair
	// ClientCAs holds the authorities of clients' certificates. Where it is
	// named, clients are asked for a certificate. They need not have one: it is
	// for policies to decide.
	ClientCAs string
	// Clock is the system's where it is nil.
	Clock clock.Clock
	// Log is told of files that cannot be reloaded; it may be nil.
	Log *slog.Logger
}

// KeyPair names the files of a certificate and its private key.
type KeyPair struct{ Certificate, Key string }

// TLSConfig reads the files and returns a configuration that follows their
// changes: only TLS 1.2 and 1.3, only suites with forward secrecy and
// authenticated encryption. Files that have become unreadable change nothing.
func TLSConfig(f TLSFiles) (*tls.Config, error) {
	k := &keyring{files: append([]KeyPair{{f.Certificate, f.Key}}, f.More...), clock: f.Clock, log: f.Log}
	if k.clock == nil {
		k.clock = clock.System()
	}
	if err := k.load(); err != nil {
		return nil, err
	}
	c := baseConfig(k.clock)
	c.GetCertificate = k.certificate
	if f.ClientCAs == "" {
		return c, nil
	}
	list, err := readAuthorities(f.ClientCAs)
	if err != nil {
		return nil, err
	}
	c.ClientAuth, c.ClientCAs = tls.RequestClientCert, poolOf(list)
	return c, nil
}

// baseConfig is what every configuration has, whatever certificate it shows.
func baseConfig(c clock.Clock) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: cipherSuites(), NextProtos: []string{alpnHTTP2, alpnHTTP1}, Time: c.Now,
	}
}

// cipherSuites are those of TLS 1.2; TLS 1.3 has no weak ones.
func cipherSuites() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}

// keyring holds the server's certificates and follows their files.
type keyring struct {
	files   []KeyPair
	clock   clock.Clock
	log     *slog.Logger
	current atomic.Pointer[[]*tls.Certificate]

	mu     sync.Mutex // held while files are looked at
	looked time.Time
	seen   []fileMark
}

// fileMark tells one content of a file from another.
type fileMark struct {
	modified time.Time
	size     int64
}

// certificate chooses the certificate for a client.
func (k *keyring) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.follow()
	if c := k.named(hello.ServerName); c != nil {
		return c, nil
	}
	return (*k.current.Load())[0], nil
}

// named returns the certificate that is for a name, or nil.
func (k *keyring) named(name string) *tls.Certificate {
	if name == "" {
		return nil
	}
	for _, c := range *k.current.Load() {
		if c.Leaf.VerifyHostname(name) == nil {
			return c
		}
	}
	return nil
}

// follow reads the files again if they have changed. One client at a time does
// so; the others go on with what there is.
func (k *keyring) follow() {
	if !k.mu.TryLock() {
		return
	}
	defer k.mu.Unlock()
	if k.clock.Since(k.looked) < ReloadInterval {
		return
	}
	k.looked = k.clock.Now()
	marks, err := k.marks()
	if err == nil && sameMarks(marks, k.seen) {
		return
	}
	if err == nil {
		err = k.read(marks)
	}
	if err != nil && k.log != nil {
		k.log.Warn("the certificate files could not be read again; the certificates from before stay in use", slog.Any("error", err))
	}
}

// load reads the files for the first time.
func (k *keyring) load() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looked = k.clock.Now()
	marks, err := k.marks()
	if err != nil {
		return err
	}
	return k.read(marks)
}

// read reads all pairs, or changes nothing.
func (k *keyring) read(marks []fileMark) error {
	all := make([]*tls.Certificate, 0, len(k.files))
	for _, f := range k.files {
		c, err := readKeyPair(f)
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	k.current.Store(&all)
	k.seen = marks
	return nil
}

// marks looks at the files.
func (k *keyring) marks() ([]fileMark, error) {
	var marks []fileMark
	for _, f := range k.files {
		for _, name := range [...]string{f.Certificate, f.Key} {
			info, err := os.Stat(name)
			if err != nil {
				return nil, fmt.Errorf("reading the TLS certificate: %w", err)
			}
			if info.Size() > maxCertificateFile {
				return nil, fmt.Errorf("reading the TLS certificate: %s is larger than %d bytes", name, maxCertificateFile)
			}
			marks = append(marks, fileMark{info.ModTime(), info.Size()})
		}
	}
	return marks, nil
}

func sameMarks(a, b []fileMark) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].modified.Equal(b[i].modified) || a[i].size != b[i].size {
			return false
		}
	}
	return true
}

// readKeyPair reads a certificate and its key.
func readKeyPair(f KeyPair) (*tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the TLS certificate %s with the key %s: %w", f.Certificate, f.Key, err)
	}
	if c.Leaf == nil {
		if c.Leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return nil, fmt.Errorf("reading the TLS certificate %s: %w", f.Certificate, err)
		}
	}
	return &c, nil
}

// errNoAuthority is the failure of a file without certificates.
var errNoAuthority = errors.New("it holds no certificate in PEM")

// readAuthorities reads the authorities of clients' certificates.
func readAuthorities(name string) ([]*x509.Certificate, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of client certificates: %w", err)
	}
	var list []*x509.Certificate
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading the authorities of client certificates in %s: %w", name, err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("reading the authorities of client certificates in %s: %w", name, errNoAuthority)
	}
	return list, nil
}
