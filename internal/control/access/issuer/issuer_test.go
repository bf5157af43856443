package issuer

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	noon  = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	admin = audit.Entry{Actor: "p0", ActorName: "administrator"}
)

// rig is an issuer on a store, behind TLS.
type rig struct {
	*Issuer
	*httptest.Server

	store      store.Store
	sealer     secret.Sealer
	directory  *access.Directory
	clock      *clock.Fake
	credential access.Credential
}

func newRig(t *testing.T, change func(*Config)) *rig {
	t.Helper()
	t.Setenv("TEST_KEY", strings.Repeat("A", 43)+"=")
	key, err := secret.OpenKey("env://TEST_KEY", false)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{store: memory.New(), clock: clock.NewFake(noon)}
	r.sealer, err = secret.OpenKeyring(t.Context(), r.store, key, r.clock)
	if err != nil {
		t.Fatal(err)
	}
	r.directory, err = access.OpenDirectory(t.Context(), r.store, r.clock)
	if err != nil {
		t.Fatal(err)
	}
	credential, err := r.directory.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.credential = *credential
	r.Issuer = r.open(t, change)
	r.Server = httptest.NewTLSServer(r.Issuer)
	t.Cleanup(r.Close)
	return r
}

// open starts another node on the rig's store.
func (r *rig) open(t *testing.T, change func(*Config)) *Issuer {
	t.Helper()
	config := Config{Store: r.store, Sealer: r.sealer, Directory: r.directory, Clock: r.clock}
	if change != nil {
		change(&config)
	}
	i, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// post sends a form and returns the answer.
func (r *rig) post(t *testing.T, path string, form url.Values) (int, map[string]any, http.Header) {
	t.Helper()
	response, err := r.Client().PostForm(r.URL+path, form)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

func (r *rig) get(t *testing.T, path string) (int, map[string]any, http.Header) {
	t.Helper()
	response, err := r.Client().Get(r.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, response)
}

func read(t *testing.T, response *http.Response) (int, map[string]any, http.Header) {
	t.Helper()
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(data, &body); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
	} else {
		body = map[string]any{"text": string(data)}
	}
	return response.StatusCode, body, response.Header
}

// form is a request for a token of the administrator.
func (r *rig) form() url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "client_id": {r.credential.ClientID}, "client_secret": {r.credential.Secret},
		"scope": {"https://management.azure.com//.default"},
	}
}

