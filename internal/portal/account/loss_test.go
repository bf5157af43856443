package account

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// TestRestartBetween restarts the portal between the form and its sending, and
// between that and the link: each step goes on where it was.
func TestRestartBetween(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	step := func(path, action, leads string, typed ...string) {
		t.Helper()
		b.get(path)
		values := b.fill(action, typed...)
		r.restart()
		b.post(action, values).want(t, action, 303, leads)
		r.restart()
	}
	step("/signup", "/signup", "/signup/sent", typed("ann@example.com")...)
	step(r.oneLetter("ann@example.com").link, "/confirm", "/signin", "password", "correct horse")
	step("/signin?return=/account", "/signin", "/account", "email", "ann@example.com", "password", "correct horse")
	r.emptyOutbox()
	step("/account", "/account/email", "/account", "email", "anna@example.com")
	step(r.oneLetter("anna@example.com").link, "/confirm", "/signin", "for", "email")
	step("/account", "/account/password", "/account", "old", "correct horse", "password", "battery staple", "again", "battery staple")
	step("/account", "/signout", "/")
	r.emptyOutbox()
	step("/reset", "/reset", "/reset/sent", "email", "anna@example.com")
	step(r.oneLetter("anna@example.com").link, "/reset/password", "/signin", "password", "correct horse", "again", "correct horse")
	step("/signin", "/signin", "/", "email", "anna@example.com", "password", "correct horse")
	step("/account/close", "/account/close", "/", "password", "correct horse")
}

// TestPlaneAway sends each form of guests while the management plane is away: the
// page says so, with what was typed but passwords, nothing is half done, and the
// same form works when it is back.
func TestPlaneAway(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	link := func(email string) string {
		t.Helper()
		r.browser().submit("/reset", "/reset", "email", email)
		return r.oneLetter(email).link
	}
	reset := link("ann@example.com")
	for _, c := range []struct {
		name, path, action, leads, kept string
		typed                           []string
	}{
		{"sign-up", "/signup", "/signup", "/signup/sent", "new@example.com", typed("new@example.com")},
		{"sign-in", "/signin", "/signin", "/", "ann@example.com", []string{"email", "ann@example.com", "password", "correct horse"}},
		{"asking for a link", "/reset", "/reset", "/reset/sent", "ann@example.com", []string{"email", "ann@example.com"}},
		{"new password", reset, "/reset/password", "/signin", "token", []string{"password", "battery staple", "again", "battery staple"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := r.browser()
			b.get(c.path)
			values := b.fill(c.action, c.typed...)
			r.away.Store(true)
			got := b.post(c.action, values)
			r.away.Store(false)
			got.want(t, "while it is away", 503, "")
			got.says(t, "does not answer")
			got.says(t, c.kept)
			if strings.Contains(got.body, "correct horse") || strings.Contains(got.body, "battery staple") {
				t.Error("the page has the password")
			}
			b.post(c.action, b.fill(c.action, c.typed...)).want(t, "when it is back", 303, c.leads)
		})
	}
}

// TestPlaneFailsAt lets one call after the other fail in a sign-up, before it is
// done and after: whatever was done by then, sending the form again completes it,
// as it came back or just as it was, and makes one account.
func TestPlaneFailsAt(t *testing.T) {
	for _, way := range []struct {
		name              string
		done, asItCameNow bool
	}{
		{"not done, and the form that came back", false, true}, {"not done, and the same form", false, false},
		{"done, and the form that came back", true, true}, {"done, and the same form", true, false},
	} {
		t.Run(way.name, func(t *testing.T) {
			for at := 1; failsAt(t, at, way.done, way.asItCameNow); at++ {
				if t.Failed() {
					return
				}
			}
		})
	}
}

// failsAt lets a call fail; false where there are not as many.
func failsAt(t *testing.T, at int, done, asItCameNow bool) bool {
	t.Helper()
	r := newRig(t, nil)
	b := r.browser()
	b.get("/signup")
	values := b.fill("/signup", typed("ann@example.com")...)
	calls := 0
	r.before = func(q *http.Request) error {
		if calls++; calls != at || q.Method == http.MethodGet {
			return nil
		}
		if done {
			r.ServeHTTP(httptest.NewRecorder(), q)
		}
		return errors.New("connection reset")
	}
	got := b.post("/signup", values)
	r.before = nil
	r.Clock.Advance(time.Second) // The link of the newest letter is the one that works.
	if calls < at {
		t.Logf("loss: a sign-up makes %d calls; after each failure the second try completed it", calls)
		return false
	}
	if got.status == http.StatusServiceUnavailable {
		if asItCameNow {
			values = b.fill("/signup", typed("ann@example.com")...)
		}
		b.post("/signup", values).want(t, fmt.Sprintf("the second try after call %d", at), 303, "/signup/sent")
	} else {
		got.want(t, "a failed read that was tried again", 303, "/signup/sent")
	}
	if names := r.Names("users?$filter=email%20eq%20'ann@example.com'"); len(names) != 1 {
		t.Errorf("there are the users %v", names)
	}
	found := r.letters("ann@example.com")
	if len(found) == 0 {
		t.Fatalf("no link was sent after call %d failed", at)
	}
	b.submit(found[len(found)-1].link, "/confirm", "password", "correct horse").want(t, "confirming", 303, "/signin")
	b.signIn("ann@example.com")
	return true
}

// TestSentTwice sends each of two forms twice, as an impatient visitor does: one
// account, and the second answer is as good as the first.
func TestSentTwice(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	b.get("/signup")
	values := b.fill("/signup", typed("ann@example.com")...)
	b.post("/signup", values).want(t, "the first", 303, "/signup/sent")
	b.post("/signup", values).want(t, "the second", 303, "/signup/sent")
	if names := r.Names("users?$filter=email%20eq%20'ann@example.com'"); len(names) != 1 {
		t.Errorf("there are the users %v", names)
	}
}

// TestFormIsKept sends forms of a user while the management plane is away: the
// page keeps what was typed, and sends it when it is back; passwords it does not
// keep.
func TestFormIsKept(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	b := r.browser()
	b.signIn("ann@example.com")
	b.get("/account")
	names := b.fill("/account", "first", "Augusta", "last", `K"ing`)
	passwords := b.fill("/account/password", "old", "correct horse", "password", "battery staple", "again", "battery staple")
	r.away.Store(true)
	if got := b.post("/account/password", passwords); got.status != http.StatusServiceUnavailable || strings.Contains(got.body, "battery") {
		t.Errorf("passwords: %d\n%s", got.status, got.body)
	}
	got := b.post("/account", names)
	r.away.Store(false)
	got.want(t, "while it is away", 503, "")
	got.says(t, "What you entered is kept")
	b.post("/account", b.fill("/account")).want(t, "when it is back", 303, "/account")
	if u := r.Get("users/ann"); resourcestest.At(u, "properties.firstName") != "Augusta" || resourcestest.At(u, "properties.lastName") != `K"ing` {
		t.Errorf("the user is %v", u)
	}
}
