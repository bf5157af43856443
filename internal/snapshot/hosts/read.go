package hosts

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// MaxEncoded bounds a certificate with its chain, in bytes of base64.
const MaxEncoded = 512 << 10

// maxChain bounds the certificates of one archive.
const maxChain = 20

// ErrNotBase64 is the failure of a certificate that is no base64.
var ErrNotBase64 = errors.New("it is not base64")

// pemStart begins a block of PEM.
const pemStart = "-----BEGIN "

// unwrap decodes base64. PEM is taken as it is, too.
func unwrap(encoded string) ([]byte, error) {
	if len(encoded) > MaxEncoded {
		return nil, fmt.Errorf("it is longer than %d bytes (MaxEncoded)", MaxEncoded)
	}
	if strings.Contains(encoded, pemStart) {
		return []byte(encoded), nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil || len(raw) == 0 {
		return nil, ErrNotBase64
	}
	return raw, nil
}

// ReadPair reads a certificate with its private key: a PKCS #12 archive or PEM,
// in base64.
func ReadPair(encoded, password string) (*tls.Certificate, error) {
	raw, err := unwrap(encoded)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(raw, []byte(pemStart)) {
		pair, err := tls.X509KeyPair(raw, raw)
		if err != nil {
			return nil, fmt.Errorf("its PEM cannot be used: %w", err)
		}
		return withLeaf(&pair)
	}
	key, leaf, chain, err := pkcs12.DecodeChain(raw, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, errors.New("the password is not that of the archive")
	}
	if err != nil {
		return nil, fmt.Errorf("it is no PKCS #12 archive with one private key: %w", err)
	}
	if err := matches(key, leaf); err != nil {
		return nil, err
	}
	c := &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
	for _, between := range chain {
		c.Certificate = append(c.Certificate, between.Raw)
	}
	if len(c.Certificate) > maxChain {
		return nil, fmt.Errorf("it has more than %d certificates (maxChain)", maxChain)
	}
	return c, nil
}

func withLeaf(c *tls.Certificate) (*tls.Certificate, error) {
	if c.Leaf != nil {
		return c, nil
	}
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	c.Leaf = leaf
	return c, nil
}

// matches checks that a key is one that TLS can use, and the certificate's.
func matches(key any, leaf *x509.Certificate) error {
	switch key.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey:
	default:
		return fmt.Errorf("its private key is of type %T: RSA, ECDSA and Ed25519 are served", key)
	}
	signer, _ := key.(crypto.Signer)
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(leaf.PublicKey) {
		return errors.New("its private key is not that of the certificate")
	}
	return nil
}

// ReadAuthorities reads certificates without private keys: DER, PEM or PKCS #12,
// in base64. A private key in an archive is left where it is.
func ReadAuthorities(encoded, password string) ([]*x509.Certificate, error) {
	raw, err := unwrap(encoded)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(raw, []byte(pemStart)) {
		return readBlocks(raw)
	}
	if c, err := x509.ParseCertificate(raw); err == nil {
		return []*x509.Certificate{c}, nil
	}
	if chain, err := pkcs12.DecodeTrustStore(raw, password); err == nil && len(chain) > 0 {
		return bounded(chain)
	}
	_, leaf, chain, err := pkcs12.DecodeChain(raw, password)
	if err != nil {
		return nil, fmt.Errorf("it is neither a certificate nor a PKCS #12 archive: %w", err)
	}
	return bounded(append([]*x509.Certificate{leaf}, chain...))
}

func bounded(list []*x509.Certificate) ([]*x509.Certificate, error) {
	if len(list) > maxChain {
		return nil, fmt.Errorf("it has more than %d certificates (maxChain)", maxChain)
	}
	return list, nil
}

// readBlocks reads the certificates of PEM.
func readBlocks(raw []byte) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for {
		var block *pem.Block
		if block, raw = pem.Decode(raw); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("a certificate in it cannot be read: %w", err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, errors.New("its PEM has no certificate")
	}
	return bounded(list)
}
