// Package vaulttest runs a key vault for tests: a server that answers
// Microsoft's client as Azure Key Vault does, over TLS, with its challenge, its
// versions and its errors.
package vaulttest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/secret/vault/azure"
)

// Host is the vault's name, and URL where its secrets are.
const (
	Host = "contoso.vault.azure.net"
	URL  = "https://" + Host + "/secrets/"
)

// token is what the vault wants to see.
const token = "vault-token"

// Server is a vault.
type Server struct {
	// Address is where it listens, and Roots what checks its certificate, which
	// is for Host and for localhost.
	Address string
	Roots   *x509.CertPool

	mu      sync.Mutex
	secrets map[string][]version
	refusal int
	asked   int
	claimed []string
}

// version is one version of a secret.
type version struct{ id, value, contentType string }

// New runs a vault until the test ends.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{secrets: map[string][]version{}, Roots: x509.NewCertPool()}
	certificate, err := selfSigned(Host, "localhost")
	if err != nil {
		t.Fatal(err)
	}
	s.Roots.AddCert(certificate.Leaf)
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // Readers that end hang up.
	server.StartTLS()
	t.Cleanup(server.Close)
	s.Address = server.Listener.Addr().String()
	return s
}

// selfSigned makes a certificate for hosts that is its own authority.
func selfSigned(hosts ...string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// Source reads from the vault, as from one of Azure's.
func (s *Server) Source(t testing.TB) vault.Source {
	t.Helper()
	r := azure.New(s.Options())
	t.Cleanup(r.Close)
	return vault.Sources{"https": r}
}

// Options are those of a reader whose connections all lead to the vault.
func (s *Server) Options() azure.Options {
	return azure.Options{
		Roots: s.Roots, RetryPause: time.Millisecond,
		Credential: func(identity string) (azcore.TokenCredential, error) {
			return credential{s, identity}, nil
		},
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, s.Address)
		},
	}
}

// credential signs in to the vault.
type credential struct {
	s        *Server
	identity string
}

// GetToken returns the vault's token, and notes for what it was asked.
func (c credential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.claimed = append(c.s.claimed, c.identity+" for "+strings.Join(o.Scopes, " "))
	return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// Set gives a secret a new version, and returns its id.
func (s *Server) Set(name, value, contentType string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := fmt.Sprintf("%032x", len(s.secrets[name])+1)
	s.secrets[name] = append(s.secrets[name], version{id, value, contentType})
	return id
}

// Refuse makes the vault answer with a status, until it is 0 again.
func (s *Server) Refuse(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = status
}

// Asked returns how often a secret was asked for with a token.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Claimed are the tokens that were asked for: "IDENTITY for SCOPE".
func (s *Server) Claimed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.claimed...)
}

// serve answers as a vault does.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+token {
		w.Header().Set("WWW-Authenticate",
			`Bearer authorization="https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111", resource="https://vault.azure.net"`)
		fail(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.refusal != 0 {
		codes := map[int]string{403: "Forbidden", 429: "Throttled", 503: "ServiceUnavailable"}
		if s.refusal == http.StatusFound {
			w.Header().Set("Location", "https://"+Host+"/elsewhere")
		}
		fail(w, s.refusal, codes[s.refusal])
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 2 || parts[0] != "secrets" || r.URL.Query().Get("api-version") == "" {
		fail(w, http.StatusBadRequest, "BadParameter")
		return
	}
	for _, one := range slices.Backward(s.secrets[parts[1]]) {
		if len(parts) == 3 && parts[2] != one.id {
			continue
		}
		w.Header().Set("Content-Type", "application/json")
		answer(w, map[string]any{
			"value": one.value, "contentType": one.contentType, "id": URL + parts[1] + "/" + one.id,
			"attributes": map[string]any{"enabled": true, "created": 1, "updated": 1},
		})
		return
	}
	fail(w, http.StatusNotFound, "SecretNotFound")
}

// fail answers an error as a vault does.
func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	answer(w, map[string]any{"error": map[string]any{"code": code, "message": "the vault's own words"}})
}

// answer writes a body. A client that has gone away gets nothing.
func answer(w http.ResponseWriter, body map[string]any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // It is made of texts and numbers.
	}
	_, _ = w.Write(text)
}
