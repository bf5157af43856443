package browser

import (
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// hostile is a text that runs wherever it is not escaped: between tags, within
// attributes of either quote, in text fields, scripts, comments, templates, links
// and Markdown.
const hostile = `<script>alert(1)</script>"><img src=x onerror=alert(2)>'><svg onload=alert(3)>` +
	`</textarea></title></script><script>alert(4)</script>--><b onclick=alert(5)>{{7*7}}${7*7}` +
	`[x](javascript:alert(6))![y](" onerror="alert(7))`

// short is one that fits where names have to be short.
const short = `<img src=x onerror=alert(8)>"'><b>`

// hostileFiles are a configuration with the text in every field that visitors see.
func hostileFiles(tb testing.TB) map[string]string {
	tb.Helper()
	properties := func(p map[string]any) string { return mustJSON(tb, map[string]any{"properties": p}) }
	schema := map[string]any{"type": "object", "title": hostile, "description": hostile, "properties": map[string]any{
		hostile: map[string]any{"type": "string", "description": hostile, "example": hostile, "enum": []string{hostile}, "pattern": hostile},
	}}
	return map[string]string{
		"apis/evil/apiInformation.json": properties(map[string]any{
			"displayName": short + " API", "description": hostile, "path": "evil", "protocols": []string{"http", "https"},
			"serviceUrl": "http://127.0.0.1:1", "subscriptionRequired": true, "termsOfServiceUrl": "javascript:alert(9)",
			"contact": map[string]any{"name": hostile[:90], "url": "javascript:alert(10)", "email": "x@example.org"},
			"license": map[string]any{"name": hostile[:90], "url": "javascript:alert(11)"},
		}),
		"apis/evil/specification.json": mustJSON(tb, map[string]any{
			"openapi": "3.0.3", "info": map[string]any{"title": hostile, "version": short, "description": hostile},
			"tags": []map[string]any{{"name": short, "description": hostile}},
			"paths": map[string]any{"/things": map[string]any{"post": map[string]any{
				"operationId": "things", "summary": hostile[:200], "description": hostile, "tags": []string{short},
				"parameters": []map[string]any{{"name": short, "in": "query", "description": hostile,
					"schema": map[string]any{"type": "string", "default": hostile}}},
				"requestBody": map[string]any{"description": hostile, "content": map[string]any{"application/json": map[string]any{
					"schema": map[string]any{"$ref": "#/components/schemas/Thing"}, "example": map[string]any{"a": hostile}}}},
				"responses": map[string]any{"200": map[string]any{"description": hostile,
					"headers": map[string]any{"X-Thing": map[string]any{"description": hostile, "schema": map[string]any{"type": "string"}}},
					"content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Thing"}}}}},
			}}},
			"components": map[string]any{"schemas": map[string]any{"Thing": schema}},
		}),
		"products/evil/productInformation.json": properties(map[string]any{
			"displayName": short + " product", "description": hostile, "terms": hostile, "subscriptionRequired": true,
			"approvalRequired": false, "state": "published",
		}),
		"products/evil/apis/evil/productApiInformation.json":           "{}",
		"products/evil/groups/guests/productGroupInformation.json":     mustJSON(tb, map[string]any{"name": "evil-guests", "properties": map[string]any{"groupId": "/groups/guests"}}),
		"products/evil/groups/developers/productGroupInformation.json": mustJSON(tb, map[string]any{"name": "evil-developers", "properties": map[string]any{"groupId": "/groups/developers"}}),
	}
}

// TestS18_StoredFields looks at every page with hostile texts in all that it
// shows: nothing of them runs.
func TestS18_StoredFields(tt *testing.T) {
	p := startPortal(tt)
	p.apply(hostileFiles(tt))
	guest, user, admin := newTab(tt), newTab(tt), newTab(tt)
	var ran atomic.Int32
	for _, t := range []*tab{guest, user, admin} {
		t.wrong = func(format string, args ...any) {
			ran.Add(1)
			tt.Errorf(format, args...)
		}
	}
	user.signUpAs(p, "evil@example.org", short, short)
	user.subscribe(p, "evil", short)
	own := "/subscriptions/" + evaluate[string](user, `(document.querySelector('main a[href^="/subscriptions/"]')?.getAttribute("href") || location.pathname).split("/")[2]`)
	admin.open(p.administratorLink())
	admin.open(p.url + "/admin/content/new")
	admin.fill("slug", "evil")
	admin.fill("title", short)
	admin.fill("text", strings.ReplaceAll(hostile, "\n", " "))
	admin.follow(`main form[method=post] button[type=submit]`)
	name := url.PathEscape("evil")
	pages := 0
	for _, group := range []struct {
		tab   *tab
		paths []string
	}{
		{guest, []string{
			"/", "/apis", "/apis?q=img", "/apis/" + name, "/apis/evil/operations", "/apis/evil/operations/things", "/apis/evil/schemas", "/apis/evil/schemas/Thing",
			"/apis/evil/changes", "/products", "/products/evil", "/search?q=" + url.QueryEscape(hostile[:60]), "/search?q=img", "/console/evil/things",
			"/signin?return=" + url.QueryEscape("javascript:alert(12)"), "/nowhere?" + url.QueryEscape(hostile),
		}},
		{user, []string{
			"/", "/apis/evil", "/products/evil", "/subscribe/evil", "/subscriptions", own, own + "/cancel", own + "/renew?key=primary", "/usage",
			"/account", "/account/sessions", "/account/close", "/console/evil/things",
		}},
		{admin, []string{
			"/admin", "/admin/content", "/admin/content/pages/evil", "/admin/content/preview/evil", "/admin/users", "/admin/users?q=evil",
			"/admin/subscriptions", "/admin/approvals", "/admin/groups", "/admin/outbox", "/admin/usage", "/admin/publish", "/admin/history",
		}},
	} {
		for _, path := range group.paths {
			group.tab.status(p.url + path)
			group.tab.do(sleep(settled))
			pages++
		}
	}
	fmt.Printf("S18: %d scripts of stored fields ran on %d pages (0)\n", ran.Load(), pages)
}

// settled is how long scripts of a page have that would run late.
const settled = 100 * time.Millisecond

// TestS18_StoredFields_NegativeControl shows the same text on a page that does not
// escape it.
func TestS18_StoredFields_NegativeControl(tt *testing.T) {
	t := newTab(tt)
	var ran atomic.Int32
	t.wrong = func(string, ...any) { ran.Add(1) }
	t.status("data:text/html," + url.PathEscape("<!doctype html><main>"+hostile+"</main>"))
	t.do(sleep(settled))
	if ran.Load() == 0 {
		tt.Error("scripts of a page that escapes nothing were not noticed")
	}
}
