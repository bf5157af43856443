package administer_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// TestContentTask makes, previews, publishes and rolls back content, as an
// administrator does it without JavaScript.
func TestContentTask(t *testing.T) {
	w := newWorld(t)
	w.m.Remove("contentTypes/sallyport-media/contentItems/logo.png")
	w.m.Remove("contentTypes/sallyport-page/contentItems/about")
	w.Post("/admin/look", form(w.etag(t, "/admin/look"), "title", "Contoso", "radius", "4", "light-accent", "#005A9E")).Want(t,
		http.StatusSeeOther)
	w.Post("/admin/navigation", form(w.etag(t, "/admin/navigation"), "menu", "APIs = /apis\r\nTerms = of use = /pages/terms\r\n", "note",
		"© Contoso")).Want(t, http.StatusSeeOther)
	made := form("", "slug", "terms", "title", "Terms", "text", "::: hero\r\n# Our terms\r\n:::\r\n")
	w.Post("/admin/content/new", made).Want(t, http.StatusSeeOther)
	w.Post("/admin/content/new", made).Want(t, http.StatusSeeOther) // Sent twice, it is made once.
	w.Post("/admin/content/new", form("", "slug", "terms", "title", "Others", "text", "x")).Want(t, http.StatusUnprocessableEntity,
		"already", "Others")
	w.Get("/admin/content/preview/terms").Want(t, http.StatusOK, "Preview.", "Our terms</h1>", `href="/theme/`)
	w.As(pagetest.Guest).Get("/pages/terms").Want(t, http.StatusNotFound)
	w.As(pagetest.Admin)
	seen := hiddenOf(t, w.Get("/admin/publish").Want(t, http.StatusOK, "Page terms", "Navigation").Body, "seen")
	w.Post("/admin/publish", form("", "seen", seen, "note", "Terms.")).Want(t, http.StatusSeeOther)
	w.As(pagetest.Guest).Get("/pages/terms").Want(t, http.StatusOK, "Our terms</h1>", "Contoso", "© Contoso", ">Terms = of use</a>")
	style := hrefOf(t, w.Get("/").Body, "/theme/")
	w.Get(style).Want(t, http.StatusOK, "--radius: 4px;", "--color-accent: light-dark(#005a9e, #7db8fb);")
	w.As(pagetest.Admin)
	w.Get("/admin/publish").Want(t, http.StatusOK, "The draft is what visitors see already.")
	current := hiddenOf(t, w.Get("/admin/history/0123456789abcdef").Want(t, http.StatusOK, "removed").Body, "current")
	if current != seen {
		t.Errorf("current is %q, published %q", current, seen)
	}
	w.Post("/admin/history/0123456789abcdef", form("", "current", "other")).Want(t, http.StatusConflict)
	w.Post("/admin/history/0123456789abcdef", form("", "current", current)).Want(t, http.StatusSeeOther)
	w.As(pagetest.Guest).Get("/pages/terms").Want(t, http.StatusNotFound)
	w.Get("/").Want(t, http.StatusOK, "Then.")
}

// hiddenOf is the value of a hidden field.
func hiddenOf(t *testing.T, body, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `name="`+name+`" value="`)
	if !ok {
		t.Fatalf("there is no field %s in\n%s", name, body)
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// hrefOf is the address that begins so.
func hrefOf(t *testing.T, body, prefix string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `"`+prefix)
	if !ok {
		t.Fatalf("there is no %s in\n%s", prefix, body)
	}
	value, _, _ := strings.Cut(rest, `"`)
	return prefix + value
}

func TestThemeIsRefused(t *testing.T) {
	w := newWorld(t)
	got := w.Post("/admin/look", form(w.etag(t, "/admin/look"), "light-text", "#bbbbbb", "title", "Kept")).Want(t,
		http.StatusUnprocessableEntity)
	got.Want(t, http.StatusUnprocessableEntity, "text on dangerSoft has a contrast of", "less than the 4.50:1 of WCAG AA; too low as well: text on",
		`value="#bbbbbb"`, `value="Kept"`, "too low")
	w.Post("/admin/look", form(w.etag(t, "/admin/look"), "radius", "x")).Want(t, http.StatusUnprocessableEntity, "no whole number")
	w.Post("/admin/look", form(w.etag(t, "/admin/look"), "light-accent", "red;}")).Want(t, http.StatusUnprocessableEntity, "is no colour")
}

// upload sends a file as a browser does.
func (w *world) upload(t *testing.T, file, name string, data []byte) *pagetest.Answer {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("file", file)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = m.WriteField("csrf", w.Token())
	_ = m.WriteField("name", name)
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, w.Site.URL("/admin/media"), &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.Send(r)
}

