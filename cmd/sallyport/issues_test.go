package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Each test of this file is a defect that was found by using the gateway.

// identityProvider serves an OpenID configuration over TLS and signs tokens.
type identityProvider struct {
	*httptest.Server
	key    *rsa.PrivateKey
	issuer string // What it calls itself.
}

func newIdentityProvider(t *testing.T) *identityProvider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &identityProvider{key: key, issuer: "https://issuer.example/"}
	encode := base64.RawURLEncoding.EncodeToString
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, p.issuer, p.URL+"/keys")
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[{"kty":"RSA","kid":"one","use":"sig","n":%q,"e":%q}]}`,
			encode(key.N.Bytes()), encode(big.NewInt(int64(key.E)).Bytes()))
	})
	p.Server = httptest.NewTLSServer(mux)
	t.Cleanup(p.Close)
	return p
}

// token signs claims with RS256.
func (p *identityProvider) token(t *testing.T, claims map[string]any) string {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed := encode([]byte(`{"alg":"RS256","kid":"one","typ":"JWT"}`)) + "." + encode(body)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

// authorities writes the certificate of the provider as an authority.
func (p *identityProvider) authorities(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "authorities.pem")
	write(t, name, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})))
	return name
}

// getWith returns the status of a call with a token.
func getWith(t *testing.T, url, token string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

// TestTokensOfAnIdentityProvider checks tokens by an OpenID configuration, whose
// TLS certificate is from an authority of --backend-ca. The command had not
// given policies anything to fetch keys with, so each such call was 503.
func TestTokensOfAnIdentityProvider(t *testing.T) {
	provider := newIdentityProvider(t)
	dir := t.TempDir()
	goodFolder(t, dir, "world")
	write(t, filepath.Join(dir, "apis", "hello", "policy.xml"), `<policies><inbound><base />
<validate-jwt header-name="Authorization"><openid-config url="`+provider.URL+`/.well-known/openid-configuration" />
<audiences><audience>hello</audience></audiences></validate-jwt>
<return-response /></inbound></policies>`)
	later := time.Now().Add(time.Hour).Unix()
	good := provider.token(t, map[string]any{"iss": "https://issuer.example/", "aud": "hello", "exp": later})
	cases := []struct {
		name, token string
		flags       []string
		want        int
	}{
		{"good token", good, []string{"--backend-ca", provider.authorities(t)}, 200},
		{"wrong issuer", provider.token(t, map[string]any{"iss": "x", "aud": "hello", "exp": later}), []string{"--backend-ca", provider.authorities(t)}, 401},
		{"unknown authority", good, nil, 503},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			base, _ := startGateway(t, dir, "", c.flags...)
			if got := getWith(t, base+"/hello/world", c.token); got != c.want {
				t.Errorf("status %d, want %d", got, c.want)
			}
		})
	}
}

// TestBreakerOfPoolMember opens the circuit breaker of a backend that a policy
// names: a pool must not choose it either. The breaker had been another one.
func TestBreakerOfPoolMember(t *testing.T) {
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	t.Cleanup(failing.Close)
	healthy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	t.Cleanup(healthy.Close)
	dir := t.TempDir()
	goodFolder(t, dir, "world")
	backend := func(name, properties string) {
		writeFiles(t, filepath.Join(dir, "backends", name), map[string]string{"backendInformation.json": `{"properties":{` + properties + `}}`})
	}
	backend("failing", `"url":"`+failing.URL+`","protocol":"http","circuitBreaker":{"rules":[{"name":"r","tripDuration":"PT1H",
		"failureCondition":{"count":1,"interval":"PT1H","statusCodeRanges":[{"min":500,"max":599}]}}]}`)
	backend("healthy", `"url":"`+healthy.URL+`","protocol":"http"`)
	backend("pool", `"type":"Pool","pool":{"services":[{"id":"/backends/failing","priority":1},{"id":"/backends/healthy","priority":2}]}`)
	write(t, filepath.Join(dir, "apis", "hello", "policy.xml"), `<policies><inbound><base />
<set-backend-service backend-id="@(context.Request.Url.Query.GetValueOrDefault("to", "pool"))" /></inbound></policies>`)
	write(t, filepath.Join(dir, "policy.xml"), `<policies><inbound /><backend><forward-request /></backend><outbound /></policies>`)
	base, _ := startGateway(t, dir, "")
	for _, step := range []struct {
		query string
		want  int
	}{{"?to=failing", 500}, {"?to=failing", 503}, {"", 200}} {
		if got, _ := get(t, base+"/hello/world"+step.query); got != step.want {
			t.Errorf("%q: status %d, want %d", step.query, got, step.want)
		}
	}
}

// TestTakenAddress names the flag and what to do, for each listener.
func TestTakenAddress(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	goodFolder(t, dir, "world")
	for _, flag := range []string{"--listen", "--admin"} {
		arguments := []string{"gateway", "--config", dir, "--listen", "127.0.0.1:0", "--admin", "", flag, taken.Addr().String()}
		var log bytes.Buffer
		if code := run(context.Background(), arguments, io.Discard, &log); code != exitFailed {
			t.Errorf("%s: exit code %d", flag, code)
		}
		if want := "another program uses this address: stop it, or choose another address with " + flag; !strings.Contains(log.String(), want) {
			t.Errorf("%s: the message does not say %q:\n%s", flag, want, &log)
		}
	}
}

// TestBrokenFolderIsReportedOnce looks at a broken folder again and again, as
// the rescan does: it had been reported each time, from the second one on at
// the start already.
func TestBrokenFolderIsReportedOnce(t *testing.T) {
	for _, c := range []struct{ name, policy string }{
		{"unreadable", "<policies"},
		{"does not compile", "<policies><inbound><no-such-policy /></inbound></policies>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			goodFolder(t, dir, "world")
			write(t, filepath.Join(dir, "apis", "hello", "policy.xml"), c.policy)
			log := newLogBuffer()
			p, err := newProcess(&gatewayOptions{config: dir, logFormat: "text", logLevel: "info"}, log)
			if err != nil {
				t.Fatal(err)
			}
			source := newFolder(&gatewayOptions{config: dir}, p)
			for range 3 {
				if problems := source.offer(); !problems.HasErrors() {
					t.Error("the folder is taken")
				}
			}
			p.close()
			if n := strings.Count(log.text.String(), "level=ERROR"); n != 1 {
				t.Errorf("reported %d times:\n%s", n, &log.text)
			}
		})
	}
}

// TestEmptyFolder warns where --config is the wrong folder.
func TestEmptyFolder(t *testing.T) {
	_, log := startGateway(t, t.TempDir(), "")
	log.wait(t, 0, "the folder holds no configuration")
}
