package browse_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
)

// attacks are put into every field that is stored.
var attacks = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `</title><script>alert(1)</script>`,
	`{{.Visitor}}${alert(1)}`, `<svg/onload=alert(1)>`, `--><script>alert(1)</script>`, `&lt;script&gt;alert(1)&lt;/script&gt;`, "\u2028alert(1)\x00", `%22%3E%3Cscript%3Ealert(1)%3C/script%3E`,
	`data:text/html,<script>alert(1)</script>`, `//evil.example/x`, `[x](javascript:alert(1))`, `![x](x" onerror="alert(1))`,
}

// TestS18_CatalogueEscapesStoredFields puts each attack into every field of APIs and products and into every field
// of the query, and parses all pages: no element, no attribute and no address may come of it.
func TestS18_CatalogueEscapesStoredFields(t *testing.T) {
	pages, found := 0, 0
	for i, attack := range attacks {
		s := cataloguetest.New()
		cataloguetest.Example(s)
		store(s, attack)
		h := portal(t, s)
		for _, visitor := range []string{"guest", "admin"} {
			for _, path := range []string{
				"/apis", "/apis/pets", "/apis/pets?rev=2", "/apis/pets/changes", "/products", "/products/starter", "/search?q=alert", "/search?q=pets",
				"/search/suggestions?q=pets", "/search/suggestions?q=alert", "/apis?q=alert", "/apis?tag=" + escape(attack), "/apis?product=" + escape(attack),
				"/apis?type=" + escape(attack), "/search?q=" + escape(attack), "/apis?q=" + escape(attack), "/search/suggestions?q=" + escape(attack), "/apis/" + escape(attack),
			} {
				res, body := get(t, h, visitor, path)
				if res.StatusCode == http.StatusInternalServerError {
					t.Errorf("attack %d: %s gives %d", i, path, res.StatusCode)
				}
				pages++
				for _, what := range dangers(body) {
					found++
					t.Errorf("attack %d: %s has %s", i, path, what)
				}
			}
		}
	}
	t.Logf("S18: %d of %d pages of the portal's catalogue run or name what was stored (limit 0)", found, pages)
}

// TestS18_CatalogueEscapesStoredFields_NegativeControl writes the attacks into a page as they are: those that are
// elements, and those in an attribute, are found.
func TestS18_CatalogueEscapesStoredFields_NegativeControl(t *testing.T) {
	found := 0
	for _, attack := range attacks {
		if len(dangers(`<p>`+attack+`</p><a title="`+attack+`" href="`+attack+`">x</a><a class='`+attack+`'>y</a>`)) > 0 {
			found++
		}
	}
	if found < len(attacks)*2/3 {
		t.Errorf("%d of %d attacks are found", found, len(attacks))
	}
}

func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// store puts a text into all fields.
func store(s *cataloguetest.Service, x string) {
	cataloguetest.API(s, "pets", x, map[string]any{
		"description": "pets " + x, "apiVersion": x, "apiVersionDescription": x, "apiVersionSetId": "/apiVersionSets/set", "type": x, "path": x,
		"apiRevision": x, "protocols": []string{x, "https"}, "termsOfServiceUrl": x, "isOnline": false,
		"contact": map[string]any{"name": x, "url": x, "email": x}, "license": map[string]any{"name": x, "url": x},
		"subscriptionKeyParameterNames": map[string]any{"header": x, "query": x},
		"authenticationSettings":        map[string]any{"oAuth2": map[string]any{"authorizationServerId": x, "scope": x}},
	})
	s.Put("apiVersionSets/set", map[string]any{"displayName": x, "versioningScheme": "Header", "versionHeaderName": x})
	s.Put("apis/pets/operations/pets-get", map[string]any{"displayName": "pets " + x, "method": x, "urlTemplate": x, "description": x})
	s.Put("apis/pets/tags/animals", map[string]any{"displayName": x})
	s.Put("apis/pets/releases/r1", map[string]any{"apiId": "/apis/pets;rev=" + x, "notes": x})
	s.Put("apis/pets/revisions/2", map[string]any{"apiRevision": "2", "description": x})
	s.Put("products/starter", map[string]any{"displayName": x, "description": x, "terms": x, "state": "published"})
	s.Put("products/starter/tags/animals", map[string]any{"displayName": x})
}

// dangers are what a page has of scripts that are not ours, of handlers, and of addresses that run something.
func dangers(body string) (found []string) {
	z := html.NewTokenizer(strings.NewReader(body))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
			continue
		}
		ours := len(token.Attr) == 2 && strings.HasPrefix(token.Attr[1].Val, "/assets/")
		if token.Data == "script" && !ours || slices.Contains([]string{"iframe", "object", "embed", "base", "math", "img"}, token.Data) {
			found = append(found, token.String())
		}
		for _, a := range token.Attr {
			if dangerous(a) {
				found = append(found, token.String())
			}
		}
	}
	return found
}

func dangerous(a html.Attribute) bool {
	address := strings.ToLower(a.Val)
	switch a.Key {
	case "href", "src", "action", "data-href":
		return strings.HasPrefix(address, "javascript:") || strings.HasPrefix(address, "data:") || strings.HasPrefix(address, "//")
	}
	return strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc"
}
