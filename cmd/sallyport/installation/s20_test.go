package installation

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/secret/vault/vaulttest"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// canary begins every secret that the test writes. It stands in no other text.
const canary = "canary-7f3a"

// secretBody is a write that holds a secret.
type secretBody struct {
	path, body string
	shown      bool
}

// secretBodies are writes that hold secrets, by path. Those of which readers may
// see the secret, as API Management shows it, are in shown.
var secretBodies = []secretBody{
	{"namedValues/s", `{"properties":{"displayName":"s","secret":true,"value":"canary-7f3a-named"}}`, false},
	{"subscriptions/s", `{"properties":{"displayName":"s","scope":"/apis","primaryKey":"canary-7f3a-primary","secondaryKey":"canary-7f3a-secondary"}}`, false},
	{"users/u", `{"properties":{"email":"u@example.com","firstName":"U","lastName":"U","password":"canary-7f3a-password"}}`, false},
	{"backends/b", `{"properties":{"url":"https://b.example","protocol":"http","credentials":{"header":{"x-key":["canary-7f3a-header"]},"authorization":{"scheme":"Basic","parameter":"canary-7f3a-basic"}},"proxy":{"url":"http://p.example:1","username":"u","password":"canary-7f3a-proxy"}}}`, true},
	{"authorizationServers/a", `{"properties":{"displayName":"a","clientRegistrationEndpoint":"https://a.example","authorizationEndpoint":"https://a.example/auth","tokenEndpoint":"https://a.example/token","grantTypes":["authorizationCode"],"clientId":"c","clientSecret":"canary-7f3a-client","resourceOwnerPassword":"canary-7f3a-owner","resourceOwnerUsername":"o"}}`, true},
	{"openidConnectProviders/o", `{"properties":{"displayName":"o","metadataEndpoint":"https://o.example/.well-known/openid-configuration","clientId":"c","clientSecret":"canary-7f3a-oidc"}}`, false},
	{"identityProviders/google", `{"properties":{"clientId":"c","clientSecret":"canary-7f3a-google"}}`, false},
	{"loggers/l", `{"properties":{"loggerType":"applicationInsights","credentials":{"instrumentationKey":"canary-7f3a-logger"}}}`, false},
	{"caches/c", `{"properties":{"connectionString":"host:6380,password=canary-7f3a-cache,ssl=True","useFromLocation":"default"}}`, true},
	{"tenant/access", `{"properties":{"enabled":true,"primaryKey":"canary-7f3a-tenant1","secondaryKey":"canary-7f3a-tenant2"}}`, false},
}

