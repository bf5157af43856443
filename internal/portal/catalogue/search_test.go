package catalogue_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
)

// ranked is a service in which one word stands in every place that is searched.
func ranked(tb testing.TB) *catalogue.Index {
	tb.Helper()
	s := cataloguetest.New()
	open := func(name, display, description string) {
		s.Put("apis/"+name, map[string]any{
			"displayName": display, "path": "p/" + name, "subscriptionRequired": false, "description": description, "isOnline": true})
	}
	open("a1", "Weather", "")
	open("a2", "Weather Maps", "")
	open("a3", "Marine Weather", "")
	open("a4", "Tagged", "")
	s.Put("apis/a4/tags/weather", map[string]any{"displayName": "Weather"})
	open("a5", "Operated", "")
	s.Put("apis/a5/operations/o", map[string]any{"displayName": "Get weather", "method": "GET", "urlTemplate": "/x"})
	open("a6", "Described", "Forecasts of the weather.")
	open("a7", "Café Überführung", "")
	open("a8", "Crew", "")
	s.Put("apis/a8/operations/getPetById", map[string]any{"displayName": "One animal", "method": "GET", "urlTemplate": "/pets/{petId}/straße"})
	s.Put("apis/a8/operations/other", map[string]any{"displayName": "Other", "method": "DELETE", "urlTemplate": "/other"})
	open("a9", "Konten 口座管理", "")
	return follow(tb, s).Current()
}

func TestSearchRanksByPlace(t *testing.T) {
	x := ranked(t)
	tests := []struct{ query, want string }{
		{"weather", "a1 a2 a3 a4 a5 a6"},
		{"WEATH", "a1 a2 a3 a4 a5 a6"},
		{"weather maps", "a2"},
		{"maps weather", "a2"},
		{"weathermaps", "a2"},
		{"get weather", "a5"},
		{"cafe uber", "a7"},
		{"CAFÉ", "a7"},
		{"petbyid", "a8"},
		{"pet get", "a8"},
		{"strasse", "a8"},
		{"GET /pets/{petId}", "a8"},
		{"delete pets", ""}, // No one operation has both.
		{"delete other", "a8"},
		{"座管", "a9"},
		{"a8", "a8"},
		{"eather", ""},
		{"", ""},
		{"!!!", ""},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			var got []string
			for _, h := range x.Search(test.query, guest, 0, 20).Hits {
				got = append(got, h.API.Name)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSearchListsTheBestOperations(t *testing.T) {
	res := ranked(t).Search("pet", guest, 0, 20)
	if len(res.Hits) != 1 || res.Hits[0].Found != 1 || res.Hits[0].Operations[0].Name != "getPetById" {
		t.Errorf("found %+v", res.Hits)
	}
}

func TestSearchFindsByProduct(t *testing.T) {
	x := example(t)
	if got := x.Search("partner", partner, 0, 10); got.Total != 3 || len(got.Products) != 1 {
		t.Errorf("a partner finds %d APIs and %d products", got.Total, len(got.Products))
	}
	if got := x.Search("partner", developer, 0, 10); got.Total != 0 || len(got.Products) != 0 {
		t.Errorf("a developer finds %d APIs and %d products", got.Total, len(got.Products))
	}
}

func TestSearchPages(t *testing.T) {
	s := cataloguetest.New()
	cataloguetest.Many(s, 30)
	x := follow(t, s).Current()
	seen := make(map[string]bool)
	for page := range 4 {
		res := x.Search("get", guest, page, 10)
		if res.Total != 30 {
			t.Fatalf("%d are counted", res.Total)
		}
		for _, h := range res.Hits {
			seen[h.API.Name] = true
		}
	}
	if len(seen) != 30 {
		t.Errorf("all pages have %d APIs", len(seen))
	}
	for _, page := range []int{-1, 1 << 40} {
		x.Search("get", guest, page, -5)
	}
}

func FuzzTerms(f *testing.F) {
	for _, q := range []string{"", "pet store", "ÄÖÜ ß", "GET /pets/{id}", "\x00\xff", strings.Repeat("a ", 300), strings.Repeat("é", 300), "口座管理", "ﬃ İ ǅ"} {
		f.Add(q)
	}
	x := ranked(f)
	f.Fuzz(func(t *testing.T, query string) {
		terms := catalogue.Terms(query)
		if len(terms) > catalogue.MaxTerms {
			t.Fatalf("%d terms", len(terms))
		}
		for _, term := range terms {
			if term == "" || len(term) > catalogue.MaxQuery || !utf8.ValidString(term) {
				t.Fatalf("%q has the term %q", query, term)
			}
		}
		again := catalogue.Terms(strings.Join(terms, " "))
		if len(terms) > 0 && cmp.Diff(terms, again) != "" && len(query) < catalogue.MaxQuery/4 {
			t.Fatalf("%q: %q becomes %q", query, terms, again)
		}
		res := x.Search(query, guest, 0, 10)
		if len(res.Hits) > res.Total {
			t.Fatalf("%q: %d of %d", query, len(res.Hits), res.Total)
		}
	})
}

// BenchmarkSearch is a keystroke at 1,000 APIs with 10,000 operations: it must cost less than 2 ms.
func BenchmarkSearch(b *testing.B) {
	s := cataloguetest.New()
	cataloguetest.Many(s, 1000)
	x := follow(b, s).Current()
	for _, query := range []string{"o", "or", "orders", "get orders", "billing orders approve", "answers in json", "nothing"} {
		b.Run(strings.ReplaceAll(query, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x.Search(query, developer, 0, 10)
			}
		})
	}
}

// BenchmarkView is what the first reader of a set of groups pays after a change.
func BenchmarkView(b *testing.B) {
	s := cataloguetest.New()
	cataloguetest.Many(s, 1000)
	c := follow(b, s)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		x := c.Current().Anew()
		b.StartTimer()
		if n := len(x.APIs(developer)); n != 1000 {
			b.Fatal(fmt.Sprint(n))
		}
	}
}
