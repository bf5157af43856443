package installation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The files of the management API's own certificate, below the data folder.
const (
	AuthorityFile   = "tls/ca.pem"
	authorityKey    = "tls/ca.key"
	certificateFile = "tls/management.pem"
	certificateKey  = "tls/management.key"
)

// How long the certificates last, and how long before their end a new one is
// made at a start.
const (
	authorityLife   = 10 * 365 * 24 * time.Hour
	certificateLife = 397 * 24 * time.Hour // The most that some clients accept.
	renewBefore     = 30 * 24 * time.Hour
)

// Permissions of what is secret, and of what is not.
const (
	secretFile = 0o600
	publicFile = 0o644
	folderMode = 0o700
)

// Certificate returns the certificate with which the management API answers
// where it is given none: one of an authority of this installation's own, both
// made at the first start. Clients trust DATA/tls/ca.pem.
func Certificate(data string, hosts []string, now time.Time) (tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(data, certificateFile), filepath.Join(data, certificateKey))
	if err == nil && serves(&pair, hosts, now) {
		return pair, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tls.Certificate{}, fmt.Errorf("reading the management API's certificate: %w", err)
	}
	authority, err := authority(data, now)
	if err != nil {
		return tls.Certificate{}, err
	}
	if err := issue(data, authority, hosts, now); err != nil {
		return tls.Certificate{}, err
	}
	pair, err = tls.LoadX509KeyPair(filepath.Join(data, certificateFile), filepath.Join(data, certificateKey))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading the management API's certificate: %w", err)
	}
	return pair, nil
}

// serves reports whether a certificate is good for all hosts, for a while.
func serves(pair *tls.Certificate, hosts []string, now time.Time) bool {
	if now.Add(renewBefore).After(pair.Leaf.NotAfter) {
		return false
	}
	for _, host := range hosts {
		if pair.Leaf.VerifyHostname(host) != nil {
			return false
		}
	}
	return true
}

// signer is a certificate with its private key.
type signer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// authority reads the installation's authority, or makes one.
func authority(data string, now time.Time) (*signer, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(data, AuthorityFile), filepath.Join(data, authorityKey))
	if err == nil {
		key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
		if !ok {
			return nil, fmt.Errorf("the key in %s is not one that this program made", filepath.Join(data, authorityKey))
		}
		return &signer{pair.Leaf, key}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the installation's certificate authority: %w", err)
	}
	template := &x509.Certificate{
		Subject:  pkix.Name{CommonName: "Sallyport management authority"},
		NotAfter: now.Add(authorityLife), IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a certificate authority: %w", err)
	}
	if err := write(data, AuthorityFile, authorityKey, template, &signer{template, key}, key, now); err != nil {
		return nil, err
	}
	return authority(data, now)
}

// issue makes the certificate for the hosts.
func issue(data string, by *signer, hosts []string, now time.Time) error {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "Sallyport management API"}, NotAfter: now.Add(certificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making a certificate: %w", err)
	}
	return write(data, certificateFile, certificateKey, template, by, key, now)
}

// backdate lets clients whose clock is a little behind accept a new certificate.
const backdate = time.Hour

// serialBits is the length of the random serial number.
const serialBits = 127

// write signs a certificate and writes it and its key, the key first.
func write(data, file, keyFile string, template *x509.Certificate, by *signer, key *ecdsa.PrivateKey, now time.Time) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		return fmt.Errorf("making a certificate: %w", err)
	}
	template.SerialNumber, template.NotBefore = serial, now.Add(-backdate)
	der, err := x509.CreateCertificate(rand.Reader, template, by.certificate, &key.PublicKey, by.key)
	if err != nil {
		return fmt.Errorf("making a certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("making a certificate: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Join(data, file)), folderMode); err != nil {
		return fmt.Errorf("making the folder for certificates: %w", err)
	}
	for _, one := range []struct {
		name string
		mode fs.FileMode
		pem  []byte
	}{
		{keyFile, secretFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})},
		{file, publicFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})},
	} {
		if err := os.WriteFile(filepath.Join(data, one.name), one.pem, one.mode); err != nil {
			return fmt.Errorf("writing a certificate: %w", err)
		}
	}
	return nil
}
