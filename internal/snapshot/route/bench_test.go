package route

import (
	"fmt"
	"testing"
)

// table10k returns a table of 10,000 operations, and a request for each.
func table10k(tb testing.TB, apis int) (*Table, []Query) {
	tb.Helper()
	var b Builder
	var queries []Query
	shapes := []struct{ method, template, path string }{
		{"GET", "/items%d", "/items%d"},
		{"POST", "/items%d", "/items%d"},
		{"GET", "/items%d/{id}", "/items%d/4711"},
		{"DELETE", "/items%d/{id}", "/items%d/4711"},
		{"GET", "/items%d/{id}/parts/{part}", "/items%d/4711/parts/a-b"},
		{"GET", "/items%d/{id}/parts/new", "/items%d/4711/parts/new"},
		{"GET", "/items%d/{id}.{format}", "/items%d/4711.json"},
		{"GET", "/items%d/search?q={term}", "/items%d/search"},
		{"GET", "/items%d/files/*", "/items%d/files/a/b/c"},
		{"PATCH", "/items%d/{id}/parts/{part}", "/items%d/4711/parts/a-b"},
	}
	index := int32(0)
	for a := range apis {
		path := fmt.Sprintf("team/service%d/v1", a)
		api, err := b.AddAPI(API{Name: path, Path: path, Revision: "1", Current: true})
		if err != nil {
			tb.Fatal(err)
		}
		for group := range 1000 / apis {
			for _, s := range shapes {
				if err := b.AddOperation(api, s.method, fmt.Sprintf(s.template, group), index); err != nil {
					tb.Fatal(err)
				}
				index++
				queries = append(queries, Query{Path: "/" + path + fmt.Sprintf(s.path, group), Method: s.method, RawQuery: "page=1&q=x"})
			}
		}
	}
	table, problems := b.Build()
	if len(problems) > 0 || len(queries) != 10_000 {
		tb.Fatalf("%d requests, problems %v", len(queries), problems)
	}
	return table, queries
}

func BenchmarkMatch10k(b *testing.B) {
	for _, apis := range []int{1000, 1} {
		b.Run(fmt.Sprintf("apis=%d", apis), func(b *testing.B) {
			table, queries := table10k(b, apis)
			var m Match
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i = (i + 7919) % len(queries)
				if !table.Match(&queries[i], &m) || m.Operation != int32(i) {
					b.Fatalf("%s: operation %d, outcome %d", queries[i].Path, m.Operation, m.Outcome)
				}
			}
		})
	}
}

func BenchmarkNormalize(b *testing.B) {
	for _, path := range []string{"/team/service/v1/items/4711/parts/a-b", "/team/caf%C3%A9/items/a%20b"} {
		b.Run(path[6:10], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Normalize(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBuild10k(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		table10k(b, 1000)
	}
}

// TestMatch_Allocations holds the look-up to no allocation at all.
func TestMatch_Allocations(t *testing.T) {
	for _, apis := range []int{1000, 1} {
		table, queries := table10k(t, apis)
		var m Match
		i := 0
		allocations := testing.AllocsPerRun(1000, func() {
			i = (i + 7919) % len(queries)
			path, err := Normalize(queries[i].Path)
			q := Query{Path: path, Method: queries[i].Method, RawQuery: queries[i].RawQuery}
			if err != nil || !table.Match(&q, &m) || m.Operation != int32(i) {
				t.Fatalf("%s: operation %d, outcome %d, error %v", queries[i].Path, m.Operation, m.Outcome, err)
			}
		})
		if allocations != 0 {
			t.Errorf("%d APIs: %v allocations in a look-up", apis, allocations)
		}
	}
}
