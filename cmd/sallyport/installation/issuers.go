package installation

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/access/oidc"
	"github.com/sallyport/sallyport/internal/control/transfer/document"
)

// Limits of the file of OpenID Connect issuers.
const (
	// MaxIssuersFile bounds the file, in bytes.
	MaxIssuersFile = 1 << 20
	// MaxIssuers bounds the issuers in it.
	MaxIssuers = 50
	// maxAuthorities bounds a file of certificates, in bytes.
	maxAuthorities = 1 << 20
)

// External is an OpenID Connect issuer of a file.
type External struct {
	oidc.Config
	// CA is a file with the authorities of its TLS certificate, in PEM, relative
	// to the file that names it; "" is the system's.
	CA string
	// line is where it stands.
	line int
}

// openIssuers reads the file of issuers and makes what verifies their tokens.
// "" has none.
func openIssuers(file string, names Names, c clock.Clock) ([]access.Verifier, error) {
	if file == "" {
		return nil, nil
	}
	data, err := readBounded(file, MaxIssuersFile)
	if err != nil {
		return nil, fmt.Errorf("reading the OpenID Connect issuers (--oidc): %w", err)
	}
	list, err := ParseIssuers(data, names)
	if err != nil {
		return nil, fmt.Errorf("the OpenID Connect issuers (--oidc): %s:%w", file, err)
	}
	verifiers := make([]access.Verifier, 0, len(list))
	for _, one := range list {
		v, err := one.open(filepath.Dir(file), c)
		if err != nil {
			return nil, fmt.Errorf("the OpenID Connect issuers (--oidc): %s:%d: %w", file, one.line, err)
		}
		verifiers = append(verifiers, v)
	}
	return verifiers, nil
}

// open makes the verifier of an issuer.
func (e *External) open(dir string, c clock.Clock) (*oidc.Verifier, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if e.CA != "" {
		path := e.CA
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		data, err := readBounded(path, maxAuthorities)
		if err != nil {
			return nil, fmt.Errorf("reading the authorities of the issuer %q: %w", e.Name, err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("%s, the ca of the issuer %q, holds no certificate in PEM", path, e.Name)
		}
	}
	// Keys are asked for once an hour: a connection is not worth keeping.
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	return oidc.New(e.Config, transport, c)
}

// readBounded reads a file that has at most limit bytes.
func readBounded(path string, limit int64) (data []byte, err error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err = io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return data, err
}

// ParseIssuers reads the file of issuers: YAML or JSON, an object with the list
// "issuers". What it does not know it refuses. Scopes of roles may be relative
// to the service of names. Errors begin with the line.
func ParseIssuers(data []byte, names Names) ([]External, error) {
	root, err := document.Parse(data)
	if syntax, ok := errors.AsType[*document.SyntaxError](err); ok {
		return nil, fmt.Errorf("%d:%d: %s", max(syntax.Line, 1), max(syntax.Column, 1), syntax.Message)
	}
	if err != nil {
		return nil, fmt.Errorf("1: %w", err)
	}
	r := &issuerReader{names: names}
	list := r.read(root)
	return list, r.err
}
