package hosts

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"
)

// forms are a certificate in all its forms, by what they are called.
func forms(t *testing.T) (pairs, authorities map[string]string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	archive := func(key any) string {
		data, err := pkcs12.Modern.Encode(key, leaf, []*x509.Certificate{leaf}, "p")
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(data)
	}
	store, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{leaf}, "p")
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	both := block + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	in64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	pairs = map[string]string{
		"archive": archive(key), "archive in lines": strings.ReplaceAll(archive(key), "M", "M\r\n"), "PEM": both, "PEM in base64": in64(both),
		"!another key": archive(other), "!PEM without a key": block, "!no base64": "***", "!garbage": in64("garbage"), "!empty": "",
		"!too long": strings.Repeat("A", MaxEncoded+4),
	}
	authorities = map[string]string{
		"DER": base64.StdEncoding.EncodeToString(raw), "PEM": block, "PEM in base64": in64(block), "trust store": base64.StdEncoding.EncodeToString(store),
		"archive": archive(key), "!no base64": "***", "!garbage": in64("garbage"), "!PEM of something else": in64("-----BEGIN X-----\nAAAA\n-----END X-----\n"),
		"!too many": strings.Repeat(block, maxChain+1),
	}
	return pairs, authorities
}

func TestRead(t *testing.T) {
	pairs, authorities := forms(t)
	for name, encoded := range pairs {
		if c, err := ReadPair(encoded, "p"); (err != nil) != strings.HasPrefix(name, "!") || (err == nil && c.Leaf == nil) {
			t.Errorf("pair, %s: %v", name, err)
		}
	}
	for name, encoded := range authorities {
		if list, err := ReadAuthorities(encoded, "p"); (err != nil) != strings.HasPrefix(name, "!") || (err == nil && len(list) == 0) {
			t.Errorf("authorities, %s: %v", name, err)
		}
	}
	if _, err := ReadPair(pairs["archive"], "wrong"); err == nil || !strings.Contains(err.Error(), "password") {
		t.Errorf("a wrong password: %v", err)
	}
	if _, err := ReadPair("***", ""); !errors.Is(err, ErrNotBase64) {
		t.Errorf("no base64: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("***", "")
	f.Add("MIIC", "p")
	f.Add("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "")
	f.Fuzz(func(t *testing.T, encoded, password string) {
		if c, err := ReadPair(encoded, password); err == nil && c == nil {
			t.Error("no certificate and no error")
		}
		if list, err := ReadAuthorities(encoded, password); err == nil && len(list) == 0 {
			t.Error("no certificate and no error")
		}
	})
}