func TestUploads(t *testing.T) {
	w := newWorld(t)
	w.m.Remove("contentTypes/sallyport-media/contentItems/logo.png")
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	w.upload(t, "My Logo.PNG", "", picture.Bytes()).Want(t, http.StatusSeeOther)
	shown := hrefOf(t, w.Get("/admin/media").Want(t, http.StatusOK, "my-logo.png").Body, "/media/")
	got := w.Get(shown).Want(t, http.StatusOK)
	if got.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") ||
		got.Header.Get("Content-Type") != "image/png" {
		t.Errorf("headers %v", got.Header)
	}
	w.As(pagetest.Guest).Get(shown).Want(t, http.StatusNotFound)
	w.As(pagetest.Admin)
	w.upload(t, "x.png", "", []byte("<svg onload=alert(1)>")).Want(t, http.StatusUnprocessableEntity, "can hold scripts")
	w.upload(t, "x.png", "", []byte("<html><script>")).Want(t, http.StatusUnprocessableEntity, "none of PNG")
	w.upload(t, "x.html", "", picture.Bytes()).Want(t, http.StatusUnprocessableEntity, "must end in .png")
	w.upload(t, "x.png", "../../x.png", picture.Bytes()).Want(t, http.StatusUnprocessableEntity, "is no name of a file")
	w.upload(t, "x.png", "", bytes.Repeat([]byte("x"), 1<<20+1)).Want(t, http.StatusUnprocessableEntity, "MaxMediumSize")
	w.upload(t, "x.png", "", bytes.Repeat([]byte("x"), 3<<20)).Want(t, http.StatusRequestEntityTooLarge)
	w.Post("/admin/media/my-logo.png/delete", nil).Want(t, http.StatusSeeOther)
	w.Get("/admin/media").Want(t, http.StatusOK, "There are no files yet.")
}

func TestApprovals(t *testing.T) {
	for _, tt := range []struct{ decision, state string }{{"approve", "active"}, {"reject", "rejected"}} {
		t.Run(tt.decision, func(t *testing.T) {
			w := newWorld(t)
			ann := w.m.Properties("users/ann")
			ann["email"], ann["firstName"] = "ann@example.com", "Ann"
			w.m.Set("users/ann", ann)
			w.Post("/admin/approvals/waiting", form(w.etag(t, "/admin/approvals/waiting"), "decision", tt.decision, "message",
				"Not <now>.")).Want(t, http.StatusSeeOther)
			if got := w.m.Properties("subscriptions/waiting")["state"]; got != tt.state {
				t.Errorf("the state is %v", got)
			}
			var sent []string
			for _, call := range w.m.Calls() {
				if name, ok := strings.CutPrefix(call, "PUT sallyportMail/"); ok {
					sent = append(sent, name)
				}
			}
			told := slices.ContainsFunc(sent, func(name string) bool {
				m := w.m.Properties("sallyportMail/" + name)
				return m["to"] == "ann@example.com" && strings.Contains(m["html"].(string), "Starter")
			})
			if !told {
				t.Errorf("the subscriber is not told: %v", sent)
			}
			w.Get("/admin/approvals/waiting").Want(t, http.StatusOK, "It is decided already")
			w.Post("/admin/approvals/waiting", form("*", "decision", "approve")).Want(t, http.StatusSeeOther)
		})
	}
}

// TestApprovalWithoutMail decides while mail cannot be written: the decision
// stands, and the page says that nobody was told.
func TestApprovalWithoutMail(t *testing.T) {
	w := newWorld(t)
	w.m.Remove("templates/PurchaseDeveloperNotificationMessage")
	w.Post("/admin/approvals/waiting", form(w.etag(t, "/admin/approvals/waiting"), "decision", "approve")).Want(t, http.StatusSeeOther)
	w.Get("/admin/approvals").Want(t, http.StatusOK, "please tell the person yourself")
}

func TestUsersTask(t *testing.T) {
	w := newWorld(t)
	once := strings.Repeat("a", 26)
	invite := url.Values{"once": {once}, "email": {"new@example.com"}, "firstName": {"New"}, "lastName": {"One"}}
	w.Post("/admin/users/invite", invite).Want(t, http.StatusSeeOther)
	w.Post("/admin/users/invite", invite).Want(t, http.StatusSeeOther)
	if len(w.invited) != 2 || w.invited[0] != w.invited[1] {
		t.Errorf("invited %v", w.invited)
	}
	w.Post("/admin/users/ann/state", form(w.etag(t, "/admin/users/ann"), "state", "blocked")).Want(t, http.StatusSeeOther)
	w.Get("/admin/users/ann").Want(t, http.StatusOK, "Unblock")
	w.Post("/admin/users/ann/sessions", nil).Want(t, http.StatusSeeOther)
	if w.m.Properties("users/ann/sallyportSessions/s1") != nil {
		t.Error("the session goes on")
	}
	w.Post("/admin/users/ann/groups", form("", "group", "administrators")).Want(t, http.StatusSeeOther)
	for path, f := range map[string]url.Values{
		"/admin/users/1/state":  form("*", "state", "blocked"),
		"/admin/users/1/delete": form("*"),
		"/admin/users/1/leave":  form("*", "leave", "administrators"),
	} {
		w.Post(path, f).Want(t, http.StatusBadRequest, "your own account")
	}
	w.Get("/admin/users/nobody").Want(t, http.StatusNotFound)
	w.Get("/admin/users?page=999999999&q=%27%20or%20true").Want(t, http.StatusOK)
}

