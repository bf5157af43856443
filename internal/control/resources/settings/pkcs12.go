package settings

import (
	"crypto"
	"crypto/sha1" // #nosec G505 -- Thumbprints of certificates are SHA-1 by definition.
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// certificateBundle is a certificate that was read, with the archive in which
// gateways get it.
type certificateBundle struct {
	leaf *x509.Certificate
	// archive is a PKCS #12 archive in base64.
	archive string
}

// thumbprint is the SHA-1 of the certificate, in capital letters.
func (b *certificateBundle) thumbprint() string {
	sum := sha1.Sum(b.leaf.Raw) // #nosec G401 -- As above.
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// served says why gateways could not use the certificate.
func (b *certificateBundle) served() error {
	switch b.leaf.PublicKeyAlgorithm {
	case x509.RSA, x509.ECDSA:
		return nil
	default:
		return fmt.Errorf("its private key is of the kind %s, and RSA and ECDSA are served", b.leaf.PublicKeyAlgorithm)
	}
}

// maxCertificate bounds a certificate with its chain, in bytes of base64.
const maxCertificate = 512 << 10

// readCertificate reads a PKCS #12 archive in base64, or PEM, as it is or in
// base64, with a certificate and its private key. Of PEM an archive is made.
func readCertificate(data, password string) (*certificateBundle, error) {
	if len(data) > maxCertificate {
		return nil, fmt.Errorf("it is longer than %d bytes", maxCertificate)
	}
	if strings.Contains(data, pemStart) {
		return readPEM([]byte(data), password)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data), ""))
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	if strings.Contains(string(raw), pemStart) {
		return readPEM(raw, password)
	}
	_, leaf, _, err := pkcs12.DecodeChain(raw, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, errors.New("the password is not that of the archive")
	}
	if err != nil {
		return nil, fmt.Errorf("it is no PKCS #12 archive with one private key: %w", err)
	}
	return &certificateBundle{leaf: leaf, archive: base64.StdEncoding.EncodeToString(raw)}, nil
}

const pemStart = "-----BEGIN "

// readPEM reads the blocks of PEM: the first certificate is the leaf.
func readPEM(data []byte, password string) (*certificateBundle, error) {
	var key crypto.PrivateKey
	var chain []*x509.Certificate
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			parsed, err := parseKey(block)
			if err != nil {
				return nil, err
			}
			key = parsed
		} else if block.Type == "CERTIFICATE" {
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("a certificate in it cannot be read: %w", err)
			}
			chain = append(chain, c)
		}
	}
	if key == nil || len(chain) == 0 {
		return nil, errors.New("the PEM needs a certificate and its private key, without a passphrase")
	}
	archive, err := pkcs12.Modern.Encode(key, chain[0], chain[1:], password)
	if err != nil {
		return nil, fmt.Errorf("its private key cannot be kept: %w", err)
	}
	return &certificateBundle{leaf: chain[0], archive: base64.StdEncoding.EncodeToString(archive)}, nil
}

// parseKey reads a private key in any of the forms of PEM.
func parseKey(block *pem.Block) (crypto.PrivateKey, error) {
	if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	return nil, errors.New("its private key cannot be read; give it without a passphrase")
}