func payload(t *testing.T, token string) map[string]any {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(data, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestClientCredentials(t *testing.T) {
	r := newRig(t, nil)
	tests := []struct {
		name, path string
		change     func(url.Values)
		audience   string
	}{
		{"version 2", "/" + r.credential.Tenant + "/oauth2/v2.0/token", nil, "https://management.azure.com/"},
		{"version 1", "/" + r.credential.Tenant + "/oauth2/token", func(f url.Values) { f.Del("scope"); f.Set("resource", "https://x.example/") }, "https://x.example/"},
		{"AD FS", "/adfs/oauth2/token", func(f url.Values) { f.Set("scope", "openid https://x.example//.default profile") }, "https://x.example/"},
		{"no scope", "/any.example/oauth2/v2.0/token", func(f url.Values) { f.Del("scope") }, defaultAudience},
		{"client id in capitals", "/organizations/oauth2/v2.0/token", func(f url.Values) { f.Set("client_id", strings.ToUpper(f.Get("client_id"))) }, "https://management.azure.com/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			form := r.form()
			if tt.change != nil {
				tt.change(form)
			}
			status, body, header := r.post(t, tt.path, form)
			if status != http.StatusOK || header.Get("Cache-Control") != "no-store" || body["token_type"] != "Bearer" || body["expires_in"] != 3599.0 {
				t.Fatalf("%d %v %v", status, body, header)
			}
			token := body["access_token"].(string)
			claims := payload(t, token)
			p, _ := r.directory.Find(r.credential.ClientID)
			for name, want := range map[string]any{
				"aud": []any{tt.audience}, "appid": p.AppID, "oid": p.ObjectID, "sub": p.ObjectID, "tid": r.credential.Tenant,
				"iss": r.URL + "/" + r.credential.Tenant + "/v2.0", "exp": float64(noon.Add(time.Hour).Unix()),
			} {
				got, _ := json.Marshal(claims[name])
				expected, _ := json.Marshal(want)
				if name == "aud" {
					expected, _ = json.Marshal(tt.audience)
				}
				if !bytes.Equal(got, expected) {
					t.Errorf("%s is %s, want %s", name, got, expected)
				}
			}
			principal, err := access.NewAuthenticator(r.Issuer).Authenticate(t.Context(), "Bearer "+token)
			if err != nil || principal.ID != p.ObjectID || principal.Name != "administrator" {
				t.Errorf("it authenticates %v, %v", principal, err)
			}
		})
	}
	// Basic authentication, in which both are form-encoded.
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+"/t/oauth2/token", strings.NewReader("grant_type=client_credentials"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(url.QueryEscape(r.credential.ClientID), url.QueryEscape(r.credential.Secret))
	response, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if status, body, _ := read(t, response); status != http.StatusOK {
		t.Errorf("basic authentication: %d %v", status, body)
	}
}

func TestTokenRefuses(t *testing.T) {
	r := newRig(t, nil)
	tests := []struct {
		name   string
		change func(url.Values)
		status int
		code   string
	}{
		{"wrong secret", func(f url.Values) { f.Set("client_secret", "hunter2-canary") }, 401, "invalid_client"},
		{"no secret", func(f url.Values) { f.Del("client_secret") }, 401, "invalid_client"},
		{"unknown client", func(f url.Values) { f.Set("client_id", access.NewID()) }, 401, "invalid_client"},
		{"long client", func(f url.Values) { f.Set("client_id", strings.Repeat("x", maxClientID+1)) }, 401, "invalid_client"},
		{"assertion", func(f url.Values) { f.Del("client_secret"); f.Set("client_assertion", "x") }, 401, "invalid_client"},
		{"no grant", func(f url.Values) { f.Del("grant_type") }, 400, "invalid_request"},
		{"password grant", func(f url.Values) { f.Set("grant_type", "password") }, 400, "unsupported_grant_type"},
		{"long scope", func(f url.Values) { f.Set("scope", "https://x/"+strings.Repeat("x", maxAudience)+"/.default") }, 400, "invalid_scope"},
		{"scope with control characters", func(f url.Values) { f.Set("resource", "https://x\x00"); f.Del("scope") }, 400, "invalid_scope"},
		{"long body", func(f url.Values) { f.Set("x", strings.Repeat("x", maxForm)) }, 400, "invalid_request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			form := r.form()
			tt.change(form)
			status, body, _ := r.post(t, "/t/oauth2/v2.0/token", form)
			if status != tt.status || body["error"] != tt.code || body["error_description"] == "" {
				t.Errorf("%d %v", status, body)
			}
			if data, _ := json.Marshal(body); strings.Contains(string(data), "hunter2") {
				t.Errorf("the answer quotes the secret: %s", data)
			}
		})
	}
	if status, _, _ := r.get(t, "/t/oauth2/v2.0/token"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", status)
	}
	if status, _, _ := r.get(t, "/subscriptions/oauth2/v2.0/token"); status != http.StatusNotFound {
		t.Errorf("another's path: %d", status)
	}
}

func TestFailuresAreLimited(t *testing.T) {
	r := newRig(t, nil)
	wrong := r.form()
	wrong.Set("client_secret", "x")
	refused := 0
	for range int(failureRate.burst) + 5 {
		if status, _, header := r.post(t, "/t/oauth2/token", wrong); status == http.StatusTooManyRequests && header.Get("Retry-After") != "" {
			refused++
		}
	}
	if refused != 5 {
		t.Errorf("%d of 5 attempts too many were refused", refused)
	}
	p, other, err := r.directory.CreatePrincipal(t.Context(), admin, "other")
	if err != nil {
		t.Fatal(err)
	}
	form := r.form()
	form.Set("client_id", p.AppID)
	form.Set("client_secret", other.Secret)
	if status, body, _ := r.post(t, "/t/oauth2/token", form); status != http.StatusOK {
		t.Errorf("another client has to wait too: %d %v", status, body)
	}
	r.clock.Advance(failureRate.every)
	if status, body, _ := r.post(t, "/t/oauth2/token", r.form()); status != http.StatusOK {
		t.Errorf("after a while: %d %v", status, body)
	}
}

func TestLimiterIsBounded(t *testing.T) {
	c := clock.NewFake(noon)
	l := newLimiter(c)
	for n := range 2 * maxBuckets {
		l.allow(string(rune(n)), failureRate)
	}
	if len(l.buckets) > maxBuckets+1 {
		t.Errorf("there are %d buckets", len(l.buckets))
	}
	if l.allow("one more", failureRate) {
		t.Error("sources without a bucket share none")
	}
	c.Advance(time.Hour)
	if !l.allow("one more", failureRate) || len(l.buckets) > 1 {
		t.Errorf("after an hour there are %d buckets", len(l.buckets))
	}
}

func TestVerifyRefuses(t *testing.T) {
	r := newRig(t, nil)
	_, body, _ := r.post(t, "/t/oauth2/v2.0/token", r.form())
	token := body["access_token"].(string)
	p, credential, _ := r.directory.CreatePrincipal(t.Context(), admin, "ci")
	form := r.form()
	form.Set("client_id", p.AppID)
	form.Set("client_secret", credential.Secret)
	_, body, _ = r.post(t, "/t/oauth2/v2.0/token", form)
	revoked := body["access_token"].(string)
	if _, err := r.Verify(t.Context(), revoked); err != nil {
		t.Fatal(err)
	}
	if err := r.directory.RevokePrincipal(t.Context(), admin, p.AppID); err != nil {
		t.Fatal(err)
	}
	identity, _, err := r.identity(request{base: r.URL}, must(r.directory.Find("administrator")), "client")
	if err != nil {
		t.Fatal(err)
	}
	stranger := newRig(t, nil)
	_, body, _ = stranger.post(t, "/t/oauth2/v2.0/token", stranger.form())
	for name, raw := range map[string]string{
		"revoked principal": revoked, "identity token": identity, "another installation": body["access_token"].(string),
		"changed": token[:len(token)-8] + "AAAAAAAA",
	} {
		if got, err := r.Verify(t.Context(), raw); err == nil {
			t.Errorf("%s: accepted as %v", name, got)
		}
	}
	narrow := r.open(t, func(c *Config) { c.Audiences = []string{"https://only.example"} })
	if _, err := narrow.Verify(t.Context(), token); err == nil {
		t.Error("a token for another audience was accepted")
	}
	r.clock.Advance(TokenLifetime + 2*time.Minute)
	if _, err := r.Verify(t.Context(), token); !errors.Is(err, access.ErrExpired) {
		t.Errorf("after its time: %v", err)
	}
}

func must[T any](v T, _ bool) T { return v }

func TestCreateToken(t *testing.T) {
	r := newRig(t, nil)
	raw, info, err := r.CreateToken(t.Context(), admin, r.credential.ClientID, "laptop", 30*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(29 * 24 * time.Hour)
	if p, err := r.Verify(t.Context(), raw); err != nil || p.Name != "administrator" {
		t.Errorf("after 29 days: %v, %v", p, err)
	}
	if err := r.directory.RevokeToken(t.Context(), admin, info.ID); err != nil {
		t.Fatal(err)
	}
	if p, err := r.Verify(t.Context(), raw); err == nil {
		t.Errorf("after it was revoked: %v", p)
	}
	_ = r.store.View(t.Context(), func(s store.Reader) error {
		log, _ := s.AuditLog(0, 100)
		for _, e := range log {
			if strings.Contains(string(e.Data), raw) {
				t.Error("the token is in the audit log")
			}
		}
		for record := range s.Tree("") {
			if strings.Contains(string(record.Value), "PRIVATE") || strings.Contains(string(record.Value), raw) {
				t.Errorf("record %s has a secret", record.Key)
			}
		}
		return nil
	})
}

func TestRotate(t *testing.T) {
	r := newRig(t, nil)
	other := r.open(t, nil)
	_, body, _ := r.post(t, "/t/oauth2/v2.0/token", r.form())
	old := body["access_token"].(string)
	r.clock.Advance(time.Minute)
	if err := r.Rotate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	_, body, _ = r.post(t, "/t/oauth2/v2.0/token", r.form())
	for name, raw := range map[string]string{"old": old, "new": body["access_token"].(string)} {
		for node, i := range map[string]*Issuer{"here": r.Issuer, "another node": other} {
			if _, err := i.Verify(t.Context(), raw); err != nil {
				t.Errorf("%s, %s: %v", name, node, err)
			}
		}
	}
	if _, body, _ := r.get(t, "/t/discovery/v2.0/keys"); len(body["keys"].([]any)) != 2 {
		t.Errorf("keys: %v", body)
	}
	data, _ := json.Marshal(body)
	for _, private := range []string{`"d":`, `"p":`, `"q":`} {
		if strings.Contains(string(data), private) {
			t.Error("the keys are private")
		}
	}
	r.clock.Advance(keepAfter)
	if err := r.Rotate(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	if n := len(r.keys.Load().order); n != 2 {
		t.Errorf("%d keys are kept, of which one is old", n)
	}
}

func TestUnknownKeysDoNotReadTheStore(t *testing.T) {
	r := newRig(t, nil)
	for range 100 {
		if found, err := r.Keys(t.Context(), "unknown"); err != nil || found != nil {
			t.Fatal(found, err)
		}
	}
	looked := r.looked
	r.clock.Advance(lookInterval)
	if _, err := r.Keys(t.Context(), "unknown"); err != nil || !r.looked.After(looked) {
		t.Errorf("it did not look again: %v", err)
	}
}

func TestDiscovery(t *testing.T) {
	r := newRig(t, nil)
	tenant := r.credential.Tenant
	for path, want := range map[string]string{
		"/" + tenant + "/v2.0/.well-known/openid-configuration": r.URL + "/" + tenant + "/oauth2/v2.0/token",
		"/" + tenant + "/.well-known/openid-configuration":      r.URL + "/" + tenant + "/oauth2/token",
		"/adfs/.well-known/openid-configuration":                r.URL + "/adfs/oauth2/token",
		"/adfs/adfs/.well-known/openid-configuration":           r.URL + "/adfs/oauth2/token",
		"//adfs/.well-known/openid-configuration":               r.URL + "/adfs/oauth2/token",
	} {
		status, body, _ := r.get(t, path)
		if status != http.StatusOK || body["token_endpoint"] != want || body["issuer"] != r.URL+"/"+tenant+"/v2.0" || body["authorization_endpoint"] == nil {
			t.Errorf("%s: %d %v", path, status, body)
		}
		if !Owns(path) {
			t.Errorf("%s is not owned", path)
		}
	}
	status, body, _ := r.get(t, "/common/discovery/instance?api-version=1.1&authorization_endpoint=x")
	if status != http.StatusOK || body["tenant_discovery_endpoint"] != r.URL+"/common/v2.0/.well-known/openid-configuration" || body["metadata"] == nil {
		t.Errorf("instance discovery: %d %v", status, body)
	}
	for _, path := range []string{"/", "/subscriptions/x", "/subscriptions/.well-known/openid-configuration", "/a/b", "/a%2f/discovery/instance", "//discovery/instance", "/adfs/adfs/adfs/discovery/instance", "/x/adfs/discovery/instance"} {
		if Owns(path) {
			t.Errorf("%s is owned", path)
		}
	}
	fixed := r.open(t, func(c *Config) { c.BaseURL = "https://manage.example" })
	w := httptest.NewRecorder()
	fixed.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/adfs/.well-known/openid-configuration", nil))
	if !strings.Contains(w.Body.String(), `"token_endpoint":"https://manage.example/adfs/oauth2/token"`) {
		t.Errorf("with a base URL: %s", w.Body)
	}
	request := httptest.NewRequest(http.MethodGet, "/adfs/.well-known/openid-configuration", nil)
	request.Host = "evil.example/x?"
	w = httptest.NewRecorder()
	if r.ServeHTTP(w, request); w.Code != http.StatusBadRequest {
		t.Errorf("a hostile Host: %d %s", w.Code, w.Body)
	}
}

func TestDeviceCode(t *testing.T) {
	r := newRig(t, nil)
	begin := func() map[string]any {
		status, body, _ := r.post(t, "/common/oauth2/v2.0/devicecode", url.Values{"client_id": {"cli"}, "scope": {"https://x.example/.default offline_access"}})
		if status != http.StatusOK || body["interval"] != 5.0 || body["verification_uri"] != r.URL+"/common/oauth2/device" {
			t.Fatalf("%d %v", status, body)
		}
		return body
	}
	code := begin()
	poll := func(client string) (int, map[string]any) {
		status, body, _ := r.post(t, "/common/oauth2/v2.0/token", url.Values{"grant_type": {grantDevice}, "client_id": {client}, "device_code": {code["device_code"].(string)}})
		return status, body
	}
	if status, body := poll("cli"); status != 400 || body["error"] != "authorization_pending" {
		t.Errorf("before: %d %v", status, body)
	}
	if _, body := poll("cli"); body["error"] != "slow_down" {
		t.Errorf("too soon: %v", body)
	}
	if _, body := poll("another"); body["error"] != "invalid_grant" {
		t.Errorf("another client: %v", body)
	}
	typed := strings.ToLower(code["user_code"].(string))
	approve := func(code, secret string) (int, string) {
		status, body, header := r.post(t, "/common/oauth2/device", url.Values{"user_code": {code}, "client_id": {r.credential.ClientID}, "client_secret": {secret}})
		if !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("headers: %v", header)
		}
		return status, body["text"].(string)
	}
	if status, text := approve(typed, "wrong"); status != 401 || !strings.Contains(text, "is wrong") {
		t.Errorf("wrong secret: %d %s", status, text)
	}
	if status, text := approve("<script>", r.credential.Secret); status != 400 || strings.Contains(text, "<script>") {
		t.Errorf("wrong code: %d %s", status, text)
	}
	if status, text := approve(typed, r.credential.Secret); status != 200 || !strings.Contains(text, "signed in as administrator") {
		t.Errorf("right: %d %s", status, text)
	}
	status, body := poll("cli")
	if status != http.StatusOK || body["id_token"] == nil || body["scope"] != "https://x.example/.default offline_access" || body["client_info"] == nil {
		t.Fatalf("after: %d %v", status, body)
	}
	if p, err := r.Verify(t.Context(), body["access_token"].(string)); err != nil || p.Name != "administrator" {
		t.Errorf("the token is of %v, %v", p, err)
	}
	if _, body := poll("cli"); body["error"] != "invalid_grant" {
		t.Errorf("twice: %v", body)
	}
	code = begin()
	r.clock.Advance(deviceLifetime)
	if _, body := poll("cli"); body["error"] != "expired_token" {
		t.Errorf("too late: %v", body)
	}
}

func TestDevicePage(t *testing.T) {
	r := newRig(t, nil)
	status, body, _ := r.get(t, "/common/oauth2/device?user_code="+url.QueryEscape(`"><script>alert(1)</script>`))
	if text := body["text"].(string); status != http.StatusOK || strings.Contains(text, "<script>") || !strings.Contains(text, `name="client_secret" type="password"`) {
		t.Errorf("%d %s", status, text)
	}
	tooMany := 0
	for range int(userCodeRate.burst) + 3 {
		if status, _, _ := r.post(t, "/common/oauth2/device", url.Values{"user_code": {"BBBBBBBB"}}); status == http.StatusTooManyRequests {
			tooMany++
		}
	}
	if tooMany != 3 {
		t.Errorf("%d attempts were too many", tooMany)
	}
}

func TestDevicesAreBounded(t *testing.T) {
	c := clock.NewFake(noon)
	notes := memory.New()
	d := newDevices(notes, c)
	for range maxDevices {
		if _, _, err := d.add(t.Context(), device{}); err != nil {
			t.Fatal("refused too early:", err)
		}
	}
	if _, _, err := d.add(t.Context(), device{}); !errors.Is(err, errTooManyDevices) {
		t.Error("one too many was accepted:", err)
	}
	c.Advance(deviceLifetime)
	if _, _, err := d.add(t.Context(), device{}); err != nil {
		t.Error("after the others expired:", err)
	}
}

// TestDevicesOfOtherNodes begins at one node, approves at another and asks a
// third: they share a store.
func TestDevicesOfOtherNodes(t *testing.T) {
	c, notes := clock.NewFake(noon), memory.New()
	node := func() *devices { return newDevices(notes, c) }
	code, typed, err := node().add(t.Context(), device{ClientID: "cli", Audience: "a", Scope: "s"})
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := node().approve(t.Context(), typed[:4]+"-"+strings.ToLower(typed[4:]), "object"); !ok || err != nil {
		t.Fatalf("not approved: %v", err)
	}
	v, refused, err := node().take(t.Context(), code, "cli")
	if refused != "" || err != nil || v.Approved != "object" || v.Audience != "a" || v.Scope != "s" {
		t.Errorf("%+v, %q, %v", v, refused, err)
	}
	if _, refused, err := node().take(t.Context(), code, "cli"); refused != "invalid_grant" || err != nil {
		t.Errorf("a second time: %q, %v", refused, err)
	}
}

// TestAzureIdentity signs in with Microsoft's own client.
func TestAzureIdentity(t *testing.T) {
	r := newRig(t, nil)
	options := azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: r.URL},
		Transport: r.Client(),
	}
	scope := policy.TokenRequestOptions{Scopes: []string{"https://management.azure.com//.default"}}
	credential, err := azidentity.NewClientSecretCredential(r.credential.Tenant, r.credential.ClientID, r.credential.Secret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: true})
	if err != nil {
		t.Fatal(err)
	}
	token, err := credential.GetToken(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := r.Verify(t.Context(), token.Token); err != nil || p.Name != "administrator" {
		t.Errorf("the token is of %v, %v", p, err)
	}
	wrong, err := azidentity.NewClientSecretCredential(r.credential.Tenant, r.credential.ClientID, "wrong",
		&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: true})
	if err != nil {
		t.Fatal(err)
	}
	var failed *azidentity.AuthenticationFailedError
	if _, err := wrong.GetToken(t.Context(), scope); !errors.As(err, &failed) || !strings.Contains(err.Error(), "invalid_client") {
		t.Errorf("a wrong secret: %v", err)
	}
	device, err := azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions: options, DisableInstanceDiscovery: true, TenantID: r.credential.Tenant,
		UserPrompt: r.approve(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	token, err = device.GetToken(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := r.Verify(t.Context(), token.Token); err != nil || p.Name != "administrator" {
		t.Errorf("the device's token is of %v, %v", p, err)
	}
}

// approve does what the message of a device code asks for.
func (r *rig) approve(t *testing.T) func(context.Context, azidentity.DeviceCodeMessage) error {
	t.Helper()
	return func(_ context.Context, m azidentity.DeviceCodeMessage) error {
		page, err := url.Parse(m.VerificationURL)
		if err != nil {
			return err
		}
		status, _, _ := r.post(t, page.Path, url.Values{
			"user_code": {m.UserCode}, "client_id": {r.credential.ClientID}, "client_secret": {r.credential.Secret},
		})
		if status != http.StatusOK {
			t.Errorf("the approval was answered %d", status)
		}
		return nil
	}
}
