package oidc

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/portal/account"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/session"
)

const portalURL = "https://portal.example"

// startProvider runs the provider on loopback and returns its issuer. Its client
// is "portal", its user test-user@127.0.0.1 with the password "verysecure".
func startProvider(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	issuer := "http://" + l.Addr().String()
	storage.RegisterClients(storage.WebClient("portal", "s3cret", portalURL+"/signin/corp/callback"))
	provider := exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)), slog.New(slog.DiscardHandler), false)
	server := httptest.NewUnstartedServer(provider)
	_ = server.Listener.Close() // It listens elsewhere.
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	return issuer
}

// transport calls the management API's handler.
type transport struct{ http.Handler }

func (h transport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// portal is the section of accounts over a management API.
type portal struct {
	*resourcestest.Server
	t       *testing.T
	site    *page.Site
	cookies map[string]string
	body    string
}

func newPortal(t *testing.T, issuer string) *portal {
	t.Helper()
	p := &portal{Server: resourcestest.New(t, nil), t: t, cookies: map[string]string{}}
	p.Clock.Set(clock.System().Now()) // The provider has no clock but the machine's.
	p.Put("openidConnectProviders/corp", `{"properties":{"displayName":"Corp","metadataEndpoint":"`+issuer+
		`/.well-known/openid-configuration","clientId":"portal","clientSecret":"s3cret"}}`)
	c, err := client.New(client.Options{Service: resourcestest.Service, Transport: transport{p.Server}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(portalURL)
	if err != nil {
		t.Fatal(err)
	}
	sessions := session.New(session.Options{Client: c, Secure: true, Clock: p.Clock})
	section := account.New(account.Options{
		Client: c, Sessions: sessions, Mail: mail.New(mail.Options{Client: c, Clock: p.Clock, PortalURL: portalURL}),
		Settings: followed(t, account.SettingsOptions{Client: c, Clock: p.Clock, OpenID: []string{"corp"}}), AllowPrivate: true,
	})
	home := &page.Section{Name: "home", Routes: []page.Route{{Pattern: "GET /{$}", Run: func(x *page.Exchange) error {
		_, err := x.W.Write([]byte("home of " + x.Visitor.Email))
		return err
	}}}}
	p.site, err = page.New(page.Options{URL: u, Client: c, Sessions: sessions, Sections: []*page.Section{section, home}, Clock: p.Clock})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// followed are settings that have been read, and are until the test ends.
func followed(t *testing.T, o account.SettingsOptions) *account.Settings {
	t.Helper()
	settings := account.NewSettings(o)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		settings.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-ended })
	for ctx.Err() == nil {
		if _, err := settings.Current(); err == nil {
			break
		}
		runtime.Gosched()
	}
	return settings
}

// get and post answer the status and where the browser is sent.
func (p *portal) get(path string) (int, string) {
	p.t.Helper()
	return p.send(httptest.NewRequestWithContext(p.t.Context(), http.MethodGet, portalURL+path, nil))
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// post sends the form of the last page that leads to a path, with what is typed.
func (p *portal) post(path string, typed ...string) (int, string) {
	p.t.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="` + path + `".*?</form>`).FindString(p.body)
	if form == "" {
		p.t.Fatalf("there is no form for %s:\n%s", path, p.body)
	}
	values := url.Values{}
	for _, h := range hidden.FindAllStringSubmatch(form, -1) {
		values.Set(h[1], html.UnescapeString(h[2]))
	}
	for i := 0; i+1 < len(typed); i += 2 {
		values.Set(typed[i], typed[i+1])
	}
	r := httptest.NewRequestWithContext(p.t.Context(), http.MethodPost, portalURL+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", portalURL)
	return p.send(r)
}

func (p *portal) send(r *http.Request) (int, string) {
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	p.site.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if p.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(p.cookies, c.Name)
		}
	}
	p.body = w.Body.String()
	return w.Code, w.Header().Get("Location")
}

// provide goes through the provider's pages, as its user, and returns the path of
// the portal to which that leads back.
func (p *portal) provide(password string) string {
	p.t.Helper()
	status, address := p.get("/signin/corp")
	if status != http.StatusSeeOther {
		p.t.Fatalf("beginning: %d\n%s", status, p.body)
	}
	browser := &http.Client{CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if next.URL.Host == "portal.example" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	p.t.Cleanup(browser.CloseIdleConnections)
	login, err := browser.Get(address) //nolint:noctx // The test ends with it.
	if err != nil {
		p.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, login.Body)
	_ = login.Body.Close()
	id := login.Request.URL.Query().Get("authRequestID")
	back, err := browser.PostForm(login.Request.URL.String(), url.Values{ //nolint:noctx // As above.
		"id": {id}, "username": {"test-user@127.0.0.1"}, "password": {password},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	_ = back.Body.Close()
	return strings.TrimPrefix(back.Header.Get("Location"), portalURL)
}

// want fails the test where an answer is another.
func (p *portal) want(what string, wantStatus int, wantLocation string, status int, location string) {
	p.t.Helper()
	if status != wantStatus || location != wantLocation {
		p.t.Fatalf("%s: %d %q, want %d %q\n%s", what, status, location, wantStatus, wantLocation, p.body)
	}
}

func (p *portal) isHomeOf(email string) {
	p.t.Helper()
	if p.get("/"); p.body != "home of "+email {
		p.t.Fatalf("the page is %q, want the home of %q", p.body, email)
	}
}

// TestSignUpAndIn makes an account at the first sign-in, finds it at the second,
// and takes no answer of the provider twice.
func TestSignUpAndIn(t *testing.T) {
	p := newPortal(t, startProvider(t))
	if path := p.provide("wrong"); path != "" {
		t.Errorf("a wrong password leads to %s", path)
	}
	back := p.provide("verysecure")
	status, location := p.get(back)
	p.want("coming back", 303, "/signup/provider", status, location)
	p.get(location)
	status, location = p.post("/signup/provider", "first", "Test", "last", "User", "email", "forged@example.com")
	p.want("completing the account", 303, "/", status, location)
	p.isHomeOf("test-user@zitadel.ch")

	status, location = p.get(back)
	p.want("the same answer again", 403, "", status, location)
	p.cookies = map[string]string{}
	status, location = p.get(p.provide("verysecure"))
	p.want("signing in", 303, "/", status, location)
	p.isHomeOf("test-user@zitadel.ch")
}

// TestOtherBrowser gives the answer of the provider to a browser that has not
// begun the sign-in.
func TestOtherBrowser(t *testing.T) {
	p := newPortal(t, startProvider(t))
	back := p.provide("verysecure")
	p.cookies = map[string]string{}
	status, location := p.get(back)
	p.want("in another browser", 403, "", status, location)
	p.isHomeOf("")
	p.provide("verysecure") // Another attempt, with another state.
	status, location = p.get(back)
	p.want("for another attempt", 403, "", status, location)
}

// TestConnect connects the identity to an account that has its address already,
// which takes the password of that.
func TestConnect(t *testing.T) {
	p := newPortal(t, startProvider(t))
	p.Put("users/ann", `{"properties":{"email":"test-user@zitadel.ch","firstName":"Ann","lastName":"A","password":"correct horse"}}`)
	status, location := p.get(p.provide("verysecure"))
	p.want("coming back", 303, "/signup/provider", status, location)
	p.get(location)
	status, location = p.post("/signup/provider", "first", "Test", "last", "User")
	p.want("an address that is taken", 303, "/signin?return=/account", status, location)
	p.isHomeOf("")
	p.get(location)
	status, location = p.post("/signin", "email", "test-user@zitadel.ch", "password", "correct horse")
	p.want("signing in", 303, "/account", status, location)
	p.get("/account")
	status, location = p.post("/account/link")
	p.want("connecting", 303, "/account", status, location)
	p.cookies = map[string]string{}
	status, location = p.get(p.provide("verysecure"))
	p.want("signing in there", 303, "/", status, location)
	p.isHomeOf("test-user@zitadel.ch")
	if names := p.Names("users"); len(names) != 2 { // With the administrator.
		t.Errorf("there are the users %v", names)
	}
}
