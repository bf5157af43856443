package session_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
	"github.com/sallyport/sallyport/internal/portal/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is portals of one service with one management plane.
type rig struct {
	t     *testing.T
	plane *pagetest.Management
	clock *clock.Fake
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t, pagetest.NewManagement(t), clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))}
	r.plane.Set("users/ann", client.User{Email: "ann@example.com", FirstName: "Ann", LastName: "Lee", State: "active"})
	r.plane.Set("users/ann/groups/Developers", client.Group{DisplayName: "Developers"})
	r.plane.Set("users/bob", client.User{Email: "bob@example.com", State: "active"})
	r.plane.Set("users/bob/groups/administrators", client.Group{DisplayName: "Administrators"})
	r.plane.Handle("POST users/*/sallyportSessions/*/seen", r.seen)
	return r
}

// seen notes the use of a session, as the management plane does.
func (r *rig) seen(w http.ResponseWriter, q *http.Request) {
	name := strings.TrimSuffix(strings.Trim(strings.TrimPrefix(q.URL.Path, pagetest.Service), "/"), "/seen")
	properties := r.plane.Properties(name)
	if properties == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	properties["lastSeen"] = r.clock.Now().UTC()
	r.plane.Set(name, properties)
	w.WriteHeader(http.StatusNoContent)
}

// browser is one browser at one portal, with the cookie that it keeps.
type browser struct {
	*pagetest.Portal
	manager *session.Manager
}

// portal starts a portal; what it knew before it started is in the plane alone.
func (r *rig) portal() *browser {
	m := session.New(session.Options{Client: r.plane.Client, Secure: true, Clock: r.clock})
	section := &page.Section{Name: "s", Routes: []page.Route{
		{Pattern: "POST /in/{user}", Run: func(x *page.Exchange) error {
			if err := m.Begin(x, x.Value("user"), "Basic"); err != nil {
				return err
			}
			return x.Redirect("/me", "")
		}},
		{Pattern: "POST /out", Run: func(x *page.Exchange) error {
			if err := m.End(x); err != nil {
				return err
			}
			return x.Redirect("/me", "")
		}},
		{Pattern: "GET /me", Run: func(x *page.Exchange) error {
			_, err := x.W.Write([]byte(x.Visitor.User + " " + x.Visitor.Name + " " + strings.Join(x.Visitor.Groups, ",")))
			return err
		}},
	}}
	return &browser{pagetest.New(r.t, page.Options{Sessions: m, Client: r.plane.Client, Clock: r.clock}, section), m}
}

func (b *browser) signIn(t *testing.T, user string) *browser {
	t.Helper()
	b.Post("/in/"+user, nil).Want(t, http.StatusSeeOther)
	return b
}

func (b *browser) me(t *testing.T, want string) *pagetest.Answer {
	t.Helper()
	return b.Get("/me").Want(t, http.StatusOK, want)
}

const (
	ann   = "ann Ann Lee developers"
	guest = "  guests"
	name  = "__Host-sallyport"
)

func TestSessionsKnowTheVisitor(t *testing.T) {
	r := newRig(t)
	b := r.portal().signIn(t, "ann")
	b.me(t, ann)
	before := len(r.plane.Calls())
	for range 10 {
		b.me(t, ann)
	}
	if after := len(r.plane.Calls()); after != before {
		t.Errorf("10 pages made %d calls", after-before)
	}
	other := r.portal().signIn(t, "bob")
	other.me(t, "bob bob@example.com administrators,developers")
	list, err := b.manager.List(t.Context(), "ann")
	if err != nil || len(list) != 1 || list[0].Properties.Provider != "Basic" {
		t.Fatalf("sessions %v, %v", list, err)
	}
	stored := r.plane.Properties("users/ann/sallyportSessions/" + list[0].Name)
	if strings.Contains(b.Cookie(name), stored["verifier"].(string)) {
		t.Error("the store has what the cookie has")
	}
}

// The portal restarts in the middle of a form: the session goes on, and the token
// of the form that is open still works.
func TestSessionsAndFormsSurviveARestart(t *testing.T) {
	r := newRig(t)
	b := r.portal().signIn(t, "ann")
	token := b.Token()
	again := r.portal()
	again.SetCookie(name, b.Cookie(name))
	again.me(t, ann)
	again.Do(http.MethodPost, "/out", url.Values{"csrf": {token}}).Want(t, http.StatusSeeOther)
	again.me(t, guest)

	visitor := r.portal()
	open := visitor.Token()
	next := r.portal()
	next.SetCookie("__Host-sallyport-guest", visitor.Cookie("__Host-sallyport-guest"))
	next.Do(http.MethodPost, "/in/ann", url.Values{"csrf": {open}}).Want(t, http.StatusSeeOther)
	next.me(t, ann)
}

