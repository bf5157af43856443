package settings_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/secret/vault/vaulttest"
)

// newCertificate makes a certificate as a PKCS #12 archive in base64, and as PEM.
func newCertificate(t *testing.T, password string) (archive, text string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "contoso.com"},
		NotBefore: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2035, 3, 17, 21, 55, 7, 0, time.UTC),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	pfx, err := pkcs12.Modern.Encode(key, leaf, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return base64.StdEncoding.EncodeToString(pfx), block("CERTIFICATE", raw) + block("PRIVATE KEY", der)
}

func TestCertificates(t *testing.T) {
	archive, text := newCertificate(t, "pass")
	tests := []struct{ name, data string }{
		{"PKCS #12", archive},
		{"PKCS #12 in lines", archive[:76] + "\r\n" + archive[76:]},
		{"PEM", text},
		{"PEM in base64", base64.StdEncoding.EncodeToString([]byte(text))},
	}
	thumbprints := map[any]bool{}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := resourcestest.New(t, nil)
			made := s.Must(http.MethodPut, "certificates/c", properties(map[string]any{"data": test.data, "password": "pass"}), http.StatusCreated)
			s.Must(http.MethodPut, "certificates/c", properties(map[string]any{"data": test.data, "password": "pass"}), http.StatusOK)
			at(t, made, "properties.subject", "CN=contoso.com")
			at(t, made, "properties.expirationDate", "2035-03-17T21:55:07Z")
			at(t, made, "properties.data", nil)
			at(t, made, "properties.password", nil)
			thumbprints[resourcestest.At(made, "properties.thumbprint")] = true
			if diff := cmp.Diff([]string{"c"}, s.Names("certificates?$filter=expirationDate gt 2035-01-01 and subject eq 'CN=contoso.com'")); diff != "" {
				t.Errorf("the list by date (-want +got):\n%s", diff)
			}
			for path, body := range map[string]string{
				"backends/b":      `{"properties": {"url": "https://b.example/", "protocol": "http", "credentials": {"certificateIds": ["/certificates/c"]}}}`,
				"policies/policy": `{"properties": {"value": "<policies><inbound><authentication-certificate certificate-id=\"C\"/></inbound></policies>"}}`,
			} {
				s.Put(path, body)
				if refused := s.Must(http.MethodDelete, "certificates/c", nil, http.StatusBadRequest); !strings.Contains(fmt.Sprint(refused), "/"+path) {
					t.Errorf("the refusal does not name %s: %v", path, refused)
				}
				s.Must(http.MethodDelete, path, nil, http.StatusOK)
			}
			s.Must(http.MethodDelete, "certificates/c", nil, http.StatusOK)
		})
	}
	if len(thumbprints) != 1 || thumbprints[nil] {
		t.Errorf("one certificate has the thumbprints %v", thumbprints)
	}
}

func TestCertificatesRefused(t *testing.T) {
	archive, text := newCertificate(t, "pass")
	public, _, _ := strings.Cut(text, "-----BEGIN PRIVATE")
	tests := []struct {
		name, data, password, message string
	}{
		{"nothing", "", "", "or keyVault"},
		{"no base64", "****", "", "not base64"},
		{"no archive", "aGVsbG8=", "", "no PKCS #12 archive"},
		{"another password", archive, "other", "password"},
		{"no key", public, "", "private key"},
		{"too long", strings.Repeat("A", 600<<10), "", "longer than"},
	}
	s := resourcestest.New(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			refused := s.Must(http.MethodPut, "certificates/c", properties(map[string]any{"data": test.data, "password": test.password}), http.StatusBadRequest)
			if diff := cmp.Diff([]string{"properties.data"}, resourcestest.Targets(refused)); diff != "" {
				t.Errorf("targets (-want +got):\n%s", diff)
			}
			if !strings.Contains(fmt.Sprint(refused), test.message) {
				t.Errorf("the refusal does not say %q: %v", test.message, refused)
			}
		})
	}
}

// TestCertificateInKeyVault reads a certificate from its vault: an archive or
// PEM; what is none leaves the one before in use.
func TestCertificateInKeyVault(t *testing.T) {
	server := vaulttest.New(t)
	s := resourcestest.NewWith(t, resourcestest.Options{Vault: server.Source(t)})
	archive, _ := newCertificate(t, "")
	_, text := newCertificate(t, "")
	body := `{"properties": {"keyVault": {"identityClientId": "i", "secretIdentifier": "` + vaulttest.URL + `cert"}}}`
	steps := []struct{ name, value, code string }{
		{"nothing", "", "SecretNotFound"},
		{"an archive", archive, "Success"},
		{"PEM", text, "Success"},
		{"PEM again", text, "Success"},
		{"no certificate", "canary", "SecretUnusable"},
	}
	var last any
	for _, step := range steps {
		if step.value != "" {
			server.Set("cert", step.value, "application/x-pkcs12")
		}
		s.Put("certificates/kv", body)
		s.Must(http.MethodPost, "certificates/kv/refreshSecret", nil, http.StatusOK)
		made := s.Get("certificates/kv")
		at(t, made, "properties.keyVault.lastStatus.code", step.code)
		at(t, made, "properties.data", nil)
		got := resourcestest.At(made, "properties.thumbprint")
		changed := step.name == "an archive" || step.name == "PEM"
		if (got != last) != changed && step.name != "nothing" {
			t.Errorf("%s: the thumbprint was %v and is %v", step.name, last, got)
		}
		last = got
	}
	if diff := cmp.Diff([]string{"kv"}, s.Names("certificates?isKeyVaultRefreshFailed=true")); diff != "" {
		t.Errorf("what could not be read (-want +got):\n%s", diff)
	}
	if claimed := server.Claimed(); len(claimed) == 0 || !strings.HasPrefix(claimed[0], "i for ") {
		t.Errorf("signed in as %v", claimed)
	}
}

// TestKeyVaultNotRead keeps references where nothing reads them.
func TestKeyVaultNotRead(t *testing.T) {
	s := resourcestest.New(t, nil)
	made := s.Put("certificates/kv", `{"properties": {"keyVault": {"identityClientId": "i", "secretIdentifier": "https://v.vault.azure.net/secrets/c"}}}`)
	at(t, made, "properties.keyVault.secretIdentifier", "https://v.vault.azure.net/secrets/c")
	at(t, made, "properties.keyVault.lastStatus.code", "NotSupported")
	at(t, s.Must(http.MethodPost, "certificates/kv/refreshSecret", nil, http.StatusOK), "name", "kv")
	if diff := cmp.Diff([]string{"kv"}, s.Names("certificates?isKeyVaultRefreshFailed=true")); diff != "" {
		t.Errorf("what could not be read (-want +got):\n%s", diff)
	}
}
