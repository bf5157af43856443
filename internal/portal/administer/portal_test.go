package administer_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/administer"
	"github.com/sallyport/sallyport/internal/portal/content"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// world is a portal with its administration and a management API of the test's.
type world struct {
	*pagetest.Portal
	m       *pagetest.Management
	library *content.Library
	invited []string
}

// newWorld has an administrator, a developer and one of everything.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{m: pagetest.NewManagement(t)}
	furnish(w.m)
	ctx, cancel := context.WithCancel(t.Context())
	library, err := content.Follow(ctx, content.Options{Client: w.m.Client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); <-library.Done() })
	w.library = library
	section := administer.New(administer.Options{
		Library: library, Mail: mail.New(mail.Options{Client: w.m.Client, PortalURL: "https://portal.example.com"}),
		Invite: func(ctx context.Context, c *client.Client, name string, u client.User) error {
			w.invited = append(w.invited, name)
			u.State = "pending"
			_, err := client.Put[client.User](ctx, c, client.Path("users", name), u, client.IfNew())
			if client.IsConflict(err) {
				return nil
			}
			return err
		},
	})
	var site *page.Site
	w.Portal = pagetest.New(t, page.Options{
		Client: w.m.Client,
		Look:   func(v page.Visitor) page.Look { return library.Look(site.DefaultLook(v)) },
	}, section, content.New(content.SectionOptions{Library: library}))
	site = w.Site
	w.As(pagetest.Admin)
	return w
}

// furnish puts one of everything into the management API. Texts are what an
// attacker would write.
func furnish(m *pagetest.Management) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.CSRF}}`
	m.Set("users/1/groups/administrators", map[string]any{"displayName": "Administrators"})
	m.Set("users/1", map[string]any{"email": "admin@example.com", "firstName": "Ada", "lastName": "Min", "state": "active"})
	m.Set("users/ann", map[string]any{"email": "ann@example.com" + evil, "firstName": evil, "lastName": evil, "note": evil,
		"state":      "active",
		"identities": []any{map[string]any{"provider": evil, "id": evil}}})
	m.Set("users/pending", map[string]any{"email": "p@example.com", "firstName": "P", "lastName": "Q", "state": "pending"})
	m.Set("users/ann/groups/partners", map[string]any{"displayName": evil})
	m.Set("users/ann/sallyportSessions/s1", map[string]any{"address": evil, "agent": evil, "provider": evil})
	m.Set("groups/partners", map[string]any{"displayName": evil, "description": evil, "type": "custom"})
	m.Set("groups/administrators", map[string]any{"displayName": "Administrators", "builtIn": true, "type": "system"})
	m.Set("groups/partners/users/ann", map[string]any{"email": evil, "firstName": evil})
	m.Set("subscriptions/waiting", map[string]any{"displayName": evil, "state": "submitted", "ownerId": pagetest.Service + "/users/ann",
		"scope": pagetest.Service + "/products/starter", "stateComment": evil})
	m.Set("subscriptions/running", map[string]any{"displayName": evil, "state": "active", "ownerId": pagetest.Service + "/users/ann",
		"scope": pagetest.Service + "/products/starter", "stateComment": evil})
	m.Set("products/starter", map[string]any{"displayName": "Starter"})
	m.Set("portalsettings/signup", map[string]any{"enabled": true,
		"termsOfService": map[string]any{"enabled": true, "text": "</textarea>" + evil}})
	m.Set("portalsettings/signin", map[string]any{"enabled": false})
	m.Set("portalsettings/delegation", map[string]any{"url": "https://x.example/" + evil, "subscriptions": map[string]any{"enabled": true},
		"userRegistration": map[string]any{"enabled": true}})
	m.Set("identityProviders/aad", map[string]any{"type": "aad", "clientId": evil, "clientSecret": "top secret",
		"allowedTenants": []any{evil}, "authority": evil})
	m.Set("templates/RejectDeveloperNotificationMessage",
		map[string]any{"title": evil, "subject": evil, "description": evil, "body": evil + "<p>$ProdName</p>", "isDefault": false,
			"parameters": []any{map[string]any{"name": "ProdName", "title": evil}}})
	m.Set("templates/PurchaseDeveloperNotificationMessage",
		map[string]any{"title": "Bought", "subject": "s", "body": "<p>$ProdName</p>", "isDefault": true})
	m.Set("notifications/BCC", map[string]any{"title": evil, "description": evil,
		"recipients": map[string]any{"emails": []any{"/x/" + evil}, "users": []any{"/users/ann"}}})
	m.Set("sallyportMail/m1", map[string]any{"to": evil, "subject": evil, "state": "failed", "lastError": evil})
	item := func(kind, name string) string { return "contentTypes/" + kind + "/contentItems/" + name }
	m.Set(item("sallyport-page", "about"), map[string]any{"title": evil, "description": evil, "groups": []any{evil},
		"text": "</textarea>" + evil + "\n::: html\n" + evil + "\n:::\n"})
	m.Set(item("sallyport-navigation", "default"),
		map[string]any{"menu": []any{map[string]any{"label": evil, "address": "/apis"}}, "note": evil})
	m.Set(item("sallyport-look", "default"), map[string]any{"title": evil})
	m.Set(item("sallyport-media", "logo.png"), map[string]any{"type": "image/png", "digest": strings.Repeat("a", 64), "size": 1})
	m.Set("portalRevisions/0123456789abcdef", map[string]any{"description": evil, "isCurrent": false})
	m.Set(item("sallyport-publication", "0123456789abcdef"), map[string]any{"version": 1,
		"content": map[string]any{"pages": map[string]any{"home": map[string]any{"title": "Then", "text": "Then."}}}})
	m.Handle("PUT portalRevisions/*", currentOnly(m))
}

// currentOnly does what a write of portalRevisions does to the others.
func currentOnly(m *pagetest.Management) http.HandlerFunc {
	names := []string{"0123456789abcdef"}
	return func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Properties map[string]any `json:"properties"`
		}
		raw, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(raw, &body) != nil {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		for _, other := range names {
			was := m.Properties("portalRevisions/" + other)
			was["isCurrent"] = false
			m.Set("portalRevisions/"+other, was)
		}
		name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		names = append(names, name)
		m.Set("portalRevisions/"+name, body.Properties)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"name":"`+name+`","properties":{}}`)
	}
}

// paths are pages of all routes, with names that are there.
var paths = strings.NewReplacer(
	"{slug}", "about", "{revision}", "0123456789abcdef", "{file}", "logo.png", "{user}", "ann", "{group}", "partners",
	"{setting}", "signup", "{provider}", "aad", "{template}", "RejectDeveloperNotificationMessage", "{notification}", "BCC", "{message}",
	"m1",
)

func pathOf(route page.RouteInfo) string {
	path := route.Path
	if strings.Contains(path, "approvals") {
		return strings.ReplaceAll(path, "{subscription}", "waiting")
	}
	return paths.Replace(strings.ReplaceAll(path, "{subscription}", "running"))
}

var etagField = regexp.MustCompile(`name="etag" value="([^"]*)"`)

// etag is the version in the first form of a page.
func (w *world) etag(t *testing.T, path string) string {
	t.Helper()
	found := etagField.FindStringSubmatch(w.Get(path).Body)
	if found == nil {
		t.Fatalf("%s has no version", path)
	}
	return strings.ReplaceAll(found[1], "&#34;", `"`)
}

// form is a form with this version, and fields in turn.
func form(etag string, fields ...string) url.Values {
	f := url.Values{"etag": {etag}}
	for i := 0; i < len(fields); i += 2 {
		f.Set(fields[i], fields[i+1])
	}
	return f
}
