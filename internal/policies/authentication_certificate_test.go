package policies

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// certificateOf makes a self-signed certificate of a key.
func certificateOf(t *testing.T, key crypto.Signer) *tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "client"}, NotBefore: rigStart, NotAfter: rigStart.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestAuthenticationCertificateFromBody(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate := certificateOf(t, key)
	file, err := pkcs12.Modern.Encode(key, certificate.Leaf, nil, "secret")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	r.namedValues["pfx"] = base64.StdEncoding.EncodeToString(file)
	for _, tt := range []struct {
		name, attributes string
		want             bool
	}{
		{"with its password", `body="@(Convert.FromBase64String("{{pfx}}"))" password="secret"`, true},
		{"with another password", `body="@(Convert.FromBase64String("{{pfx}}"))" password="guess"`, false},
		{"that is no file", `body="@(Convert.FromBase64String("AAAA"))" password="secret"`, false},
		{"that is no byte array", `body="@("AAAA")" password="secret"`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.mustCompile(t, "<authentication-certificate "+tt.attributes+" />")
			c := r.call("GET", "/echo")
			fault := r.run(t, c)
			got := c.Destination.Certificate
			if (fault == nil) != tt.want || (got != nil) != tt.want {
				t.Fatalf("certificate %v, failure %v; want %v", got, fault, tt.want)
			}
			if tt.want && !bytes.Equal(got.Certificate[0], certificate.Certificate[0]) {
				t.Error("the call has another certificate")
			}
		})
	}
}

func TestAuthenticationCertificate(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	r.certificates["client"] = certificateOf(t, key)
	for _, tt := range []struct {
		name, attributes string
		want             bool
	}{
		{"by id", `certificate-id="client"`, true},
		{"by thumbprint", `thumbprint="client"`, true},
		{"that is not there", `thumbprint="gone"`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.mustCompile(t, "<authentication-certificate "+tt.attributes+" />")
			c := r.call("GET", "/echo")
			fault := r.run(t, c)
			if got := c.Destination.Certificate == r.certificates["client"]; got != tt.want || (fault == nil) != tt.want {
				t.Errorf("certificate %v, failure %v; want %v", got, fault, tt.want)
			}
		})
	}
}
