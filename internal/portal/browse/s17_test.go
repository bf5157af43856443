package browse_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
)

// seenBy says who sees a page.
var seenBy = []struct{ path, visitors string }{
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
	{"/apis/secret/changes", "admin"},
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

// lists are the pages that name APIs and products, and names what each visitor may be named.
var (
	lists = []string{
		"/apis", "/products", "/search?q=p", "/search?q=o", "/search?q=get", "/search?q=s", "/search/suggestions?q=p", "/apis?q=get",
		"/apis/pets", "/products/starter", "/apis/open", "/apis?tag=Animals", "/apis?type=http", "/apis?product=starter",
	}
	named = map[string]string{
		"guest": "open pets starter", "developer": "open pets orders starter free",
		"partner": "open pets orders orders-v2 starter free partner",
		"admin":   "open keyed pets orders orders-v2 secret closed starter free partner draft locked",
	}
)

// mismatches asks for everything as every kind of visitor and counts what is not as it should be.
func mismatches(t *testing.T, h http.Handler, tell func(format string, args ...any)) (asked, wrong int) {
	t.Helper()
	for visitor := range visitors {
		for _, test := range seenBy {
			want := http.StatusNotFound
			if slices.Contains(strings.Fields(test.visitors), visitor) {
				want = http.StatusOK
			}
			asked++
			if res, _ := get(t, h, visitor, test.path); res.StatusCode != want {
				wrong++
				tell("%s gets %d for %s, want %d", visitor, res.StatusCode, test.path, want)
			}
		}
		for _, path := range lists {
			asked++
			_, body := get(t, h, visitor, path)
			for _, name := range slices.Concat(linked(body, "apis"), linked(body, "products")) {
				if !slices.Contains(strings.Fields(named[visitor]), name) {
					wrong++
					tell("%s is shown %s on %s", visitor, name, path)
				}
			}
			if strings.Contains(body, "Hidden") && visitor != "admin" {
				wrong++
				tell("%s is shown the tag of a hidden API on %s", visitor, path)
			}
		}
	}
	return asked, wrong
}

// TestS17_CatalogueShowsWhatGroupsSee asks for every page as every kind of visitor.
func TestS17_CatalogueShowsWhatGroupsSee(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	h := portal(t, s)
	asked, wrong := mismatches(t, h, t.Errorf)
	asked += checkHidden(t, h)
	t.Logf("S17: %d of %d pages of the portal's catalogue show what they must not, or hide what they must show (limit 0)", wrong, asked)
}

// TestS17_CatalogueShowsWhatGroupsSee_NegativeControl publishes a draft and gives partners' products to all: what
// is looked for is found.
func TestS17_CatalogueShowsWhatGroupsSee_NegativeControl(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Example(s)
	s.Put("products/draft", map[string]any{"displayName": "Draft", "state": "published"})
	s.Put("products/partner/groups/guests", nil)
	if _, wrong := mismatches(t, portal(t, s), t.Logf); wrong < 10 {
		t.Errorf("only %d pages are told of", wrong)
	}
}

// checkHidden compares the answers for what is hidden with those for what is not there.
func checkHidden(t *testing.T, h http.Handler) int {
	t.Helper()
	pairs := [][2]string{
		{"/apis/secret", "/apis/nosuch"}, {"/apis/secret/changes", "/apis/nosuch/changes"}, {"/products/locked", "/products/nosuch"},
		{"/apis/pets?rev=2", "/apis/pets?rev=9"}, {"/apis?tag=Hidden", "/apis?tag=Nosuch"}, {"/search?q=secret", "/search?q=nosuch"},
		{"/search/suggestions?q=secret", "/search/suggestions?q=nosuch"}, {"/apis?q=secret", "/apis?q=nosuch"}, {"/apis?product=locked", "/apis?product=nosuch"},
	}
	for _, pair := range pairs {
		hidden, a := get(t, h, "guest", pair[0])
		missing, b := get(t, h, "guest", pair[1])
		same := strings.NewReplacer("secret", "X", "nosuch", "X", "locked", "X", "Hidden", "X", "Nosuch", "X")
		if hidden.StatusCode != missing.StatusCode || same.Replace(mainOf(a)) != same.Replace(mainOf(b)) {
			t.Errorf("%s (%d) and %s (%d) differ:\n%s\n%s", pair[0], hidden.StatusCode, pair[1], missing.StatusCode, mainOf(a), mainOf(b))
		}
	}
	return 2 * len(pairs)
}

// linked are the names that a page links to below a path.
func linked(body, kind string) []string {
	var names []string
	for _, part := range strings.Split(body, `"/`+kind+"/")[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if i := strings.IndexAny(name, "/?#"); i >= 0 {
			name = name[:i]
		}
		names = append(names, name)
	}
	return names
}
