package administer_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// TestS17_AdministrationRoutes asks for every route of the administration as a
// guest, as a developer, and as one who was an administrator until a moment ago:
// none is let in, and nothing is changed.
func TestS17_AdministrationRoutes(t *testing.T) {
	w := newWorld(t)
	n := 0
	for _, route := range w.Site.Routes() {
		if !strings.HasPrefix(route.Path, "/admin") {
			continue
		}
		n++
		if route.Needs != 2 {
			t.Errorf("%s %s needs %s", route.Method, route.Path, route.Needs)
		}
		former := pagetest.Admin
		former.User = "former"
		for name, visitor := range map[string]struct {
			who  func()
			want []int
		}{
			"guest":     {func() { w.As(pagetest.Guest) }, []int{http.StatusSeeOther, http.StatusForbidden}},
			"developer": {func() { w.As(pagetest.Developer) }, []int{http.StatusForbidden}},
			"former":    {func() { w.As(former) }, []int{http.StatusForbidden}},
		} {
			if name == "former" && strings.HasPrefix(route.Path, "/admin/content/preview") {
				continue // It shows a draft, and is the content section's.
			}
			visitor.who()
			before := changes(w.m)
			got := w.Get(pathOf(route))
			if route.Method == http.MethodPost {
				got = w.Post(pathOf(route), url.Values{"etag": {"*"}, "state": {"blocked"}})
			}
			if !slices.Contains(visitor.want, got.Status) || got.Status == http.StatusSeeOther && !strings.HasPrefix(got.Location(), "/signin") {
				t.Errorf("%s %s as %s: %d %s", route.Method, route.Path, name, got.Status, got.Location())
			}
			if after := changes(w.m); after != before {
				t.Errorf("%s %s as %s made %d calls that change", route.Method, route.Path, name, after-before)
			}
		}
	}
	if n < 60 {
		t.Fatalf("%d routes were found", n)
	}
	t.Logf("S17: %d routes of the administration, each as guest, developer and former administrator: 0 let in (limit 0)", n)
}

// TestS17_AdministrationRoutes_NegativeControl finds that an administrator is let
// in where TestS17_AdministrationRoutes finds others refused.
func TestS17_AdministrationRoutes_NegativeControl(t *testing.T) {
	w := newWorld(t)
	for _, route := range w.Site.Routes() {
		if !strings.HasPrefix(route.Path, "/admin") || route.Method != http.MethodGet {
			continue
		}
		if got := w.Get(pathOf(route)); got.Status != http.StatusOK && route.Path != "/admin/media/{file}/delete" {
			t.Errorf("%s: %d %s", route.Path, got.Status, got.Body)
		}
	}
}

func changes(m *pagetest.Management) int {
	n := 0
	for _, call := range m.Calls() {
		if !strings.HasPrefix(call, "GET ") {
			n++
		}
	}
	return n
}

// TestS18_AdministrationEscapes looks at every page with hostile texts in every
// stored field that it shows.
func TestS18_AdministrationEscapes(t *testing.T) {
	w := newWorld(t)
	n := 0
	for _, route := range w.Site.Routes() {
		if route.Method != http.MethodGet || !strings.HasPrefix(route.Path, "/admin") {
			continue
		}
		got := w.Get(pathOf(route))
		n++
		for _, bad := range []string{"<script>alert", "<img src=x", `onerror=alert(1)>"`, "top secret"} {
			if strings.Contains(got.Body, bad) {
				t.Errorf("%s has %q", route.Path, bad)
			}
		}
		if csp := got.Header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "script-src 'self'") {
			t.Errorf("%s has the policy %q", route.Path, csp)
		}
	}
	const text = "<script>alert(1)</script>\n::: html\n<img src=x onerror=alert(1)>\n:::\n::: <b>"
	drawn := w.Post("/admin/content/draw", url.Values{"text": {text}}).Want(t, http.StatusOK)
	drawn.WantNone(t, "<script", "<img", "<b>")
	t.Logf("S18: %d pages of the administration with hostile texts: 0 that run (limit 0)", n)
}