// TestS20_ManagementSecrets writes secrets everywhere and looks for them: in the
// files of the store, in answers, in errors, in the audit log and in the log.
func TestS20_ManagementSecrets(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	server := vaulttest.New(t)
	server.Set("key", "canary-7f3a-vault", "")
	server.Set("bad", "canary-7f3a-no-certificate", "")
	in, m := onDisk(t, dir, &log, server.Source(t))
	held := token(t, m, "admin", "Owner", "/")
	answers := &bytes.Buffer{}
	for _, s := range append(certificateBodies(t), secretBodies...) {
		status, answer := do(t, m, held, http.MethodPut, s.path, s.body)
		if status != http.StatusCreated && status != http.StatusOK {
			t.Errorf("PUT %s: %d %s", s.path, status, answer)
		}
		if !s.shown {
			answers.WriteString(answer)
		}
		for _, path := range []string{s.path, s.path[:strings.IndexByte(s.path, '/')]} {
			_, answer := do(t, m, held, http.MethodGet, path, "")
			if !s.shown {
				answers.WriteString(answer)
			}
		}
		_, wrong := do(t, m, held, http.MethodPut, s.path, strings.Replace(s.body, `"properties":{`, `"properties":{"displayName":17,"scope":17,"url":17,"clientId":17,"loggerType":17,`, 1))
		answers.WriteString(wrong)
	}
	rotateSecrets(t, m, held, server, answers)
	auditLog := &bytes.Buffer{}
	err := in.Store.View(t.Context(), func(r store.Reader) error {
		entries, err := r.AuditLog(0, store.MaxListLimit)
		for _, e := range entries {
			auditLog.Write(e.Data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	places := map[string][]byte{"answers and errors": answers.Bytes(), "the audit log": auditLog.Bytes(), "the log": log.Bytes(), "the store's files": files(t, dir)}
	hits := 0
	for place, content := range places {
		if n := bytes.Count(content, []byte(canary)); n > 0 {
			at := bytes.Index(content, []byte(canary))
			hits += n
			t.Errorf("%d secrets in %s: …%q…", n, place, content[max(0, at-80):min(len(content), at+60)])
		}
	}
	fmt.Printf("S20: %d secrets in clear in %d places of the management plane (0)\n", hits, len(places))
	if len(auditLog.Bytes()) == 0 || len(places["the store's files"]) == 0 {
		t.Error("there was nothing to look through")
	}
}

// certificateBodies are certificates with passwords, and references to a vault.
func certificateBodies(t *testing.T) []secretBody {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := pkcs12.Modern.Encode(key, leaf, nil, canary+"-pfx")
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString(archive)
	return []secretBody{
		{"certificates/c", `{"properties":{"data":"` + encoded + `","password":"canary-7f3a-pfx"}}`, false},
		{"certificates/bad", `{"properties":{"keyVault":{"secretIdentifier":"` + vaulttest.URL + `bad"}}}`, false},
		{"namedValues/vault", `{"properties":{"displayName":"vault","keyVault":{"secretIdentifier":"` + vaulttest.URL + `key"}}}`, false},
	}
}

// rotateSecrets exchanges what was written, and adds the answers that must not
// tell of it.
func rotateSecrets(t *testing.T, m *Management, held string, server *vaulttest.Server, answers *bytes.Buffer) {
	t.Helper()
	post := func(path, body string, want int) {
		status, answer := do(t, m, held, http.MethodPost, path, body)
		if status != want {
			t.Errorf("POST %s: %d %s", path, status, answer)
		}
		answers.WriteString(answer)
	}
	// Keys that are canaries are replaced, and work beside the new ones.
	post("subscriptions/s/sallyportRotateKey", `{"keyType":"primary"}`, http.StatusOK)
	post("subscriptions/s/sallyportRotateKey", `{"keyType":"secondary","overlap":"PT1H"}`, http.StatusOK)
	post("subscriptions/s/sallyportRotateKey", `{}`, http.StatusConflict)
	post("namedValues/vault/refreshSecret", "", http.StatusOK)
	server.Set("key", "canary-7f3a-vault-2", "")
	post("namedValues/vault/refreshSecret", "", http.StatusOK)
	server.Refuse(http.StatusForbidden)
	post("namedValues/vault/refreshSecret", "", http.StatusOK)
	server.Refuse(0)
	post("certificates/bad/refreshSecret", "", http.StatusOK)
	for _, path := range []string{"subscriptions/s", "subscriptions", "namedValues/vault", "namedValues", "certificates", "certificates/bad"} {
		_, answer := do(t, m, held, http.MethodGet, path, "")
		answers.WriteString(answer)
		if !strings.Contains(answer, "Expires") && !strings.Contains(answer, "lastStatus") {
			t.Errorf("GET %s says nothing of what was done: %s", path, answer)
		}
	}
}

// TestS20_ManagementSecrets_NegativeControl writes what is no secret, and finds
// it where the other test looks.
func TestS20_ManagementSecrets_NegativeControl(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	_, m := onDisk(t, dir, &log, nil)
	held := token(t, m, "admin", "Owner", "/")
	if status, answer := do(t, m, held, http.MethodPut, "namedValues/plain", `{"properties":{"displayName":"plain","value":"canary-7f3a-plain"}}`); status != http.StatusCreated {
		t.Fatal(status, answer)
	}
	if !bytes.Contains(files(t, dir), []byte(canary)) {
		t.Error("a value that is not sealed was not found in the store's files")
	}
}

// onDisk opens an installation on SQLite in a folder.
func onDisk(t *testing.T, dir string, log *bytes.Buffer, source vault.Source) (*Installation, *Management) {
	t.Helper()
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	in, err := Open(t.Context(), Options{
		Data: dir, Clock: clock.System(), Vault: Vault{Source: source}, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Names:    Names{Subscription: subscription, ResourceGroup: "rg1", Service: "apimService1", Location: "westus"},
		Settings: &snapshot.Settings{Policies: policies.WithUnserved(), Expressions: compiler, MixedText: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := in.First(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	m, err := in.OpenManagement(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return in, m
}

// do calls the API below the service.
func do(t *testing.T, h http.Handler, token, method, path, body string) (int, string) {
	t.Helper()
	const own = "/subscriptions/" + subscription + "/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/apimService1/"
	r := httptest.NewRequestWithContext(t.Context(), method, own+path+"?api-version=2024-05-01", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
		t.Errorf("%s %s: the answer is not JSON: %s", method, path, w.Body)
	}
	return w.Code, w.Body.String()
}

// files are all bytes of all files of a folder, but for the key of the
// installation.
func files(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "key" {
			return err
		}
		data, err := os.ReadFile(filepath.Clean(path))
		all = append(all, data...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
