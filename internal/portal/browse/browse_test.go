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

// TestPagesShowWhatVisitorsSee asks for every page as every kind of visitor.
func TestPagesShowWhatVisitorsSee(t *testing.T) {
	tests := []struct{ path, seenBy string }{
		{"/apis/open", "guest developer partner admin"},
		{"/apis/keyed", "admin"},
		{"/apis/pets", "guest developer partner admin"},
		{"/apis/PETS", "guest developer partner admin"},
		{"/apis/pets?rev=1", "guest developer partner admin"},
		{"/apis/pets?rev=2", "admin"},
		{"/apis/pets?rev=3", ""},
		{"/apis/pets/changes", "guest developer partner admin"},
		{"/apis/orders", "developer partner admin"},
		{"/apis/orders/changes", "developer partner admin"},
		{"/apis/orders-v2", "partner admin"},
		{"/apis/secret", "admin"},
		{"/apis/closed", "admin"},
		{"/apis/none", ""},
		{"/products/starter", "guest developer partner admin"},
		{"/products/partner", "partner admin"},
		{"/products/free", "developer partner admin"},
		{"/products/draft", "admin"},
		{"/products/locked", "admin"},
		{"/products/none", ""},
		{"/apis", "guest developer partner admin"},
		{"/products", "guest developer partner admin"},
		{"/search?q=pets", "guest developer partner admin"},
		{"/search/suggestions?q=pets", "guest developer partner admin"},
	}
	s := cataloguetest.New()
	cataloguetest.Example(s)
	h := portal(t, s)
	for _, test := range tests {
		for visitor := range visitors {
			want := http.StatusNotFound
			if slices.Contains(strings.Fields(test.seenBy), visitor) {
				want = http.StatusOK
			}
			if res, _ := get(t, h, visitor, test.path); res.StatusCode != want {
				t.Errorf("%s gets %d for %s, want %d", visitor, res.StatusCode, test.path, want)
			}
		}
	}
}

// TestWhatIsHiddenLooksLikeWhatIsNotThere compares the two answers.
func TestWhatIsHiddenLooksLikeWhatIsNotThere(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	h := portal(t, s)
	for _, pair := range [][2]string{
		{"/apis/secret", "/apis/nosuch"}, {"/apis/secret/changes", "/apis/nosuch/changes"}, {"/products/locked", "/products/nosuch"},
		{"/apis/pets?rev=2", "/apis/pets?rev=9"}, {"/apis?tag=Hidden", "/apis?tag=Nosuch"}, {"/search?q=secret", "/search?q=nosuch"},
		{"/search/suggestions?q=secret", "/search/suggestions?q=nosuch"}, {"/apis?q=secret", "/apis?q=nosuch"}, {"/apis?product=locked", "/apis?product=nosuch"},
	} {
		hidden, a := get(t, h, "guest", pair[0])
		missing, b := get(t, h, "guest", pair[1])
		same := strings.NewReplacer("secret", "X", "nosuch", "X", "locked", "X", "Hidden", "X", "Nosuch", "X")
		if hidden.StatusCode != missing.StatusCode || same.Replace(mainOf(a)) != same.Replace(mainOf(b)) {
			t.Errorf("%s (%d) and %s (%d) differ:\n%s\n%s", pair[0], hidden.StatusCode, pair[1], missing.StatusCode, mainOf(a), mainOf(b))
		}
	}
}

// TestListsNameOnlyWhatIsVisible looks for every name in every list, for every visitor.
func TestListsNameOnlyWhatIsVisible(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	h := portal(t, s)
	sees := map[string]string{
		"guest": "open pets starter", "developer": "open pets orders starter free",
		"partner": "open pets orders orders-v2 starter free partner",
		"admin":   "open keyed pets orders orders-v2 secret closed starter free partner draft locked",
	}
	for visitor := range visitors {
		for _, path := range []string{
			"/apis", "/products", "/search?q=p", "/search?q=o", "/search?q=get", "/search?q=s", "/search/suggestions?q=p", "/apis?q=get",
			"/apis/pets", "/products/starter", "/apis/open", "/apis?tag=Animals", "/apis?type=http", "/apis?product=starter",
		} {
			_, body := get(t, h, visitor, path)
			for _, kind := range []string{"apis", "products"} {
				for _, name := range linked(body, kind) {
					if !slices.Contains(strings.Fields(sees[visitor]), name) {
						t.Errorf("%s is shown /%s/%s on %s", visitor, kind, name, path)
					}
				}
			}
			if strings.Contains(body, "Hidden") && visitor != "admin" {
				t.Errorf("%s is shown the tag of a hidden API on %s", visitor, path)
			}
		}
	}
}

