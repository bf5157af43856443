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

	"github.com/sallyport/sallyport/internal/model"
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

// TestAuthenticationCertificateOfWorkspace finds the certificate of the API's own
// workspace before that of the service.
func TestAuthenticationCertificateOfWorkspace(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	for _, id := range []string{"client", "shared", "workspaces/team/certificates/client"} {
		r.certificates[id] = certificateOf(t, key)
	}
	for _, tt := range []struct {
		name, api, id, want string
	}{
		{"of the service", "apis/echo", "client", "client"},
		{"of the workspace", "workspaces/team/apis/echo", "client", "workspaces/team/certificates/client"},
		{"of the service, in a workspace", "workspaces/team/apis/echo", "shared", "shared"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.mustCompile(t, `<authentication-certificate certificate-id="`+tt.id+`" />`)
			c := r.call("GET", "/echo")
			c.API = &model.API{ID: model.ID(tt.api)}
			if fault := r.run(t, c); fault != nil || c.Destination.Certificate != r.certificates[tt.want] {
				t.Errorf("another certificate was found, %v", fault)
			}
		})
	}
}
