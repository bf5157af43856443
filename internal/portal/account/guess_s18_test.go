package account

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/portal/account/sealed"
)

// flood guesses the password of an account from so many addresses, each of a
// network of its own, as fast as it is let, and returns how many guesses the
// management plane was asked about.
func flood(t *testing.T, r *rig, email string, addresses int, lasts time.Duration) int {
	t.Helper()
	b := r.browser()
	b.get("/signin")
	values := b.fill("/signin", "email", email, "password", "guess")
	cookies := maps.Clone(b.cookies)
	asked, next := 0, 0
	r.before = func(q *http.Request) error {
		if q.URL.Path == signInPath {
			asked++
			return errors.New("connection reset") // What it would say does not matter here.
		}
		return nil
	}
	defer func() { r.before = nil }()
	const step = 30 * time.Second
	for spent := time.Duration(0); spent < lasts; spent += step {
		for refused := 0; refused < min(addresses, 40); next++ {
			b.cookies = maps.Clone(cookies)
			b.address = fmt.Sprintf("203.%d.%d.7:1", next%addresses/250, next%addresses%250)
			if b.post("/signin", values).status == http.StatusTooManyRequests {
				refused++
			} else {
				refused = 0
			}
		}
		r.Clock.Advance(step)
	}
	return asked
}

// TestS18_Guessing counts the guesses that one address and a thousand have at a
// password, and lets the owner in meanwhile.
func TestS18_Guessing(t *testing.T) {
	const lasts = 2 * time.Hour
	for _, c := range []struct{ addresses, limit int }{{1, networkTries}, {1000, accountTries}} {
		r := newRig(t, nil)
		r.user("ann", "ann@example.com")
		owner := r.browser()
		owner.address = "203.0.0.7:1" // The flood's own.
		owner.signIn("ann@example.com")
		owner.submit("/account", "/signout")
		asked := flood(t, r, "ann@example.com", c.addresses, lasts)
		if most := c.limit + int(lasts/limitPer)*c.limit; asked > most {
			t.Errorf("%d addresses have %d guesses in %v, more than %d", c.addresses, asked, lasts, most)
		}
		t.Logf("S18: from %d addresses %d guesses in %v, so %d a day (before: 2,900 from 1, 2,900 from 1,000)",
			c.addresses, asked, lasts, (asked-c.limit)*int(24*time.Hour/lasts)+c.limit)
		owner.signIn("ann@example.com") // It is known.
	}
}

// TestS18_Guessing_NegativeControl has an owner whose browser is not known: while
// a thousand addresses guess, it is refused, and told what to do. With mail it
// gets in.
func TestS18_Guessing_NegativeControl(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	flood(t, r, "ann@example.com", 1000, time.Minute)
	b := r.browser()
	for range 2 * accountTries { // Nothing of what has come back since is left.
		b.submit("/signin", "/signin", "email", "ann@example.com", "password", "guess")
	}
	owner := r.browser()
	owner.address = "198.51.100.7:1"
	got := owner.submit("/signin", "/signin", "email", "ann@example.com", "password", "correct horse")
	got.want(t, "a browser that is not known", 429, "")
	got.says(t, "choose a new password")
	if got.header.Get("Retry-After") == "" {
		t.Error("nothing says when to come back")
	}
	owner.submit("/reset", "/reset", "email", "ann@example.com").want(t, "asking for a link", 303, "/reset/sent")
	owner.submit(r.oneLetter("ann@example.com").link, "/reset/password", "password", "battery staple", "again", "battery staple").
		want(t, "the link", 303, "/signin")
	owner.submit("/signin", "/signin", "email", "ann@example.com", "password", "battery staple").want(t, "after the link", 303, "/")
}

// TestDeviceCookie takes what a known browser has to other accounts, changes
// it and lets it grow old: none of it brings further tries. Its own are bounded.
func TestDeviceCookie(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	r.user("eve", "eve@example.com")
	eve := r.browser()
	eve.signIn("eve@example.com")
	const cookie = "__Host-" + deviceCookie
	planted := eve.cookies[cookie]
	if planted == "" {
		t.Fatalf("the cookies are %v", eve.cookies)
	}
	tries := func(email, value string, address int) (taken int) {
		b := r.browser()
		b.address = fmt.Sprintf("198.51.%d.1:1", address)
		b.get("/signin")
		values := b.fill("/signin", "email", email, "password", "guess")
		for ; taken < 100; taken++ {
			if b.cookies[cookie] = value; b.post("/signin", values).status == http.StatusTooManyRequests {
				return taken
			}
		}
		return taken
	}
	r.before = func(q *http.Request) error {
		if q.URL.Path == signInPath {
			return errors.New("connection reset")
		}
		return nil
	}
	if n := tries("ann@example.com", planted, 1); n > networkTries {
		t.Errorf("with another account's cookie there are %d tries (%d)", n, networkTries)
	}
	if n := tries("eve@example.com", planted, 2); n != deviceTries {
		t.Errorf("a known browser has %d tries (%d)", n, deviceTries)
	}
	if n := tries("eve@example.com", planted[:len(planted)-1]+"_", 3); n > networkTries {
		t.Errorf("with a changed cookie there are %d tries (%d)", n, networkTries)
	}
	r.before = nil
	if _, err := sealed.Open[[]device]([]byte("0123456789abcdef0123456789abcdef"), deviceCookie, r.Clock.Now(), planted); err == nil {
		t.Error("the cookie can be read with another key")
	}
}

// signInPath is the call that a guess costs.
const signInPath = resourcestest.Service + "/sallyportSignIn"