// TestAway sends a form while the management plane is away: the page says so with
// what was typed, and nothing is lost.
func TestAway(t *testing.T) {
	w := newWorld(t)
	etag := w.etag(t, "/admin/content/pages/about")
	w.m.Handle("PUT contentTypes/sallyport-page/contentItems/*", func(rw http.ResponseWriter, _ *http.Request) {
		http.Error(rw, `{"error":{"code":"ServiceUnavailable","message":"away"}}`, http.StatusServiceUnavailable)
	})
	got := w.Post("/admin/content/pages/about", form(etag, "title", "Typed title", "text", "Typed text"))
	got.Want(t, http.StatusServiceUnavailable, "Typed title", "Typed text", "Nothing was changed")
	if got.Header.Get("Retry-After") == "" {
		t.Error("there is no Retry-After")
	}
	w.m.Away(true)
	w.Get("/admin/users").Want(t, http.StatusServiceUnavailable)
}

// TestSecretsAreWriteOnly keeps a provider's secret where none is typed, and sends
// the one that is.
func TestSecretsAreWriteOnly(t *testing.T) {
	w := newWorld(t)
	w.Get("/admin/providers/aad").Want(t, http.StatusOK).WantNone(t, "top secret")
	w.Post("/admin/providers/aad", form(w.etag(t, "/admin/providers/aad"), "clientId", "id", "allowedTenants", "a\r\nb")).Want(t,
		http.StatusSeeOther)
	if p := w.m.Properties("identityProviders/aad"); p["clientSecret"] != "top secret" || p["clientId"] != "id" ||
		len(p["allowedTenants"].([]any)) != 2 {
		t.Errorf("kept %v", p)
	}
	w.Post("/admin/providers/aad", form(w.etag(t, "/admin/providers/aad"), "clientId", "id", "clientSecret", "new")).Want(t,
		http.StatusSeeOther)
	if p := w.m.Properties("identityProviders/aad"); p["clientSecret"] != "new" {
		t.Errorf("kept %v", p)
	}
	w.Post("/admin/providers/google", form("", "clientId", "g", "clientSecret", "s")).Want(t, http.StatusSeeOther)
	w.Get("/admin/providers/none").Want(t, http.StatusNotFound)
}

// TestSubscriptionsNameTheirOwners shows a person, and not the name of a resource.
func TestSubscriptionsNameTheirOwners(t *testing.T) {
	w := newWorld(t)
	w.m.Set("users/carol", map[string]any{"email": "carol@example.com", "firstName": "Carol", "lastName": "Jones", "state": "active"})
	w.m.Set("subscriptions/hers", map[string]any{"displayName": "Hers", "state": "active", "ownerId": pagetest.Service + "/users/carol",
		"scope": pagetest.Service + "/products/starter"})
	w.Get("/admin/subscriptions").Want(t, http.StatusOK, `<a href="/admin/users/carol">Carol Jones</a>`)
}

// TestDeleteUserWithSubscriptions asks again, with what has to be decided, in the
// page's words; and asks nothing of subscriptions where there are none.
func TestDeleteUserWithSubscriptions(t *testing.T) {
	w := newWorld(t)
	w.m.Handle("DELETE users/pending", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("deleteSubscriptions") == "true" {
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusBadRequest)
		_, _ = rw.Write([]byte(`{"error":{"code":"ValidationError","message":"No.","details":[{"target":"userId",` +
			`"message":"the user has subscriptions (s1): ask for it with deleteSubscriptions=true"}]}}`))
	})
	if got := w.Get("/admin/users/pending/delete"); strings.Contains(got.Body, `name="subscriptions"`) {
		t.Error("the page asks about subscriptions of a user who has none")
	}
	w.m.Set("users/pending/subscriptions/s1", map[string]any{"displayName": "First", "state": "active"})
	w.Get("/admin/users/pending/delete").Want(t, http.StatusOK, "Delete the user&#39;s subscription too")
	got := w.Post("/admin/users/pending/delete", form(w.etag(t, "/admin/users/pending/delete")))
	got.Want(t, http.StatusUnprocessableEntity, "the user&#39;s subscription would be left without an owner", `name="subscriptions"`,
		"Delete P Q", `href="/admin/subscriptions?owner=pending"`)
	if strings.Contains(got.Body, "deleteSubscriptions") || strings.Contains(got.Body, "userId") {
		t.Errorf("the page has words of the API:\n%s", got.Body)
	}
	sent := form(w.etag(t, "/admin/users/pending/delete"))
	sent.Set("subscriptions", "on")
	w.Post("/admin/users/pending/delete", sent).Want(t, http.StatusSeeOther)
}
