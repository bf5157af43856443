package oidc

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

const audience = "https://management.example"

// provider is an OpenID Connect provider that can be made to fail.
type provider struct {
	*httptest.Server

	mu      sync.Mutex
	keys    map[string]*ecdsa.PrivateKey
	down    bool
	answer  func(w http.ResponseWriter, path string) bool
	fetches atomic.Int64
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{keys: map[string]*ecdsa.PrivateKey{}}
	p.addKey(t, "k1")
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) addKey(t *testing.T, id string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys[id] = k
}

func (p *provider) setDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "configuration") {
		p.fetches.Add(1)
	}
	switch {
	case p.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case p.answer != nil && p.answer(w, r.URL.Path):
	case strings.HasSuffix(r.URL.Path, "configuration"):
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, p.URL, p.URL+"/keys")
	default:
		set := jose.JSONWebKeySet{}
		for id, k := range p.keys {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: &k.PublicKey, KeyID: id})
		}
		_ = json.NewEncoder(w).Encode(set)
	}
}

// token makes a token of the provider.
func (p *provider) token(t *testing.T, keyID string, claims map[string]any) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	key := p.keys["k1"]
	if k, ok := p.keys[keyID]; ok {
		key = k
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: keyID}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"iss": p.URL, "aud": audience, "oid": "alice", "exp": noon.Add(100 * time.Hour).Unix()}
	maps.Copy(all, claims)
	raw, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func verifier(t *testing.T, p *provider, change func(*Config)) (*Verifier, *clock.Fake) {
	t.Helper()
	config := Config{Name: "entra", Issuer: p.URL, Audiences: []string{audience}}
	if change != nil {
		change(&config)
	}
	c := clock.NewFake(noon)
	v, err := New(config, &http.Transport{DisableKeepAlives: true}, c)
	if err != nil {
		t.Fatal(err)
	}
	return v, c
}

