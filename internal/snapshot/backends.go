package snapshot

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // A thumbprint is a name and protects nothing.
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
)

// buildBackends indexes the backends.
func (b *build) buildBackends() {
	for _, r := range b.byKind[model.KindBackend] {
		m, ok := r.(*model.Backend)
		if !ok {
			continue
		}
		if strings.HasPrefix(strings.ToLower(m.URL), "fabric:") {
			// It is kept, and cannot be called: policies that name it are refused.
			b.warnf(m.ID, "url: services of Service Fabric are not called by this gateway")
			continue
		}
		if !m.IsPool() {
			if _, err := message.ParseURL(m.URL); err != nil {
				b.failf(m.ID, "url: %s", err)
				continue
			}
		}
		b.out.backends[foldID(m.ID.String())] = m
	}
}

// buildCertificates opens the certificates, and indexes them by id and by
// thumbprint.
func (b *build) buildCertificates() {
	certificates := map[string]*host.Certificate{}
	for _, r := range b.byKind[model.KindCertificate] {
		m, ok := r.(*model.Certificate)
		if !ok || m.Data == "" {
			continue
		}
		c, err := b.certificate(m)
		if err != nil {
			b.failf(m.ID, "data: %s", err)
			continue
		}
		sum := sha1.Sum(c.Leaf.Raw) //nolint:gosec // A thumbprint is a name and protects nothing.
		b.out.certs[foldID(m.ID.String())] = c
		b.out.certs[hex.EncodeToString(sum[:])] = c
		certificates[m.ID.Name()] = &host.Certificate{Leaf: c.Leaf, Key: c.PrivateKey}
	}
	deployment := b.settings.Deployment
	deployment.Certificates = certificates
	b.out.deployment, b.out.static = &deployment, &host.Static{Deployment: &deployment}
}

// certificate opens a PKCS #12 archive, or takes it from the previous snapshot.
func (b *build) certificate(m *model.Certificate) (*tls.Certificate, error) {
	if b.unchanged(m) {
		if c := b.previous.certs[foldID(m.ID.String())]; c != nil {
			return c, nil
		}
	}
	return openCertificate(m.Data, m.Password)
}

// openCertificate opens a PKCS #12 archive in base64.
func openCertificate(data, password string) (*tls.Certificate, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(data))
	if err != nil {
		return nil, fmt.Errorf("reading base64: %w", err)
	}
	key, leaf, chain, err := pkcs12.DecodeChain(raw, password)
	if err != nil {
		return nil, fmt.Errorf("opening the PKCS #12 archive: %w", err)
	}
	switch key.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey:
	default:
		return nil, fmt.Errorf("the private key is of type %T: RSA and ECDSA are served", key)
	}
	c := &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
	for _, ca := range chain {
		c.Certificate = append(c.Certificate, ca.Raw)
	}
	return c, nil
}
