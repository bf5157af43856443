package session_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/session"
)

// TestNamesThatCannotBe sends a cookie with the name of a user that no service
// has, which the management plane refuses: that says nothing of whether it
// answers, and lets nobody's session go on that has ended.
func TestNamesThatCannotBe(t *testing.T) {
	r := newRig(t)
	r.plane.Handle("GET users/a[*]b/sallyportSessions/*", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":{"code":"ValidationError","message":"The name of the User is not allowed."}}`))
	})
	b := r.portal().signIn(t, "ann")
	kept := b.Cookie(name)
	b.me(t, ann)
	r.plane.Set("users/ann", client.User{Email: "ann@example.com", State: "blocked"})
	r.clock.Advance(session.FreshFor + time.Second)
	b.SetCookie(name, base64.RawURLEncoding.EncodeToString([]byte("a*b"))+"."+strings.Repeat("0", 32)+"."+
		base64.RawURLEncoding.EncodeToString(make([]byte, 32)))
	b.me(t, guest)
	b.SetCookie(name, kept)
	b.me(t, guest) // She is blocked.
}
