package openid

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// provider is a provider that says whatever a test wants. A real one is used in
// the tests of test/oidc; this one lies as no real one would.
type provider struct {
	*httptest.Server
	key *ecdsa.PrivateKey
	// issuer is that of the metadata of all tenants, with {tenant} in it.
	issuer func(tenant string) string
	// claims change those of the next token, sign signs it.
	claims map[string]any
	sign   func(claims map[string]any) string
	// code is the code that is taken, once; challenge what its verifier has to hash to.
	code, nonce string
	used        bool
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, code: "c0de"}
	p.sign = func(c map[string]any) string { return signed(t, p.key, c) }
	p.Server = httptest.NewTLSServer(p)
	t.Cleanup(p.Close)
	p.issuer = func(tenant string) string {
		if tenant == "" {
			return p.URL
		}
		return p.URL + "/" + tenant + "/v2.0"
	}
	return p
}

func signed(t *testing.T, key any, claims map[string]any) string {
	t.Helper()
	algorithm := jose.ES256
	if _, ok := key.([]byte); ok {
		algorithm = jose.HS256
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// ServeHTTP answers metadata, keys and tokens.
func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case strings.HasSuffix(r.URL.Path, wellKnown):
		tenant, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(r.URL.Path, wellKnown), "/"), "/")
		answerJSON(w, map[string]any{
			"issuer": p.issuer(tenant), "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256", "none", "HS256"},
		})
	case r.URL.Path == "/keys":
		answerJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: "k", Algorithm: "ES256", Use: "sig"}}})
	case r.URL.Path == "/token" && r.PostFormValue("code") == p.code && !p.used && r.PostFormValue("code_verifier") != "":
		p.used = true
		claims := map[string]any{
			"iss": p.issuer(""), "aud": "portal", "sub": "subject", "nonce": p.nonce, "email": "ann@example.com", "email_verified": true,
			"given_name": "Ann", "family_name": "Archer", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
		}
		maps.Copy(claims, p.claims)
		answerJSON(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.sign(claims)})
	default:
		w.WriteHeader(http.StatusBadRequest)
		answerJSON(w, map[string]any{"error": "invalid_grant"})
	}
}

func answerJSON(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) } // The client may be gone.