func TestVerify(t *testing.T) {
	p := newProvider(t)
	reader, _ := access.FindRole("Reader")
	scope, _ := access.ParseScope("/subscriptions/s")
	tests := []struct {
		name   string
		config func(*Config)
		claims map[string]any
		want   access.Principal
	}{
		{"plain", nil, nil, access.Principal{ID: "entra:alice", Name: "alice"}},
		{"sub", nil, map[string]any{"oid": nil, "sub": "bob"}, access.Principal{ID: "entra:bob", Name: "bob"}},
		{"claim", func(c *Config) { c.PrincipalClaim = "appid" }, map[string]any{"appid": "app", "name": "The app"}, access.Principal{ID: "entra:app", Name: "The app"}},
		{"groups", nil, map[string]any{"groups": []string{"g1", "g2"}}, access.Principal{ID: "entra:alice", Name: "alice", Groups: []string{"entra:g1", "entra:g2"}}},
		{
			"roles", func(c *Config) { c.Roles = map[string]RoleAt{"viewer": {"reader", "/subscriptions/s"}} },
			map[string]any{"roles": []string{"viewer", "Owner"}},
			access.Principal{ID: "entra:alice", Name: "alice", Grants: []access.Grant{{Role: reader, Scope: scope}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := verifier(t, p, tt.config)
			got, err := v.Verify(t.Context(), p.token(t, "k1", tt.claims))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(access.Scope{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	v, _ := verifier(t, p, func(c *Config) { c.PrincipalClaim = "appid" })
	if got, err := v.Verify(t.Context(), p.token(t, "k1", nil)); err == nil {
		t.Errorf("without the claim: %v", got)
	}
	if got, err := v.Verify(t.Context(), p.token(t, "k1", map[string]any{"aud": "another", "appid": "x"})); err == nil {
		t.Errorf("for another audience: %v", got)
	}
}

// TestR17_KeysOfAnIssuerThatIsDown stops the issuer, and then sends 10,000
// tokens with keys that nobody has.
func TestR17_KeysOfAnIssuerThatIsDown(t *testing.T) {
	p := newProvider(t)
	v, c := verifier(t, p, nil)
	good := p.token(t, "k1", nil)
	check := func() error { _, err := v.Verify(t.Context(), good); return err }
	if err := check(); err != nil {
		t.Fatal(err)
	}
	p.setDown(true)
	hours := 0
	for c.Advance(time.Hour); check() == nil; c.Advance(time.Hour) {
		hours++
	}
	if err := check(); !errors.Is(err, access.ErrUnavailable) {
		t.Errorf("after a day: %v", err)
	}
	p.setDown(false)
	c.Advance(MinInterval)
	if err := check(); err != nil {
		t.Errorf("when the issuer is back: %v", err)
	}
	c.Advance(MinInterval)
	before := p.fetches.Load()
	unknown := p.token(t, "k1", nil)
	_, rest, _ := strings.Cut(unknown, ".")
	for n := range 10_000 {
		header := strings.TrimSuffix(p.header(n), ".")
		if _, err := v.Verify(t.Context(), header+"."+rest); err == nil {
			t.Fatal("a token with an unknown key was accepted")
		}
	}
	fetches := p.fetches.Load() - before
	t.Logf("R17: known keys validate for %d h (24 h); %d fetches for 10,000 unknown keys (3)", hours+1, fetches)
	if hours+1 != 24 || fetches > 3 {
		t.Errorf("%d hours, %d fetches", hours+1, fetches)
	}
	if err := check(); err != nil {
		t.Errorf("a known key after that: %v", err)
	}
}

// header is a header with a key id that nobody has.
func (p *provider) header(n int) string {
	data, _ := json.Marshal(map[string]string{"alg": "ES256", "kid": fmt.Sprint("unknown", n)})
	return base64.RawURLEncoding.EncodeToString(data)
}

// TestR17_KeysOfAnIssuerThatIsDown_NegativeControl asks the issuer for each
// unknown key: 100 tokens are 100 fetches.
func TestR17_KeysOfAnIssuerThatIsDown_NegativeControl(t *testing.T) {
	p := newProvider(t)
	v, c := verifier(t, p, nil)
	_, rest, _ := strings.Cut(p.token(t, "k1", nil), ".")
	for n := range 100 {
		c.Advance(MinInterval)
		_, _ = v.Verify(t.Context(), p.header(n)+"."+rest)
	}
	t.Logf("R17 control: %d fetches for 100 unknown keys", p.fetches.Load())
	if p.fetches.Load() != 100 {
		t.Error("the control shows nothing")
	}
}

func TestNewKeysAreFound(t *testing.T) {
	p := newProvider(t)
	v, c := verifier(t, p, nil)
	if _, err := v.Verify(t.Context(), p.token(t, "k1", nil)); err != nil {
		t.Fatal(err)
	}
	p.addKey(t, "k2")
	c.Advance(MinInterval)
	if _, err := v.Verify(t.Context(), p.token(t, "k2", nil)); err != nil {
		t.Errorf("a new key: %v", err)
	}
}

func TestFetchesAreShared(t *testing.T) {
	p := newProvider(t)
	v, _ := verifier(t, p, nil)
	raw := p.token(t, "k1", nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := v.Verify(t.Context(), raw); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := p.fetches.Load(); n != 1 {
		t.Errorf("%d fetches for one key", n)
	}
}

func TestBadAnswers(t *testing.T) {
	big := strings.Repeat(" ", maxAnswer+1)
	manyKeys := `{"keys":[` + strings.TrimSuffix(strings.Repeat("{},", maxKeys+1), ",") + `]}`
	answers := map[string]func(p *provider, w http.ResponseWriter, path string) bool{
		"another issuer": func(_ *provider, w http.ResponseWriter, _ string) bool {
			fmt.Fprint(w, `{"issuer":"https://evil.example","jwks_uri":"https://evil.example/keys"}`)
			return true
		},
		"keys without TLS": func(p *provider, w http.ResponseWriter, _ string) bool {
			fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":"http://evil.example/keys"}`, p.URL)
			return true
		},
		"keys of this machine's disk": func(p *provider, w http.ResponseWriter, _ string) bool {
			fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":"file:///etc/passwd"}`, p.URL)
			return true
		},
		"not JSON": func(_ *provider, w http.ResponseWriter, _ string) bool { fmt.Fprint(w, "<html>"); return true },
		"too long": func(_ *provider, w http.ResponseWriter, _ string) bool { fmt.Fprint(w, big); return true },
		"a redirect": func(_ *provider, w http.ResponseWriter, _ string) bool {
			w.Header().Set("Location", "http://evil.example/")
			w.WriteHeader(http.StatusFound)
			return true
		},
		"a loop": func(_ *provider, w http.ResponseWriter, path string) bool {
			w.Header().Set("Location", path)
			w.WriteHeader(http.StatusFound)
			return true
		},
		"many keys": func(_ *provider, w http.ResponseWriter, path string) bool {
			if path != "/keys" {
				return false
			}
			fmt.Fprint(w, manyKeys)
			return true
		},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			p.answer = func(w http.ResponseWriter, path string) bool { return answer(p, w, path) }
			v, _ := verifier(t, p, nil)
			_, err := v.Verify(t.Context(), p.token(t, "k1", nil))
			if !errors.Is(err, access.ErrUnavailable) || strings.Contains(err.Error(), "nil") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestVerifyStopsWithItsContext(t *testing.T) {
	p := newProvider(t)
	v, _ := verifier(t, p, nil)
	hold := make(chan struct{})
	p.answer = func(http.ResponseWriter, string) bool { <-hold; return false }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := v.Verify(ctx, p.token(t, "k1", nil))
	close(hold)
	if !errors.Is(err, access.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]Config{
		"no name":     {Issuer: "https://x.example", Audiences: []string{"a"}},
		"colon":       {Name: "a:b", Issuer: "https://x.example", Audiences: []string{"a"}},
		"no audience": {Name: "a", Issuer: "https://x.example"},
		"no TLS":      {Name: "a", Issuer: "http://x.example", Audiences: []string{"a"}},
		"no host":     {Name: "a", Issuer: "https:///x", Audiences: []string{"a"}},
		"role":        {Name: "a", Issuer: "https://x.example", Audiences: []string{"a"}, Roles: map[string]RoleAt{"x": {"King", "/"}}},
		"scope":       {Name: "a", Issuer: "https://x.example", Audiences: []string{"a"}, Roles: map[string]RoleAt{"x": {"Reader", "x"}}},
	} {
		if v, err := New(c, nil, clock.NewFake(noon)); err == nil {
			t.Errorf("%s: %v", name, v)
		}
	}
}

func TestAuthenticatorFindsTheIssuer(t *testing.T) {
	p := newProvider(t)
	v, _ := verifier(t, p, nil)
	a := access.NewAuthenticator(nil, v)
	got, err := a.Authenticate(t.Context(), "bearer "+p.token(t, "k1", nil))
	if err != nil || got.ID != "entra:alice" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := a.Authenticate(t.Context(), "Bearer "+p.token(t, "k1", map[string]any{"iss": "https://other.example"})); err == nil {
		t.Error("a token of nobody was accepted")
	}
}