// linked are the names that a page links to below a path.
func linked(body, kind string) []string {
	var names []string
	for _, part := range strings.Split(body, `"/`+kind+"/")[1:] {
		name, _, _ := strings.Cut(part, `"`)
		name, _, _ = strings.Cut(name, "/")
		name, _, _ = strings.Cut(name, "?")
		name, _, _ = strings.Cut(name, "#")
		names = append(names, name)
	}
	return names
}

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
		{"another revision", "admin", "/apis/pets?rev=2", []string{"In the works.", "https://api.example.com/pets;rev=2"}, nil},
		{"versions", "partner", "/apis/orders-v2", []string{`href="/apis/orders"`, `href="/apis/orders-v2" aria-current="page"`, "https://api.example.com/orders-v2/v2"}, nil},
		{"an open product", "developer", "/apis/orders", []string{"Not needed, by the product"}, []string{"orders-v2"}},
		{"no key needed", "guest", "/apis/open", []string{"<p>Not needed.</p>"}, []string{"Subscribe"}},
		{"changes", "guest", "/apis/pets/changes", []string{"First <em>release</em>.", "2 Jan 2026"}, nil},
		{"no changes", "guest", "/apis/open/changes", []string{"No changes yet"}, nil},
		{"versions in one entry", "partner", "/apis", []string{"4 APIs", `class="version" href="/apis/orders-v2"`}, nil},
		{"open products are not listed", "developer", "/products", []string{"Starter"}, []string{"Free"}},
		{"but for administrators", "admin", "/products", []string{"Starter", "Free", "Not published"}, nil},
		{"a product", "guest", "/products/starter", []string{"<em>first</em>", "Be kind.", `href="/subscribe/starter"`, `href="/apis/pets"`}, []string{"Yours:", "Seen by"}},
		{"a product that is full", "developer", "/products/starter", []string{"Mine", `href="/subscriptions/s1"`, "as many subscriptions"}, []string{`href="/subscribe/starter"`}},
		{"a product with approval", "partner", "/products/partner", []string{"Waiting", "submitted", "Subscribe again", "administrator approves"}, nil},
		{"an open product's page", "developer", "/products/free", []string{"This product is open"}, []string{"/subscribe/"}},
		{"search", "guest", "/search?q=pet", []string{"1 API", "Pet Store", `href="/apis/pets/operations/pets-get"`}, []string{"Secret"}},
		{"search for a product", "guest", "/search?q=starter", []string{`href="/products/starter"`}, nil},
		{"search for nothing", "guest", "/search?q=", []string{"What are you looking for?"}, nil},
		{"nothing found", "guest", "/search?q=xyzzy", []string{"Nothing found", "Nothing is like that"}, nil},
		{"suggestions", "guest", "/search/suggestions?q=pet", []string{`role="option"`, `data-href="/apis/pets"`, `data-href="/apis/pets/operations/pets-get"`, `/search?q=pet`}, []string{"<html", "Secret"}},
		{"no API of a filter", "guest", "/apis?tag=nothing", []string{"No API is like that", `value="nothing" selected`}, nil},
		{"a filter", "partner", "/apis?tag=animals&type=http", []string{"1 API", "Pet Store", `value="Animals" selected`}, []string{"Open Data"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, body := get(t, h, test.visitor, test.path)
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

// attacks are put into every field that is stored.
var attacks = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `</title><script>alert(1)</script>`,
	`{{.Visitor}}${alert(1)}`, `<svg/onload=alert(1)>`, `--><script>alert(1)</script>`, `&lt;script&gt;alert(1)&lt;/script&gt;`, "\u2028alert(1)\x00", `%22%3E%3Cscript%3Ealert(1)%3C/script%3E`,
	`data:text/html,<script>alert(1)</script>`, `//evil.example/x`, `[x](javascript:alert(1))`, `![x](x" onerror="alert(1))`,
}

// TestStoredFieldsAreEscaped puts each attack into every field of an API and a product, and parses all pages:
// no element, no attribute and no address may come of it.
func TestStoredFieldsAreEscaped(t *testing.T) {
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
				checkPage(t, path, body)
			}
		}
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

// checkPage fails if a page has a script that is not ours, a handler, or an address that runs something.
func checkPage(t *testing.T, path, body string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(body))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
			continue
		}
		if token.Data == "script" && (len(token.Attr) != 2 || !strings.HasPrefix(token.Attr[1].Val, "/assets/")) {
			t.Errorf("%s: %s", path, token)
		}
		if slices.Contains([]string{"iframe", "object", "embed", "base", "math"}, token.Data) || token.Data == "img" {
			t.Errorf("%s: %s", path, token)
		}
		for _, a := range token.Attr {
			address := strings.ToLower(a.Val)
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
				t.Errorf("%s: %s", path, token)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "data-href") &&
				(strings.HasPrefix(address, "javascript:") || strings.HasPrefix(address, "data:") || strings.HasPrefix(address, "//")) {
				t.Errorf("%s: %s", path, token)
			}
		}
	}
}