// relying makes the portal's side, which knows the provider's certificate.
func (p *provider) relying(t *testing.T) *Relying {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	r := New(Options{AllowPrivate: true, TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
	t.Cleanup(r.CloseIdle)
	return r
}

// settings are those of an OpenID Connect provider of the service.
func (p *provider) settings(t *testing.T) *Settings {
	t.Helper()
	s, err := Provider("corp", &client.OpenIDProvider{DisplayName: "Corp", MetadataEndpoint: p.URL + wellKnown, ClientID: "portal"}, "secret")
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

const redirect = "https://portal.example/signin/corp/callback"

// signIn goes through a sign-in; change may spoil what comes back.
func (p *provider) signIn(t *testing.T, r *Relying, s *Settings, change func(*Attempt, url.Values)) (Identity, error) {
	t.Helper()
	address, attempt, err := r.Begin(t.Context(), s, redirect)
	if err != nil {
		return Identity{}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("redirect_uri") != redirect || q.Get("response_type") != "code" {
		t.Errorf("the visitor is sent to %s", address)
	}
	p.nonce, p.used = q.Get("nonce"), false
	back := url.Values{"state": {q.Get("state")}, "code": {p.code}}
	if change != nil {
		change(&attempt, back)
	}
	return r.Complete(t.Context(), s, redirect, attempt, back)
}

// TestSignIn signs in.
func TestSignIn(t *testing.T) {
	p := newProvider(t)
	got, err := p.signIn(t, p.relying(t), p.settings(t), nil)
	want := Identity{Kind: "openid:corp", ID: "subject", Email: "ann@example.com", Verified: true, FirstName: "Ann", LastName: "Archer"}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRefusals gives answers and tokens that are not good.
func TestRefusals(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	none := func(c map[string]any) string {
		body, _ := json.Marshal(c)
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"k"}`)) + "." + base64.RawURLEncoding.EncodeToString(body) + "."
	}
	for _, c := range []struct {
		name   string
		claims map[string]any
		sign   func(map[string]any) string
		change func(*Attempt, url.Values)
		says   string
	}{
		{"wrong state", nil, nil, func(_ *Attempt, q url.Values) { q.Set("state", "x") }, "does not belong"},
		{"no state", nil, nil, func(a *Attempt, q url.Values) { a.State = ""; q.Del("state") }, "does not belong"},
		{"another provider's attempt", nil, nil, func(a *Attempt, _ url.Values) { a.Provider = "other" }, "does not belong"},
		{"denied", nil, nil, func(_ *Attempt, q url.Values) { q.Set("error", "access_denied") }, "access_denied"},
		{"wrong code", nil, nil, func(_ *Attempt, q url.Values) { q.Set("code", "x") }, "does not take the code"},
		{"another issuer answers", nil, nil, func(_ *Attempt, q url.Values) { q.Set("iss", "https://evil.example") }, "another issuer"},
		{"wrong nonce", map[string]any{"nonce": "x"}, nil, nil, "another sign-in"},
		{"no nonce", map[string]any{"nonce": nil}, nil, nil, "another sign-in"},
		{"wrong issuer", map[string]any{"iss": "https://evil.example"}, nil, nil, "different provider"},
		{"wrong audience", map[string]any{"aud": "other"}, nil, nil, "audience"},
		{"several audiences", map[string]any{"aud": []string{"portal", "other"}}, nil, nil, "another client"},
		{"expired", map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}, nil, nil, "expired"},
		{"not yet", map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}, nil, nil, "nbf"},
		{"no subject", map[string]any{"sub": ""}, nil, nil, "names nobody"},
		{"unsigned", nil, none, nil, "not good"},
		{"signed with the secret", nil, func(c map[string]any) string { return signed(t, []byte("secret00000000000000000000000000"), c) }, nil, "not good"},
		{"signed by another", nil, func(c map[string]any) string { return signed(t, other, c) }, nil, "not good"},
		{"no token", nil, func(map[string]any) string { return "" }, nil, "no ID token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProvider(t)
			p.claims = c.claims
			if c.sign != nil {
				p.sign = c.sign
			}
			got, err := p.signIn(t, p.relying(t), p.settings(t), c.change)
			if err == nil || !strings.Contains(err.Error(), c.says) || got != (Identity{}) {
				t.Fatalf("%+v, error %v, want one about %q", got, err, c.says)
			}
			if !isRefused(err) {
				t.Errorf("it is no refusal: %v", err)
			}
		})
	}
}

func isRefused(err error) bool { return strings.Contains(err.Error(), ErrRefused.Error()) }

// TestReplay uses a code a second time.
func TestReplay(t *testing.T) {
	p := newProvider(t)
	r, s := p.relying(t), p.settings(t)
	var kept Attempt
	var back url.Values
	if _, err := p.signIn(t, r, s, func(a *Attempt, q url.Values) { kept, back = *a, q }); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Complete(t.Context(), s, redirect, kept, back); err == nil {
		t.Errorf("a code works twice: %+v", got)
	}
}

// Tenants of the tests.
const (
	contoso  = "11111111-2222-3333-4444-555555555555"
	fabrikam = "66666666-7777-8888-9999-000000000000"
)

// TestTenants signs in users of several tenants at Entra's kinds of endpoints.
func TestTenants(t *testing.T) {
	for _, c := range []struct {
		name    string
		config  client.IdentityProvider
		tenant  string // Of the token.
		refused string
	}{
		{"one tenant", client.IdentityProvider{SigninTenant: contoso}, contoso, ""},
		{"its name", client.IdentityProvider{SigninTenant: "contoso.example"}, contoso, ""},
		{"another than the one", client.IdentityProvider{SigninTenant: contoso}, fabrikam, "different provider"},
		{"all tenants", client.IdentityProvider{}, fabrikam, ""},
		{"one of those allowed", client.IdentityProvider{AllowedTenants: []string{fabrikam, contoso}}, contoso, ""},
		{"one of those allowed, by name", client.IdentityProvider{AllowedTenants: []string{fabrikam, "contoso.example"}}, contoso, ""},
		{"none of those allowed", client.IdentityProvider{AllowedTenants: []string{fabrikam, "fabrikam.example"}}, contoso, "none of those"},
		{"a name in place of an id", client.IdentityProvider{}, "contoso.example", "none of those"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProvider(t)
			p.issuer = func(tenant string) string {
				ids := map[string]string{"contoso.example": contoso, "fabrikam.example": fabrikam, "common": "{tenantid}"}
				if id, ok := ids[tenant]; ok {
					tenant = id
				}
				return p.URL + "/" + tenant + "/v2.0"
			}
			c.config.ClientID, c.config.Authority = "portal", strings.TrimPrefix(p.URL, "https://")
			s, ok := IdentityProvider("aad", &c.config, "secret")
			if !ok {
				t.Fatal("nobody can sign in there")
			}
			p.claims = map[string]any{"iss": p.URL + "/" + c.tenant + "/v2.0", "tid": c.tenant, "oid": "object", "xms_edov": true}
			got, err := p.signIn(t, p.relying(t), &s, nil)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("%+v, error %v, want one about %q", got, err, c.refused)
				}
				return
			}
			if err != nil || got.Kind != "Aad" || got.ID != "object" || got.Verified {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// TestMetadata refuses metadata of another issuer, and endpoints without TLS
// where private networks are not allowed.
func TestMetadata(t *testing.T) {
	p := newProvider(t)
	p.issuer = func(string) string { return "https://evil.example" }
	if _, _, err := p.relying(t).Begin(t.Context(), p.settings(t), redirect); err == nil || !strings.Contains(err.Error(), "its issuer is") {
		t.Errorf("error %v", err)
	}
	m := metadata{Issuer: "https://a.example", AuthURL: "http://a.example", TokenURL: "https://a.example", JWKSURL: "https://a.example"}
	if err := m.check(&Settings{issuer: "https://a.example"}, false); err == nil || !strings.Contains(err.Error(), "no https") {
		t.Errorf("error %v", err)
	}
	m.AuthURL, m.Algorithms = "https://a.example", []string{"none", "HS256"}
	if err := m.check(&Settings{issuer: "https://a.example"}, false); err == nil || !strings.Contains(err.Error(), "algorithm") {
		t.Errorf("error %v", err)
	}
}

// TestAway tells a provider that is away from one that refuses, and goes on with
// what is known of it.
func TestAway(t *testing.T) {
	p := newProvider(t)
	r, s := p.relying(t), p.settings(t)
	if _, err := p.signIn(t, r, s, nil); err != nil {
		t.Fatal(err)
	}
	p.Close()
	if _, _, err := r.Begin(t.Context(), s, redirect); err != nil {
		t.Errorf("metadata that is known: %v", err)
	}
	if _, _, err := p.relying(t).Begin(t.Context(), s, redirect); err == nil || isRefused(err) {
		t.Errorf("a provider that is away: %v", err)
	}
}

// TestLongAnswer ends an answer that does not.
func TestLongAnswer(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"issuer":"`))
		for range 1100 {
			if _, err := w.Write([]byte(strings.Repeat("x", 1024))); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	p := &provider{Server: server}
	if _, _, err := p.relying(t).Begin(t.Context(), p.settings(t), redirect); err == nil || !strings.Contains(err.Error(), "maxAnswer") {
		t.Errorf("error %v", err)
	}
}

// TestAddresses decides on addresses.
func TestAddresses(t *testing.T) {
	for address, want := range map[string][2]bool{ // Dialled, and dialled where private ones are allowed.
		"20.190.128.1:443": {true, true}, "[2603:1000::1]:443": {true, true},
		"127.0.0.1:443": {false, true}, "10.1.2.3:443": {false, true}, "192.168.1.1:443": {false, true}, "[::1]:443": {false, true}, "[fd00::1]:443": {false, true},
		"169.254.169.254:80": {false, false}, "168.63.129.16:80": {false, false}, "[fe80::1]:80": {false, false}, "0.0.0.0:80": {false, false},
		"[::ffff:169.254.169.254]:80": {false, false}, "[64:ff9b::a9fe:a9fe]:80": {false, false}, "[fd00:ec2::254]:80": {false, false}, "no address": {false, false},
	} {
		for i, private := range []bool{false, true} {
			if got := mayDial(address, private) == nil; got != want[i] {
				t.Errorf("%s, private %v: %v", address, private, got)
			}
		}
	}
	p := newProvider(t)
	closed := New(Options{})
	if _, _, err := closed.Begin(context.Background(), p.settings(t), redirect); err == nil || !strings.Contains(err.Error(), "not public") {
		t.Errorf("error %v", err)
	}
}

// TestProviders reads the settings of identity providers.
func TestProviders(t *testing.T) {
	for _, c := range []struct {
		name   string
		config client.IdentityProvider
		want   string
	}{
		{"aad", client.IdentityProvider{ClientID: "c"}, "https://login.microsoftonline.com/common/v2.0" + wellKnown},
		{"aad", client.IdentityProvider{ClientID: "c", Authority: "login.windows.net", SigninTenant: "t"}, "https://login.microsoftonline.com/t/v2.0" + wellKnown},
		{"aadB2C", client.IdentityProvider{ClientID: "c", Authority: "c.b2clogin.com", SigninTenant: "c.onmicrosoft.com", SigninPolicyName: "B2C_1_s"},
			"https://c.b2clogin.com/c.onmicrosoft.com/B2C_1_s/v2.0" + wellKnown},
		{"google", client.IdentityProvider{ClientID: "c"}, "https://accounts.google.com" + wellKnown},
		{"microsoft", client.IdentityProvider{ClientID: "c"}, "https://login.microsoftonline.com/consumers/v2.0" + wellKnown},
		{"facebook", client.IdentityProvider{ClientID: "c"}, ""},
		{"twitter", client.IdentityProvider{ClientID: "c"}, ""},
		{"aadB2C", client.IdentityProvider{ClientID: "c"}, ""},
	} {
		if s, ok := IdentityProvider(c.name, &c.config, ""); ok != (c.want != "") || s.discovery != c.want {
			t.Errorf("%s: %q %v, want %q", c.name, s.discovery, ok, c.want)
		}
	}
}
