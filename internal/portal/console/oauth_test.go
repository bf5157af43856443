package console

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// issuerForTests is an authorization server that gives a code for a challenge and
// a token for code and verifier.
type issuerForTests struct {
	*httptest.Server
	mu        sync.Mutex
	challenge string
	forms     []url.Values
	basic     string
	answer    string
}

func newIssuer(t *testing.T) *issuerForTests {
	t.Helper()
	s := &issuerForTests{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metadata", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize?tenant=1", "token_endpoint": s.URL + "/token"})
	})
	mux.HandleFunc("POST /token", s.token)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *issuerForTests) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.ParseForm() != nil {
		return
	}
	s.forms = append(s.forms, r.PostForm)
	if name, password, ok := r.BasicAuth(); ok {
		s.basic = name + ":" + password
	}
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	code := r.PostForm.Get("grant_type") == "authorization_code"
	if code && (r.PostForm.Get("code") != "good" || base64.RawURLEncoding.EncodeToString(sum[:]) != s.challenge) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"secret-detail"}`)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	answer := s.answer
	if answer == "" {
		answer = `{"access_token":"` + jwt(`{"sub":"ann@example","exp":4102444800}`) + `","token_type":"Bearer","expires_in":300,"scope":"orders"}`
	}
	_, _ = io.WriteString(w, answer)
}

func jwt(claims string) string {
	return "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

// withIssuer gives the API "shop" an authorization server.
func withIssuer(s *issuerForTests, grants ...string) func(*Options, *plane) {
	return func(o *Options, p *plane) {
		o.AllowPrivate = true
		p.set("GET authorizationServers/main", resource("authorizationServers/main", object{
			"displayName": "Main login", "authorizationEndpoint": s.URL + "/authorize", "tokenEndpoint": s.URL + "/token", "clientId": "portal",
			"grantTypes": grants, "clientAuthenticationMethod": []string{"Basic"}, "bearerTokenSendingMethods": []string{"authorizationHeader"},
			"tokenBodyParameters": []any{object{"name": "resource", "value": "api"}, object{"name": "grant_type", "value": "password"}},
		}))
		p.set("POST authorizationServers/main/listSecrets", object{"clientSecret": "client-secret"})
	}
}

const authorizePath = orderPath + "/authorize/authorizationServers/main"

// begin goes to the authorization server and returns what it is asked.
func (p *portal) begin(s *issuerForTests) url.Values {
	p.t.Helper()
	answer, text := p.do(http.MethodGet, authorizePath, nil)
	to, err := url.Parse(answer.Header.Get("Location"))
	if answer.StatusCode != http.StatusSeeOther || err != nil || !strings.HasPrefix(to.String(), s.URL+"/authorize?") {
		p.t.Fatalf("%d to %s: %s", answer.StatusCode, to, text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.challenge = to.Query().Get("code_challenge")
	return to.Query()
}

func TestAuthorizationCode(t *testing.T) {
	s := newIssuer(t)
	p := newPortal(t, nil, withIssuer(s, "authorizationCode"))
	p.user = "ann"
	asked := p.begin(s)
	for name, want := range map[string]string{"response_type": "code", "client_id": "portal", "scope": "orders", "code_challenge_method": "S256", "redirect_uri": p.URL + "/signin-oauth/code/callback/main"} {
		if asked.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, asked.Get(name), want)
		}
	}
	back := "/signin-oauth/code/callback/main?code=good&state=" + url.QueryEscape(asked.Get("state"))
	if answer, _ := p.do(http.MethodGet, back, nil); answer.Header.Get("Location") != orderPath {
		t.Fatalf("led to %s", answer.Header.Get("Location"))
	}
	if s.basic != "portal:client-secret" || s.forms[0].Get("client_secret") != "" || s.forms[0].Get("resource") != "api" || s.forms[0].Get("grant_type") != "authorization_code" {
		t.Errorf("the token endpoint got %q and %v", s.basic, s.forms[0])
	}
	_, text := p.do(http.MethodGet, orderPath, nil)
	id := between(text, `<option value="`, `" selected>Main login`)
	if id == "" || !strings.Contains(text, "ann@example") || strings.Contains(text, "eyJhbGci") || strings.Contains(text, "client-secret") {
		t.Fatalf("the page does not show the token, or shows too much of it: %q", id)
	}
	list := p.send(orderPath, "path.id", "7", "token", id, "reveal", "yes")
	if got := p.gateway.requests()[0].Header.Get("Authorization"); got != "Bearer "+jwt(`{"sub":"ann@example","exp":4102444800}`) {
		t.Errorf("the gateway got %q", got)
	}
	for _, h := range list[0].Request.Header {
		if strings.Contains(h[1], "eyJhbGci") {
			t.Error("the token is shown")
		}
	}
	p.user = "bob"
	if list := p.send(orderPath, "path.id", "7", "token", id); list[0].Refused == nil {
		t.Error("another visitor's token was sent")
	}
}

// between is the last text before end and after start.
func between(text, start, end string) string {
	before, _, found := strings.Cut(text, end)
	if !found {
		return ""
	}
	return before[strings.LastIndex(before, start)+len(start):]
}

func TestCallback_Refuses(t *testing.T) {
	s := newIssuer(t)
	p := newPortal(t, nil, withIssuer(s, "authorizationCode"))
	p.user = "ann"
	state := p.begin(s).Get("state")
	callback := "/signin-oauth/code/callback/main?code=good&state="
	tests := []struct{ name, user, path string }{
		{"no state", "ann", "/signin-oauth/code/callback/main?code=good"},
		{"another state", "ann", callback + "x"},
		{"another session", "bob", callback + state},
		{"a code that is not good", "ann", "/signin-oauth/code/callback/main?code=bad&state=" + state},
		{"the state again", "ann", callback + state},
	}
	for _, test := range tests {
		p.user = test.user
		answer, text := p.do(http.MethodGet, test.path, nil)
		if answer.StatusCode != http.StatusSeeOther || strings.Contains(text, "secret-detail") {
			t.Errorf("%s: %d %s", test.name, answer.StatusCode, text)
		}
		if _, page := p.do(http.MethodGet, orderPath, nil); strings.Contains(page, ">Forget<") {
			t.Errorf("%s: gave a token", test.name)
		}
	}
	p.user = ""
	if answer, _ := p.do(http.MethodGet, callback+state, nil); !strings.HasPrefix(answer.Header.Get("Location"), "/signin?") {
		t.Errorf("a guest was led to %q", answer.Header.Get("Location"))
	}
	p.user = "ann"
	asked := p.begin(s)
	if answer, _ := p.do(http.MethodGet, "/signin-oauth/code/callback/other?code=good&state="+asked.Get("state"), nil); answer.Header.Get("Location") != "/apis" {
		t.Errorf("another server's callback led to %s", answer.Header.Get("Location"))
	}
}

func TestAuthorize_OnlyNamedServers(t *testing.T) {
	s := newIssuer(t)
	p := newPortal(t, nil, withIssuer(s, "implicit"))
	p.user = "ann"
	p.plane.set("GET authorizationServers/other", resource("authorizationServers/other", object{"authorizationEndpoint": s.URL, "tokenEndpoint": s.URL, "grantTypes": []string{"authorizationCode"}}))
	for _, path := range []string{authorizePath, orderPath + "/authorize/authorizationServers/other", orderPath + "/authorize/users/ann", orderPath + "/authorize/authorizationServers/..%2Fmain"} {
		answer, _ := p.do(http.MethodGet, path, nil)
		if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != orderPath {
			t.Errorf("%s: %d to %q", path, answer.StatusCode, answer.Header.Get("Location"))
		}
	}
}

func TestClientCredentials(t *testing.T) {
	s := newIssuer(t)
	p := newPortal(t, nil, withIssuer(s, "clientCredentials"))
	p.user = "ann"
	fields, media := form(t, "csrf", p.token(orderPath))
	if answer, _ := p.do(http.MethodPost, orderPath+"/token/authorizationServers/main", fields, "Content-Type", media); answer.Header.Get("Location") != orderPath {
		t.Fatalf("led to %q", answer.Header.Get("Location"))
	}
	_, text := p.do(http.MethodGet, orderPath, nil)
	id := between(text, `name="token" value="`, `" type="submit">Forget`)
	if s.forms[0].Get("scope") != "orders" || id == "" {
		t.Fatalf("asked %v, token %q", s.forms, id)
	}
	fields, media = form(t, "csrf", p.token(orderPath), "token", id)
	p.do(http.MethodPost, orderPath+"/forget", fields, "Content-Type", media)
	if list := p.send(orderPath, "path.id", "7", "token", id); list[0].Refused == nil {
		t.Error("a token that was forgotten was sent")
	}
}

func TestTokens_Refused(t *testing.T) {
	for _, answer := range []string{`{}`, `[]`, `{"access_token":"a\nb","token_type":"Bearer"}`, `{"access_token":"a","token_type":"mac"}`,
		`{"access_token":"` + strings.Repeat("a", maxTokenBytes+1) + `","token_type":"Bearer"}`, strings.Repeat("x", maxIssuerBytes+1)} {
		s := newIssuer(t)
		s.answer = answer
		p := newPortal(t, nil, withIssuer(s, "clientCredentials"))
		p.user = "ann"
		fields, media := form(t, "csrf", p.token(orderPath))
		p.do(http.MethodPost, orderPath+"/token/authorizationServers/main", fields, "Content-Type", media)
		if _, text := p.do(http.MethodGet, orderPath, nil); strings.Contains(text, ">Forget<") || !strings.Contains(text, "gave no token") {
			t.Errorf("%.60s was taken, or nothing was said", answer)
		}
	}
}

func TestOpenIDProvider(t *testing.T) {
	s := newIssuer(t)
	p := newPortal(t, nil, func(o *Options, p *plane) {
		o.AllowPrivate = true
		shop := resource("apis/shop", object{"displayName": "Shop", "path": "shop", "type": "http", "isCurrent": true, "isOnline": true, "apiRevision": "1",
			"authenticationSettings": object{"openid": object{"openidProviderId": "company", "bearerTokenSendingMethods": []string{"query"}}}})
		p.set("GET apis", listOf(shop))
		p.set("GET openidConnectProviders/company", resource("openidConnectProviders/company", object{"displayName": "Company", "metadataEndpoint": s.URL + "/metadata", "clientId": "portal"}))
		p.set("POST openidConnectProviders/company/listSecrets", object{"clientSecret": "s&p"})
	})
	p.user = "ann"
	answer, _ := p.do(http.MethodGet, orderPath+"/authorize/openidConnectProviders/company", nil)
	to := mustURL(t, answer.Header.Get("Location"))
	if to.Query().Get("tenant") != "1" || to.Query().Get("scope") != "openid" {
		t.Fatalf("led to %s", to)
	}
	s.challenge = to.Query().Get("code_challenge")
	p.do(http.MethodGet, "/signin-oauth/code/callback/company?code=good&state="+to.Query().Get("state"), nil)
	if s.forms[0].Get("client_secret") != "s&p" {
		t.Errorf("the token endpoint got %v", s.forms[0])
	}
	_, text := p.do(http.MethodGet, orderPath, nil)
	list := p.send(orderPath, "path.id", "7", "token", between(text, `<option value="`, `" selected>Company`))
	if len(p.gateway.requests()) != 1 || !strings.HasPrefix(p.gateway.requests()[0].URL.RawQuery, "access_token=eyJ") || strings.Contains(list[0].Request.URL, "eyJ") {
		t.Errorf("sent %+v", list[0])
	}
}

func TestWallet(t *testing.T) {
	fake := clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	w := newWallet(fake)
	w.put("ann", token{Issuer: "a", secret: "1", Expires: fake.Now().Add(48 * time.Hour)})
	w.put("ann", token{Issuer: "a", secret: "2"})
	if got := w.list("ann", []string{"a"}); len(got) != 1 || got[0].secret != "2" || got[0].Expires.Sub(fake.Now()) != maxTokenLife {
		t.Errorf("tokens: %+v", got)
	}
	w.begin("ann", pending{Issuer: "a"})
	for range maxPending {
		w.begin("ann", pending{Issuer: "a"})
	}
	if n := len(w.sessions["ann"].pending); n != maxPending {
		t.Errorf("%d sign-ins are waited for", n)
	}
	last := w.begin("ann", pending{Issuer: "a"})
	fake.Advance(pendingLife)
	if _, ok := w.take("ann", last); ok {
		t.Error("a state works after its life")
	}
	fake.Advance(maxTokenLife)
	if got := w.list("ann", []string{"a"}); len(got) != 0 {
		t.Error("a token is there after its life")
	}
	fake.Advance(time.Second)
	for i := range 3 * maxTokens {
		w.put("bob", token{Issuer: string(rune('a' + i))})
	}
	if n := len(w.sessions["bob"].tokens); n != maxTokens {
		t.Errorf("%d tokens are kept", n)
	}
	if w.list("nobody", []string{"a"}) != nil || len(w.sessions) != 2 {
		t.Error("asking makes a pocket")
	}
	fake.Advance(time.Second)
	for i := range maxWallets - 2 {
		w.sessions[string(rune(i+1000))] = &pocket{pending: map[string]pending{}, used: fake.Now()}
	}
	w.put("new", token{Issuer: "a"})
	if len(w.sessions) != maxWallets || w.sessions["new"] == nil || w.sessions["ann"] != nil {
		t.Errorf("%d sessions, and not the oldest was dropped", len(w.sessions))
	}
}
