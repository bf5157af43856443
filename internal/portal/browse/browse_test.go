package browse_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

func TestPagesSay(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	s.Put("users/dora/subscriptions/s1", map[string]any{"displayName": "Mine", "scope": cataloguetest.ServiceID + "/products/starter", "state": "active"})
	s.Put("users/paul/subscriptions/s2", map[string]any{"displayName": "Waiting", "scope": "/products/partner", "state": "submitted"})
	h := portal(t, s)
	tests := []struct {
		name, visitor, path string
		has, hasNot         []string
	}{
		{"overview", "guest", "/apis/pets", []string{
			"<h1>Pet Store</h1>", "about <em>pets</em>", "https://api.example.com/pets", "Ocp-Apim-Subscription-Key", `href="/subscribe/starter"`,
			`href="/apis/pets/operations/pets-get"`, `href="mailto:ann@example.com"`, "Apache 2.0", "https://example.com/terms", `href="/apis?tag=Animals"`,
			`href="/apis/pets/changes"`,
		}, []string{"Revision 2", "Draft"}},
		{"overview of an administrator", "admin", "/apis/pets", []string{"Revision 2", "Draft", "Not published"}, nil},
		{"another revision", "admin", "/apis/pets?rev=2", []string{"In the works.", "https://api.example.com/pets;rev=2",
			`href="/apis/pets/operations?rev=2"`, `href="/apis/pets/changes?rev=2"`}, []string{`<ul class="operations">`}},
		{"versions", "partner", "/apis/orders-v2", []string{`href="/apis/orders"`, `href="/apis/orders-v2" aria-current="page"`, "https://api.example.com/orders-v2/v2"}, nil},
		{"an open product", "developer", "/apis/orders", []string{"Not needed, by the product"}, []string{"orders-v2"}},
		{"no key needed", "guest", "/apis/open", []string{"<p>Not needed.</p>"}, []string{"Subscribe"}},
		{"changes", "guest", "/apis/pets/changes", []string{"First <em>release</em>.", "2 Jan 2026"}, nil},
		{"changes from a revision", "admin", "/apis/pets/changes?rev=2", []string{"First <em>release</em>.", `href="/apis/pets?rev=2"`,
			`href="/apis/pets/operations?rev=2"`}, []string{`href="/apis/pets"`}},
		{"no changes", "guest", "/apis/open/changes", []string{"No changes yet"}, nil},
		{"versions in one entry", "partner", "/apis", []string{"4 APIs", `class="version" href="/apis/orders-v2"`}, nil},
		{"open products are not listed", "developer", "/products", []string{"Starter"}, []string{"Free"}},
		{"but for administrators", "admin", "/products", []string{"Starter", "Free", "Not published"}, nil},
		{"a product", "guest", "/products/starter", []string{"<em>first</em>", "Be kind.", `href="/subscribe/starter"`, `href="/apis/pets"`}, []string{"Yours:", "Seen by"}},
		{"a product that is full", "developer", "/products/starter", []string{"Mine", `href="/subscriptions/s1"`, "as many subscriptions"}, []string{`href="/subscribe/starter"`}},
		{"a product with approval", "partner", "/products/partner", []string{"Waiting", "waiting for approval", "Subscribe again", "administrator approves"}, nil},
		{"an open product's page", "developer", "/products/free", []string{"This product is open"}, []string{"/subscribe/"}},
		{"search", "guest", "/search?q=pet", []string{"1 API", "Pet Store", `href="/apis/pets/operations/pets-get"`}, []string{"Secret"}},
		{"search for a product", "guest", "/search?q=starter", []string{`href="/products/starter"`}, nil},
		{"search for nothing", "guest", "/search?q=", []string{"What are you looking for?"}, nil},
		{"nothing found", "guest", "/search?q=xyzzy", []string{"Nothing found", "Nothing matches"}, nil},
		{"suggestions", "guest", "/search/suggestions?q=pet", []string{`role="option"`, `data-href="/apis/pets"`, `data-href="/apis/pets/operations/pets-get"`, `/search?q=pet`}, []string{"<html", "Secret"}},
		{"no API of a filter", "guest", "/apis?tag=nothing", []string{"No API matches", `value="nothing" selected`}, nil},
		{"a filter", "partner", "/apis?tag=animals&type=http", []string{"1 API", "Pet Store", `value="Animals" selected`}, []string{"Open Data"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, body := get(t, h, test.visitor, test.path)
			body = pagetest.Readable(body)
			for _, text := range test.has {
				if !strings.Contains(body, text) {
					t.Errorf("%s does not have %q:\n%s", test.path, text, mainOf(body))
				}
			}
			for _, text := range test.hasNot {
				if strings.Contains(mainOf(body), text) {
					t.Errorf("%s has %q:\n%s", test.path, text, mainOf(body))
				}
			}
		})
	}
}

func TestEmptyPortal(t *testing.T) {
	h := portal(t, cataloguetest.New())
	for path, wants := range map[string][2]string{
		"/apis": {"No APIs for guests", "No APIs yet"}, "/products": {"No products for guests", "No products yet"},
	} {
		for i, visitor := range []string{"guest", "developer"} {
			if _, body := get(t, h, visitor, path); !strings.Contains(body, wants[i]) {
				t.Errorf("%s is not told %q at %s", visitor, wants[i], path)
			}
		}
	}
}

func TestThousandAPIsArePaged(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Many(s, 1000)
	h := portal(t, s)
	seen := make(map[string]bool)
	for n := 1; n <= 42; n++ {
		_, body := get(t, h, "guest", fmt.Sprintf("/apis?page=%d", n))
		for _, name := range linked(mainOf(body), "apis") {
			seen[name] = true
		}
	}
	if len(seen) != 1000 {
		t.Errorf("all pages together have %d APIs", len(seen))
	}
	for _, path := range []string{"/apis?page=99999", "/apis?page=-1", "/apis?page=x", "/search?q=get&page=99999", "/search?q=get&page=9223372036854775807"} {
		if res, _ := get(t, h, "guest", path); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func TestReadingGoesOnWithoutTheManagementPlane(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	h := portal(t, s)
	s.SetDown(true)
	for _, path := range []string{"/apis", "/apis/pets", "/apis/pets/changes", "/products", "/search?q=pets", "/products/starter"} {
		if res, _ := get(t, h, "developer", path); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if _, body := get(t, h, "developer", "/products/starter"); !strings.Contains(body, "cannot be shown at the moment") {
		t.Error("the page of a product does not say what it cannot know")
	}
}

func TestSuggestionsAreNotSentTwice(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	h := portal(t, s)
	first, _ := get(t, h, "guest", "/search/suggestions?q=pet")
	etag := first.Header.Get("ETag")
	if etag == "" {
		t.Fatal("there is no ETag")
	}
	if again, body := get(t, h, "guest", "/search/suggestions?q=pet", "If-None-Match", etag); again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("%d and %q", again.StatusCode, body)
	}
	if other, _ := get(t, h, "guest", "/search/suggestions?q=open", "If-None-Match", etag); other.StatusCode != http.StatusOK {
		t.Errorf("%d for another query", other.StatusCode)
	}
}

// TestGraphQL has no operations, and is described all the same.
func TestGraphQL(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	s.Put("apis/graph", map[string]any{"displayName": "Graph", "path": "graph", "type": "graphql", "isCurrent": true, "apiRevision": "1"})
	_, body := get(t, portal(t, s), "admin", "/apis/graph")
	if strings.Contains(body, "No operations yet") || strings.Count(body, `href="/apis/graph/operations"`) != 2 {
		t.Error(mainOf(body))
	}
}