func TestSessionsEnd(t *testing.T) {
	tests := []struct {
		name string
		end  func(*rig, *browser)
		at   time.Duration // until the portal knows
	}{
		{"idle", func(r *rig, _ *browser) { r.clock.Advance(session.IdleLife + time.Second) }, 0},
		{"at their end", func(r *rig, b *browser) {
			for range int(session.AbsoluteLife / session.IdleLife) {
				r.clock.Advance(session.IdleLife - time.Minute)
				b.Get("/me")
			}
			r.clock.Advance(session.IdleLife)
		}, 0},
		{"at another portal", func(r *rig, b *browser) {
			other := r.portal()
			other.SetCookie(name, b.Cookie(name))
			other.Post("/out", nil)
		}, session.FreshFor},
		{"with all others", func(_ *rig, b *browser) {
			if err := b.manager.EndAll(b.Context(), "ann", ""); err != nil {
				panic(err)
			}
		}, 0},
		{"with the user blocked", func(r *rig, b *browser) {
			r.plane.Set("users/ann", client.User{Email: "ann@example.com", State: "blocked"})
			b.manager.Changed([]string{"users/ann"}, true)
		}, 0},
		{"with the user blocked, and unheard", func(r *rig, _ *browser) {
			r.plane.Set("users/ann", client.User{Email: "ann@example.com", State: "blocked"})
		}, session.FreshFor},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			b := r.portal().signIn(t, "ann")
			b.me(t, ann)
			tt.end(r, b)
			r.clock.Advance(tt.at)
			b.me(t, guest)
			if b.Cookie(name) != "" {
				t.Error("the cookie was left")
			}
		})
	}
}

// While the management plane is away, who is known stays who he is, and who is
// not known is told that the portal is not sure.
func TestSessionsWhileTheManagementPlaneIsAway(t *testing.T) {
	r := newRig(t)
	b := r.portal().signIn(t, "ann")
	b.me(t, ann)
	stranger := r.portal().signIn(t, "bob")
	cookie := stranger.Cookie(name)
	r.plane.Away(true)
	r.clock.Advance(time.Hour)
	b.me(t, ann)
	before := len(r.plane.Calls())
	b.me(t, ann)
	b.me(t, ann)
	if asked := len(r.plane.Calls()) - before; asked > 0 {
		t.Errorf("%d calls were made within the time in which nothing is asked", asked)
	}
	b.Post("/out", nil).Want(t, http.StatusServiceUnavailable, "not acknowledged")
	b.me(t, ann)
	b.SetCookie(name, cookie)
	r.clock.Advance(10 * time.Second)
	b.me(t, guest)
	if b.Cookie(name) != cookie {
		t.Error("a cookie of which nothing is known was taken away")
	}
	r.plane.Away(false)
	r.clock.Advance(10 * time.Second)
	b.me(t, "bob")
}

func TestLastSeenIsWrittenSeldom(t *testing.T) {
	r := newRig(t)
	b := r.portal().signIn(t, "ann")
	writes := func() (n int) {
		for _, call := range r.plane.Calls() {
			if strings.HasPrefix(call, "POST") && strings.HasSuffix(call, "/seen") {
				n++
			}
		}
		return n
	}
	for range 60 {
		b.me(t, ann)
		r.clock.Advance(time.Minute)
	}
	if got, most := writes(), int(time.Hour/session.SeenEvery); got == 0 || got > most {
		t.Errorf("an hour of pages made %d writes, want 1 to %d", got, most)
	}
}

func TestChangesMakeGroupsCountAtOnce(t *testing.T) {
	r := newRig(t)
	b := r.portal().signIn(t, "ann")
	b.me(t, ann)
	r.plane.Set("users/ann/groups/partners", client.Group{DisplayName: "Partners"})
	b.me(t, ann).WantNone(t, "partners")
	b.manager.Changed([]string{"apis/echo"}, true)
	b.me(t, ann).WantNone(t, "partners")
	b.manager.Changed([]string{"groups/partners/users/ann"}, true)
	b.me(t, "partners")
}
