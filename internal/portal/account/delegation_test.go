package account

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// validationKey is what the portal and the website of the tests share.
const validationKey = "YSBrZXkgdGhhdCB0d28gd2Vic2l0ZXMgc2hhcmUsIDQ4IGJ5dGVzIG9mIGl0Li4uLg=="

// website is a delegation endpoint: it believes signatures, makes users, and sends
// browsers back with a token of the management API.
type website struct {
	r *rig
	// did are the operations that were asked for, with their subjects.
	did []string
}

// ServeHTTP answers a request of a browser that the portal has sent.
func (s *website) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	query := q.URL.Query()
	operation := query.Get("operation")
	subject := query.Get("userId")
	if operation == "SignIn" || operation == "SignUp" {
		subject = query.Get("returnUrl")
	}
	key, _ := base64.StdEncoding.DecodeString(validationKey)
	mac := hmac.New(sha512.New, key)
	_, _ = mac.Write([]byte(query.Get("salt") + "\n" + subject))
	if query.Get("sig") != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		http.Error(w, "not from the portal", http.StatusForbidden)
		return
	}
	s.did = append(s.did, operation+" "+subject)
	if operation != "SignIn" && operation != "SignUp" {
		w.WriteHeader(http.StatusOK)
		return
	}
	s.r.Put("users/shop-7", `{"properties":{"email":"seven@example.com","firstName":"Seven","lastName":"S"}}`)
	link := fmt.Sprint(s.r.Must(http.MethodPost, "users/shop-7/generateSsoUrl", nil, http.StatusOK)["value"])
	_, token, _ := strings.Cut(link, "?")
	http.Redirect(w, q, portalURL+"/signin-sso?"+token+"&returnUrl="+url.QueryEscape(query.Get("returnUrl")), http.StatusFound)
}

// visit sends a browser to the website and returns where that sends it.
func (s *website) visit(t *testing.T, address string) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
	if w.Code == http.StatusForbidden {
		t.Fatalf("the website does not believe %s", address)
	}
	return strings.TrimPrefix(w.Header().Get("Location"), portalURL)
}

// onward is where a page goes on to by itself, which is where its link leads.
func onward(t *testing.T, a answer) string {
	t.Helper()
	address, ok := strings.CutPrefix(a.header.Get("Refresh"), "0; url=")
	if !ok || a.status != http.StatusOK || !strings.Contains(a.body, `href="`+html.EscapeString(address)+`"`) {
		t.Fatalf("the page (%d) does not go on: %q\n%s", a.status, address, a.body)
	}
	return address
}

// TestDelegation signs in and up by way of a website, manages the account there,
// and signs out at both.
func TestDelegation(t *testing.T) {
	r := newRig(t, nil)
	s := &website{r: r}
	r.Put("portalsettings/delegation", `{"properties":{"url":"https://shop.example/delegation","validationKey":"`+validationKey+
		`","userRegistration":{"enabled":true},"subscriptions":{"enabled":false}}}`)
	b := r.browser()
	got := b.get("/signin?return=/account/sessions")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "https://shop.example/delegation?") {
		t.Fatalf("signing in: %d %s", got.status, got.location)
	}
	back := s.visit(t, got.location)
	b.get(back).want(t, "coming back", 303, "/account/sessions")
	if who := b.who(); who != "shop-7" {
		t.Fatalf("the visitor is %q", who)
	}
	r.browser().get(back).want(t, "the same link in another browser", 403, "")
	again := s.visit(t, r.browser().get("/signin").location)
	r.browser().get(again).want(t, "another link of the same minute", 303, "/")
	s.did = s.did[:1]

	b.get("/account")
	for _, form := range []struct{ action, operation string }{
		{"/account/password", "ChangePassword"}, {"/account", "ChangeProfile"}, {"/account/email", "ChangeProfile"},
	} {
		values := b.fill("/account/email")
		s.visit(t, onward(t, b.post(form.action, values)))
		if last := s.did[len(s.did)-1]; last != form.operation+" shop-7" {
			t.Errorf("%s: the website was asked for %s", form.action, last)
		}
		b.get("/account")
	}
	s.visit(t, b.get("/account/close").location)
	b.get("/account")
	s.visit(t, onward(t, b.post("/signout", b.fill("/signout"))))
	if len(s.did) != 6 || s.did[4] != "CloseAccount shop-7" || s.did[5] != "SignOut shop-7" || b.who() != "" {
		t.Errorf("the website was asked for %q, the visitor is %q", s.did, b.who())
	}
	s.visit(t, b.get("/signup").location)
	if last := s.did[len(s.did)-1]; last != "SignUp /" {
		t.Errorf("the website was asked for %s", last)
	}
	values := url.Values{"email": {"a@example.com"}, "password": {"correct horse"}}
	if got := b.post("/signin", values); got.status == http.StatusSeeOther {
		t.Errorf("a password signs in while that is delegated: %s", got.location)
	}
}

// TestDelegation_WithoutKey tells of settings that nothing can be signed with, and
// signs out all the same.
func TestDelegation_WithoutKey(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	b := r.browser()
	b.signIn("ann@example.com")
	b.get("/account")
	values := b.fill("/signout")
	r.Put("portalsettings/delegation", `{"properties":{"url":"no address","validationKey":"x!","userRegistration":{"enabled":true}}}`)
	b.post("/signout", values).want(t, "signing out", 303, "/")
	if got := b.get("/signin"); got.status != http.StatusInternalServerError {
		t.Errorf("signing in: %d %s", got.status, got.location)
	}
}
