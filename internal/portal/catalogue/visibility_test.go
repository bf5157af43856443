package catalogue_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
)

func TestWhoSeesWhat(t *testing.T) {
	tests := []struct{ name, apis, products string }{
		{"nobody", "open", ""},
		{"guest", "open pets", "starter"},
		{"developer", "open orders pets", "free starter"},
		{"partner", "open orders orders-v2 pets", "free partner starter"},
		{"admin", "closed keyed open orders orders-v2 pets secret", "draft free locked partner starter"},
	}
	x := example(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := allReaders[test.name]
			if diff := cmp.Diff(test.apis, names(x.APIs(r))); diff != "" {
				t.Error("APIs:", diff)
			}
			var products []string
			for _, p := range x.Products(r) {
				products = append(products, p.Name)
			}
			if diff := cmp.Diff(test.products, strings.Join(products, " ")); diff != "" {
				t.Error("products:", diff)
			}
			for _, a := range x.APIs(admin) {
				_, ok := x.API(strings.ToUpper(a.Name), r)
				if want := slices.Contains(strings.Fields(test.apis), a.Name); ok != want {
					t.Errorf("API(%q) is found: %t, want %t", a.Name, ok, want)
				}
			}
		})
	}
}

func names(apis []*catalogue.API) string {
	var names []string
	for _, a := range apis {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestWhatIsLinkedIsVisibleToo(t *testing.T) {
	x := example(t)
	for name, r := range allReaders {
		apis, products := x.APIs(r), x.Products(r)
		for _, a := range apis {
			for _, p := range a.Products {
				if !slices.Contains(products, p) {
					t.Errorf("%s sees the product %s at the API %s", name, p.Name, a.Name)
				}
			}
			for _, v := range a.Versions {
				if !slices.Contains(apis, v) {
					t.Errorf("%s sees the version %s of %s", name, v.Name, a.Name)
				}
			}
			if a.Revisions != nil && !r.Admin {
				t.Errorf("%s sees the revisions of %s", name, a.Name)
			}
		}
		for _, p := range products {
			for _, a := range p.APIs {
				if !slices.Contains(apis, a) {
					t.Errorf("%s sees the API %s in %s", name, a.Name, p.Name)
				}
			}
			if p.Groups != nil && !r.Admin {
				t.Errorf("%s sees the groups of %s", name, p.Name)
			}
		}
		for _, tag := range x.View(r).Tags() {
			if tag.Name == "Hidden" && !r.Admin {
				t.Errorf("%s sees a tag of an API that is hidden", name)
			}
		}
	}
	if a, _ := x.API("pets", admin); len(a.Revisions) != 2 || len(a.Releases) != 1 {
		t.Errorf("pets has %d revisions and %d releases", len(a.Revisions), len(a.Releases))
	}
	if a, _ := x.API("orders", developer); len(a.Versions) != 1 {
		t.Errorf("a developer sees %d versions of orders", len(a.Versions))
	}
	if a, _ := x.API("orders", partner); len(a.Versions) != 2 || a.VersionSetName != "Orders" || a.VersioningScheme != "Segment" {
		t.Errorf("a partner sees %+v", a.Versioning)
	}
}

// TestSearchFindsOnlyWhatIsVisible is the property that nothing leaks: over services that are made at random, no
// reader finds, or has counted, what the rules, written down here a second time, do not give them.
func TestSearchFindsOnlyWhatIsVisible(t *testing.T) {
	words := []string{"pets", "orders", "alpha", "beta", "gamma", "p", "o", "get", "items", "delta x"}
	groups := []string{"guests", "developers", "red", "blue"}
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		s, rules := random(rnd, groups)
		x := follow(t, s).Current()
		for range 12 {
			r := catalogue.Reader{Admin: rnd.IntN(6) == 0}
			for _, g := range groups {
				if rnd.IntN(2) == 0 {
					r.Groups = append(r.Groups, g)
				}
			}
			visible := x.APIs(r)
			for _, a := range x.APIs(admin) {
				if want := rules.sees(a.Name, r); slices.ContainsFunc(visible, func(v *catalogue.API) bool { return v.Name == a.Name }) != want {
					t.Fatalf("seed %d: %v sees %s: want %t", seed, r, a.Name, want)
				}
			}
			for _, word := range words {
				checkSearch(t, x, r, word, visible)
			}
		}
	}
}

func checkSearch(t *testing.T, x *catalogue.Index, r catalogue.Reader, word string, visible []*catalogue.API) {
	t.Helper()
	res := x.Search(word, r, 0, catalogue.MaxPage)
	if res.Total != len(res.Hits) {
		t.Fatalf("%q: %d are counted and %d found", word, res.Total, len(res.Hits))
	}
	for _, h := range res.Hits {
		if !slices.Contains(visible, h.API) {
			t.Fatalf("%v finds %s with %q", r, h.API.Name, word)
		}
		for _, o := range h.Operations {
			if !slices.Contains(h.API.Operations, o) {
				t.Fatalf("%s has no operation %s", h.API.Name, o.Name)
			}
		}
	}
	for _, p := range res.Products {
		if !slices.Contains(x.Products(r), p) {
			t.Fatalf("%v finds the product %s with %q", r, p.Name, word)
		}
	}
}

// rules are the rules of visibility as docs/guides/what-visitors-see.md has them.
type rules struct {
	needsKey  map[string]bool
	products  map[string][]string // API → products
	published map[string]bool
	groups    map[string][]string // product → groups
}

func (u rules) sees(api string, r catalogue.Reader) bool {
	if r.Admin {
		return true
	}
	if len(u.products[api]) == 0 {
		return !u.needsKey[api]
	}
	for _, p := range u.products[api] {
		for _, g := range r.Groups {
			if u.published[p] && slices.Contains(u.groups[p], g) {
				return true
			}
		}
	}
	return false
}

func random(rnd *rand.Rand, groups []string) (*cataloguetest.Service, rules) {
	s := cataloguetest.New()
	u := rules{map[string]bool{}, map[string][]string{}, map[string]bool{}, map[string][]string{}}
	some := func() bool { return rnd.IntN(3) == 0 }
	display := []string{"Alpha", "Beta pets", "Gamma orders", "Delta"}
	for i := range 5 {
		p := fmt.Sprintf("product%d", i)
		u.published[p] = !some()
		state := map[bool]string{true: "published", false: "notPublished"}[u.published[p]]
		s.Put("products/"+p, map[string]any{"displayName": display[rnd.IntN(len(display))], "state": state})
		for _, g := range groups {
			if some() {
				u.groups[p] = append(u.groups[p], g)
				s.Put("products/"+p+"/groups/"+g, nil)
			}
		}
	}
	for i := range 12 {
		a := fmt.Sprintf("api%d", i)
		u.needsKey[a] = some()
		cataloguetest.API(s, a, display[rnd.IntN(len(display))], map[string]any{"subscriptionRequired": u.needsKey[a]})
		for p := range u.published {
			if some() {
				u.products[a] = append(u.products[a], p)
				s.Put("products/"+p+"/apis/"+a, nil)
			}
		}
	}
	return s, u
}