// TestS18_AdministrationEscapes_NegativeControl finds that the texts are on the
// pages, escaped.
func TestS18_AdministrationEscapes_NegativeControl(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/admin/users/ann", "/admin/groups/partners", "/admin/outbox", "/admin/approvals", "/admin/history",
		"/admin/navigation"} {
		w.Get(path).Want(t, http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt;")
	}
}

// TestStaleForms sends every form that changes something with the version of
// before somebody else's change: each is refused with 409, and nothing is
// overwritten.
func TestStaleForms(t *testing.T) {
	for _, tt := range []struct {
		name, path, resource, post string
		fields                     []string
	}{
		{"page", "/admin/content/pages/about", "contentTypes/sallyport-page/contentItems/about", "", []string{"title", "Mine", "text", "Mine"}},
		{"deleting a page", "/admin/content/pages/about/delete", "contentTypes/sallyport-page/contentItems/about", "", nil},
		{"navigation", "/admin/navigation", "contentTypes/sallyport-navigation/contentItems/default", "", []string{"menu", "Mine = /mine"}},
		{"look", "/admin/look", "contentTypes/sallyport-look/contentItems/default", "", []string{"title", "Mine"}},
		{"user", "/admin/users/ann", "users/ann", "", []string{"firstName", "Mine", "lastName", "Mine", "email", "mine@example.com"}},
		{"state of a user", "/admin/users/ann", "users/ann", "/admin/users/ann/state", []string{"state", "blocked"}},
		{"deleting a user", "/admin/users/ann/delete", "users/ann", "", nil},
		{"group", "/admin/groups/partners", "groups/partners", "", []string{"displayName", "Mine"}},
		{"deleting a group", "/admin/groups/partners/delete", "groups/partners", "", nil},
		{"approval", "/admin/approvals/waiting", "subscriptions/waiting", "", []string{"decision", "approve"}},
		{"subscription", "/admin/subscriptions/running", "subscriptions/running", "/admin/subscriptions/running/state",
			[]string{"state", "suspended"}},
		{"settings", "/admin/settings/signup", "portalsettings/signup", "", []string{"text", "Mine"}},
		{"provider", "/admin/providers/aad", "identityProviders/aad", "", []string{"clientId", "mine"}},
		{"removing a provider", "/admin/providers/aad/delete", "identityProviders/aad", "", nil},
		{"template", "/admin/templates/RejectDeveloperNotificationMessage", "templates/RejectDeveloperNotificationMessage", "",
			[]string{"subject", "Mine", "body", "Mine"}},
		{"resetting a template", "/admin/templates/RejectDeveloperNotificationMessage/reset", "templates/RejectDeveloperNotificationMessage",
			"", nil},
		{"sending again", "/admin/outbox/m1", "sallyportMail/m1", "/admin/outbox/m1/retry", nil},
		{"deleting a message", "/admin/outbox/m1", "sallyportMail/m1", "/admin/outbox/m1/delete", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			etag := w.etag(t, tt.path)
			theirs := w.m.Properties(tt.resource)
			theirs["theirs"] = "yes"
			w.m.Set(tt.resource, theirs)
			post := tt.post
			if post == "" {
				post = tt.path
			}
			w.Post(post, form(etag, tt.fields...)).Want(t, http.StatusConflict, "omebody else")
			if now := w.m.Properties(tt.resource); now == nil || now["theirs"] != "yes" {
				t.Errorf("their change is gone: %v", now)
			}
			w.Post(post, form("", tt.fields...)).Want(t, http.StatusConflict)
			if now := w.m.Properties(tt.resource); now == nil || now["theirs"] != "yes" {
				t.Errorf("a form without a version overwrote it: %v", now)
			}
		})
	}
}
