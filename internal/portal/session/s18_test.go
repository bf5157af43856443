package session_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestS18_SessionFixation signs in with a cookie that somebody else has planted:
// the session that begins is another.
func TestS18_SessionFixation(t *testing.T) {
	r := newRig(t)
	attacker := r.portal().signIn(t, "bob")
	planted := attacker.Cookie(name)
	victim := r.portal()
	victim.SetCookie(name, planted)
	victim.Post("/in/ann", nil).Want(t, http.StatusSeeOther)
	if victim.Cookie(name) == planted {
		t.Fatal("the planted session was signed in")
	}
	victim.me(t, ann)
	attacker.me(t, "  guests") // That browser's session ended when another one signed in with it.

	// A made-up cookie is no session either before or after.
	made := base64.RawURLEncoding.EncodeToString([]byte("ann")) + ".00000000000000000000000000000000." +
		base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	other := r.portal()
	other.SetCookie(name, made)
	other.signIn(t, "ann").me(t, ann)
	if other.Cookie(name) == made {
		t.Error("a made-up session was signed in")
	}
	before := victim.Cookie(name)
	victim.signIn(t, "ann")
	if victim.Cookie(name) == before {
		t.Error("signing in again kept the session")
	}
	replay := r.portal()
	replay.SetCookie(name, before)
	replay.me(t, guest)
	t.Log("S18: 3 ways to plant a session, 0 were signed in (0)")
}

// TestS18_Replay sends a cookie again after its session ended.
func TestS18_Replay(t *testing.T) {
	r := newRig(t)
	b := r.portal().signIn(t, "ann")
	cookie, token := b.Cookie(name), b.Token()
	b.Post("/out", nil).Want(t, http.StatusSeeOther)
	for _, p := range []*browser{b, r.portal()} {
		p.SetCookie(name, cookie)
		p.me(t, guest)
		p.SetCookie(name, cookie)
		p.Do(http.MethodPost, "/out", url.Values{"csrf": {token}}).Want(t, http.StatusForbidden)
	}
	t.Log("S18: 2 portals, 0 took the cookie of a session that ended (0)")
}

// TestS18_ForgedCookies changes a cookie in each way there is.
func TestS18_ForgedCookies(t *testing.T) {
	r := newRig(t)
	b := r.portal().signIn(t, "ann")
	good := b.Cookie(name)
	parts := strings.Split(good, ".")
	bob := base64.RawURLEncoding.EncodeToString([]byte("bob"))
	up := base64.RawURLEncoding.EncodeToString([]byte("ann/sallyportSessions/x/../../../users/bob"))
	zero := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	list := []string{
		"", ".", "..", "...", good + ".", good + "=", "." + good, good[:len(good)-1], good + "A", strings.ToUpper(good), bob + "." + parts[1] + "." + parts[2],
		parts[0] + "." + parts[1] + "." + zero, parts[0] + "." + parts[1] + ".", parts[0] + ".." + parts[2], "." + parts[1] + "." + parts[2],
		up + "." + parts[1] + "." + parts[2], parts[0] + "." + strings.Repeat("0", 32) + "." + parts[2], parts[0] + ".../" + parts[1][3:] + "." + parts[2],
		strings.Repeat("A", 5000), "{\"user\":\"ann\"}",
	}
	for i := range good { // Each character changed, but for the bits that base64 has over.
		changed := []byte(good)
		switch changed[i] {
		case '.':
			changed[i] = '!'
		case 'b':
			changed[i] = 'c'
		default:
			changed[i] = 'b'
		}
		list = append(list, string(changed))
	}
	taken := 0
	for _, forged := range list {
		p := r.portal()
		p.SetCookie(name, forged)
		if answer := p.Get("/me").Want(t, http.StatusOK); !strings.HasPrefix(answer.Body, guest) {
			taken++
			t.Errorf("%q was taken for %s", forged, answer.Body)
		}
	}
	b.me(t, ann)
	t.Logf("S18: %d forged cookies, %d were taken (0)", len(list), taken)
}

// TestS18_ForgedCookies_NegativeControl shows that the cookie that was not changed
// is taken by a portal that has never seen it.
func TestS18_ForgedCookies_NegativeControl(t *testing.T) {
	r := newRig(t)
	good := r.portal().signIn(t, "ann").Cookie(name)
	p := r.portal()
	p.SetCookie(name, good)
	p.me(t, ann)
}

// TestS18_SessionFixation_NegativeControl shows that a planted cookie has effect
// until somebody signs in: the browser is then the attacker's.
func TestS18_SessionFixation_NegativeControl(t *testing.T) {
	r := newRig(t)
	victim := r.portal()
	victim.SetCookie(name, r.portal().signIn(t, "bob").Cookie(name))
	victim.me(t, "bob bob@example.com")
}

// TestS18_Replay_NegativeControl shows that a cookie is taken by another portal as
// long as its session goes on.
func TestS18_Replay_NegativeControl(t *testing.T) {
	r := newRig(t)
	b := r.portal().signIn(t, "ann")
	p := r.portal()
	p.SetCookie(name, b.Cookie(name))
	p.me(t, ann)
	p.Do(http.MethodPost, "/out", url.Values{"csrf": {b.Token()}}).Want(t, http.StatusSeeOther)
}
