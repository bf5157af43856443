package portal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a portal with all of its sections, and a management plane.
type rig struct {
	t       *testing.T
	portal  *Portal
	plane   *pagetest.Management
	address netip.Addr
}

// newRig starts a portal over a management plane with two users: ann, a
// developer, and 1, the administrator.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, plane: pagetest.NewManagement(t), address: netip.MustParseAddr("10.0.0.1")}
	r.plane.Handle("GET sallyportChanges", func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Query().Get("wait") != "" && req.URL.Query().Get("wait") != "0" {
			<-req.Context().Done()
			return
		}
		_, _ = w.Write([]byte(`{"revision":1,"changed":[],"complete":true}`))
	})
	key, _ := json.Marshal(client.PortalKey{Key: make([]byte, 32)})
	r.plane.Handle("POST sallyportPortalKey", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(key) })
	r.plane.Set("users/ann", client.User{Email: "ann@example.com", FirstName: "Ann", State: "active"})
	r.plane.Set("users/ann/groups/developers", client.Group{})
	r.plane.Set("users/1", client.User{Email: "admin@example.com", FirstName: "Admin", State: "active"})
	r.plane.Set("users/1/groups/administrators", client.Group{})
	for _, name := range []string{"signin", "signup", "delegation"} {
		r.plane.Set("portalsettings/"+name, map[string]any{"enabled": false})
	}
	r.start()
	return r
}

// start starts a portal of the same service; the one before ends with the test.
func (r *rig) start() {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p, err := New(ctx, Options{
		Client: r.plane.Client, URL: &url.URL{Scheme: "https", Host: "portal.example.com"}, Clock: clock.System(),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
	})
	if err != nil {
		cancel()
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { cancel(); p.Wait() })
	r.portal = p
	<-p.assembled
	if err := p.Ready(); err != nil {
		r.t.Fatalf("the portal is not ready: %v", err)
	}
}

// visitor is a browser.
type visitor struct {
	*rig
	user, cookie, guest string
	secret              []byte
}

// token is one for the visitor's forms, as package page makes them: a nonce, and
// what proves that the session's secret is known.
func (v *visitor) token() string {
	nonce := sha256.Sum256([]byte(v.address.String()))
	mac := hmac.New(sha256.New, v.secret)
	mac.Write([]byte("sallyport portal form\x00"))
	mac.Write(nonce[:16])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nonce[:16:16]))
}

// sessionOf is a visitor with a session of a user; "" is a guest.
func (r *rig) sessionOf(user, id string) *visitor {
	secret := sha256.Sum256([]byte(user + id))
	guest := base64.RawURLEncoding.EncodeToString(secret[:])
	if user == "" {
		return &visitor{rig: r, guest: guest, secret: secret[:]}
	}
	verifier := sha256.Sum256(secret[:])
	name := hex.EncodeToString(secret[:16])
	now := time.Now().UTC()
	r.plane.Set("users/"+user+"/sallyportSessions/"+name, client.Session{
		Created: now, LastSeen: now, Expires: now.Add(time.Hour), Verifier: hex.EncodeToString(verifier[:]),
	})
	text := base64.RawURLEncoding.EncodeToString([]byte(user)) + "." + name + "." + base64.RawURLEncoding.EncodeToString(secret[:])
	return &visitor{rig: r, user: user, cookie: text, guest: guest, secret: secret[:]}
}

// do sends a request, each from another address, so that no limit is met.
func (v *visitor) do(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "https://portal.example.com"+path, strings.NewReader(form.Encode()))
	v.address = v.address.Next()
	req.Header.Set("X-Forwarded-For", v.address.String())
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "__Host-sallyport", Value: v.cookie})
	}
	req.AddCookie(&http.Cookie{Name: "__Host-sallyport-guest", Value: v.guest})
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	ctx, cancel := context.WithTimeout(req.Context(), 10*time.Second)
	defer cancel()
	w := httptest.NewRecorder()
	v.portal.ServeHTTP(w, req.WithContext(ctx))
	return w
}

func TestThePortalWaitsForTheManagementPlane(t *testing.T) {
	plane := pagetest.NewManagement(t)
	plane.Away(true)
	ctx, cancel := context.WithCancel(t.Context())
	p, err := New(ctx, Options{Client: plane.Client, URL: &url.URL{Scheme: "https", Host: "portal.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Wait()
	defer cancel()
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://portal.example.com"+path, nil))
		return w
	}
	if w := get("/apis"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "The portal is starting") {
		t.Errorf("a page before anything was read is %d:\n%s", w.Code, w.Body)
	}
	if w := get("/readyz"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("ready with %d before anything was read", w.Code)
	}
	if w := get("/healthz"); w.Code != http.StatusOK {
		t.Errorf("not alive: %d", w.Code)
	}
}

// TestThePortalWaitsForTheSettingsOfSignIn has no page, and sends nobody to sign
// in, until it is known whether guests may read.
func TestThePortalWaitsForTheSettingsOfSignIn(t *testing.T) {
	r := newRig(t)
	r.plane.Handle("GET portalsettings/signin", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":{"code":"ServiceUnavailable","message":"away"}}`, http.StatusServiceUnavailable)
	})
	ctx, cancel := context.WithCancel(t.Context())
	p, err := New(ctx, Options{Client: r.plane.Client, URL: &url.URL{Scheme: "https", Host: "portal.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Wait()
	defer cancel()
	<-p.assembled
	for _, path := range []string{"/readyz", "/apis"} {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://portal.example.com"+path, nil))
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s is %d with settings that cannot be read, want 503", path, w.Code)
		}
	}
}
