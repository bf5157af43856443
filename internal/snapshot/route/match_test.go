package route

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mustTable builds a table in which the operations of each API have the indices
// 0, 1, 2 and so on.
func mustTable(tb testing.TB, apis []API, operations map[string][]string) *Table {
	tb.Helper()
	var b Builder
	for _, a := range apis {
		api, err := b.AddAPI(a)
		if err != nil {
			tb.Fatal(err)
		}
		for i, text := range operations[a.Name] {
			method, template := split(text)
			if err := b.AddOperation(api, method, template, int32(i)); err != nil {
				tb.Fatal(err)
			}
		}
	}
	table, problems := b.Build()
	if len(problems) > 0 {
		tb.Fatalf("problems: %v", problems)
	}
	return table
}

func split(text string) (method, rest string) {
	for i := range text {
		if text[i] == ' ' {
			return text[:i], text[i+1:]
		}
	}
	return "GET", text
}

func TestMatch_Templates(t *testing.T) {
	operations := []string{
		0: "GET /", 1: "GET /items", 2: "GET /items/{id}", 3: "GET /items/new", 4: "POST /items/{id}",
		5: "GET /a/{b}/c", 6: "GET /a/x/d", 7: "GET /report.{format}", 8: "GET /span/{from}-{to}",
		9: "GET /files/{*rest}", 10: "GET /files/special", 11: "DELETE /*", 12: "GET /search?q={term}",
		13: "GET /search?q={term}&kind=all", 14: "GET /search", 15: "GET /m;v={v}", 16: "GET /span/{from}-to-{to}.txt",
		17: "GET /é/{x}", 18: "GET /cmp/{base}...{head}",
		19: "GET /esc/{a}3{b}", 20: "GET /esc/{a}c{b}x",
	}
	table := mustTable(t, []API{{Name: "api", Path: "v", Revision: "1", Current: true}}, map[string][]string{"api": operations})
	tests := []struct {
		name, request, query string
		want                 int32 // operation, or -1
		params               []Param
	}{
		{"root", "GET /v", "", 0, nil},
		{"root with slash", "GET /v/", "", 0, nil},
		{"static", "GET /v/items", "", 1, nil},
		{"trailing slash is no difference", "GET /v/items/", "", 1, nil},
		{"case of literals does not count", "GET /V/ITEMS", "", 1, nil},
		{"parameter keeps its case", "GET /v/items/ABc", "", 2, []Param{{Name: "id", Value: "ABc"}}},
		{"static before parameter", "GET /v/items/New", "", 3, nil},
		{"method decides", "POST /v/items/new", "", 4, []Param{{Name: "id", Value: "new"}}},
		{"method is exact", "get /v/items", "", -1, nil},
		{"HEAD is not implied", "HEAD /v/items", "", -1, nil},
		{"OPTIONS is not implied", "OPTIONS /v/items", "", -1, nil},
		{"back from a static segment", "GET /v/a/x/c", "", 5, []Param{{Name: "b", Value: "x"}}},
		{"static where both fit", "GET /v/a/x/d", "", 6, nil},
		{"literal prefix", "GET /v/report.json", "", 7, []Param{{Name: "format", Value: "json"}}},
		{"parameter is not empty", "GET /v/report.", "", -1, nil},
		{"two in a segment", "GET /v/span/1-2-3", "", 8, []Param{{Name: "from", Value: "1"}, {Name: "to", Value: "2-3"}}},
		{"more literals first", "GET /v/span/1-to-2.txt", "", 16, []Param{{Name: "from", Value: "1"}, {Name: "to", Value: "2"}}},
		{"catch-all", "GET /v/files/a/b/", "", 9, []Param{{Name: "rest", Value: "a/b/"}}},
		{"catch-all takes nothing too", "GET /v/files", "", 9, []Param{{Name: "rest", Value: ""}}},
		{"static before catch-all", "GET /v/files/special", "", 10, nil},
		{"wildcard", "DELETE /v/x/y", "", 11, []Param{{Name: "*", Value: "x/y"}}},
		{"query parameter is required", "GET /v/search", "x=1", 14, nil},
		{"query parameter", "GET /v/search", "x=1&Q=a+b", 12, []Param{{Name: "term", Value: "a+b", Query: true}}},
		{"more of the query first", "GET /v/search", "kind=ALL&q=", 13, []Param{{Name: "term", Query: true}}},
		{"escaped query name", "GET /v/search", "%71=1", 12, []Param{{Name: "term", Value: "1", Query: true}}},
		{"semicolon in the template", "GET /v/m;v=3", "", 15, []Param{{Name: "v", Value: "3"}}},
		{"not ASCII", "GET /v/%C3%A9/%C3%A8", "", 17, []Param{{Name: "x", Value: "%C3%A8"}}},
		{"dots between", "GET /v/cmp/a.b...c", "", 18, []Param{{Name: "base", Value: "a.b"}, {Name: "head", Value: "c"}}},
		{"second digit of an escape is no literal", "GET /v/esc/x%C3%A9y", "", -1, nil},
		{"first digit of an escape is no literal", "GET /v/esc/x%C2%A9x", "", -1, nil},
		{"literal behind an escape", "GET /v/esc/%C3%A93y", "", 19, []Param{{Name: "a", Value: "%C3%A9"}, {Name: "b", Value: "y"}}},
		{"no API", "GET /w", "", -1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			method, path := split(tt.request)
			var m Match
			got := int32(-1)
			if table.Match(&Query{Path: path, Method: method, RawQuery: tt.query}, &m) {
				got = m.Operation
			}
			if got != tt.want {
				t.Fatalf("operation %d (outcome %d), want %d", got, m.Outcome, tt.want)
			}
			params := append([]Param(nil), m.Params()...)
			if diff := cmp.Diff(tt.params, params); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
		})
	}
}

type headers map[string]string

func (h headers) HeaderValue(name string) (string, bool) {
	v, ok := h[name]
	return v, ok
}

func TestMatch_APIs(t *testing.T) {
	apis := []API{
		0:  {Name: "root", Revision: "1", Current: true},
		1:  {Name: "shop", Path: "shop", Revision: "1", Current: true},
		2:  {Name: "shop;2", Path: "shop", Revision: "2"},
		3:  {Name: "orders", Path: "/shop/orders/", Revision: "1", Current: true},
		4:  {Name: "shop v1", Path: "shop", Version: "v1", Versioning: ByPath, Revision: "1", Current: true},
		5:  {Name: "shop v1;2", Path: "shop", Version: "v1", Versioning: ByPath, Revision: "2"},
		6:  {Name: "head", Path: "head", Version: "2026-01-01", Versioning: ByHeader, VersionName: "Api-Version", Revision: "1", Current: true},
		7:  {Name: "query", Path: "query", Revision: "1", Current: true},
		8:  {Name: "query v 2", Path: "query", Version: "v 2", Versioning: ByQuery, VersionName: "api-version", Revision: "1", Current: true},
		9:  {Name: "bound", Hosts: []string{"Tenant.example"}, Path: "shop", Revision: "1", Current: true},
		10: {Name: "draft", Path: "draft", Revision: "1"},
		11: {Name: "soon", Path: "soon", Revision: "1", Current: true},
		12: {Name: "soon v1", Path: "soon", Version: "v1", Versioning: ByHeader, VersionName: "v", Revision: "1"},
	}
	operations := map[string][]string{}
	for _, a := range apis {
		operations[a.Name] = []string{"GET /op"}
	}
	table := mustTable(t, apis, operations)
	tests := []struct {
		name, host, path, query string
		header                  headers
		api                     int32
		outcome                 Outcome
	}{
		{name: "empty path", path: "/op", api: 0, outcome: Matched},
		{name: "longest path", path: "/shop/orders/op", api: 3, outcome: Matched},
		{name: "no way back to a shorter path", path: "/shop/orders/none", api: 3, outcome: NoOperation},
		{name: "path is whole segments", path: "/shopping/op", api: 0, outcome: NoOperation},
		{name: "revision", path: "/shop;rev=2/op", api: 2, outcome: Matched},
		{name: "current revision by name", path: "/shop;REV=1/op", api: 1, outcome: Matched},
		{name: "unknown revision", path: "/shop;rev=3/op", outcome: RevisionUnknown},
		{name: "no revision", path: "/shop;rev=/op", outcome: RevisionUnknown},
		{name: "two parameters are no revision", path: "/shop;rev=2;x/op", api: 0, outcome: NoOperation},
		{name: "revision of the empty path", path: "/;rev=1/op", api: 0, outcome: Matched},
		{name: "no current revision", path: "/draft/op", outcome: RevisionUnknown},
		{name: "revision without a current one", path: "/draft;rev=1/op", api: 10, outcome: Matched},
		{name: "version without a current revision", path: "/soon/op", header: headers{"v": "v1"}, outcome: RevisionUnknown},
		{name: "its original", path: "/soon/op", api: 11, outcome: Matched},
		{name: "path version", path: "/shop/V1/op", api: 4, outcome: Matched},
		{name: "original beside it", path: "/shop/op", api: 1, outcome: Matched},
		{name: "path version and revision", path: "/shop/v1;rev=2/op", api: 5, outcome: Matched},
		{name: "header version", path: "/head/op", header: headers{"Api-Version": "2026-01-01"}, api: 6, outcome: Matched},
		{name: "header version missing", path: "/head/op", outcome: VersionMissing},
		{name: "header version unknown", path: "/head/op", header: headers{"Api-Version": "v9"}, outcome: VersionUnknown},
		{name: "query version", path: "/query/op", query: "API-Version=V+2", api: 8, outcome: Matched},
		{name: "original without query version", path: "/query/op", query: "api-version=", api: 7, outcome: Matched},
		{name: "query version unknown", path: "/query/op", query: "api-version=v3", outcome: VersionUnknown},
		{name: "host", host: "tenant.example", path: "/shop/op", api: 9, outcome: Matched},
		{name: "host without that path", host: "tenant.example", path: "/query/op", api: 7, outcome: Matched},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m Match
			q := Query{Host: tt.host, Path: tt.path, Method: "GET", RawQuery: tt.query}
			if tt.header != nil {
				q.Header = tt.header
			}
			if got := table.Match(&q, &m); got != (tt.outcome == Matched) || m.Outcome != tt.outcome {
				t.Fatalf("Match %v, outcome %d, want %d", got, m.Outcome, tt.outcome)
			}
			if tt.outcome < NoOperation {
				return
			}
			if m.API != tt.api {
				t.Errorf("API %q, want %q", apis[m.API].Name, apis[tt.api].Name)
			}
			if rest := tt.path[m.PrefixLen:]; m.Outcome == Matched && rest != "/op" {
				t.Errorf("the operation's path is %q", rest)
			}
		})
	}
}

func TestMatch_ManyParameters(t *testing.T) {
	template, path := "", ""
	want := []Param{}
	for i := range 12 {
		name := string(rune('a' + i))
		template += "/{" + name + "}"
		path += "/" + name + name
		want = append(want, Param{Name: name, Value: name + name})
	}
	table := mustTable(t, []API{{Name: "api", Revision: "1", Current: true}}, map[string][]string{"api": {template, "/short/{x}"}})
	var m Match
	for range 2 {
		if !table.Match(&Query{Path: path, Method: "GET"}, &m) {
			t.Fatal("no match")
		}
		if diff := cmp.Diff(want, m.Params()); diff != "" {
			t.Fatalf("parameters (-want +got):\n%s", diff)
		}
	}
	if table.Match(&Query{Path: "/short/1", Method: "GET"}, &m); len(m.Params()) != 1 {
		t.Fatalf("parameters left over: %v", m.Params())
	}
	if p, ok := m.Param("x"); !ok || p.Value != "1" {
		t.Errorf("Param(x) = %v, %v", p, ok)
	}
	if _, ok := m.Param("a"); ok {
		t.Error("Param(a) is left over")
	}
}

func TestAtPath(t *testing.T) {
	table := mustTable(t, []API{{Name: "api", Path: "p", Revision: "1", Current: true}}, map[string][]string{
		"api": {"GET /a/{x}", "PUT /a/b", "GET /*", "POST /c"},
	})
	got := table.AtPath(&Query{Path: "/p/a/b", Method: "OPTIONS"}, nil)
	want := []Operation{{"PUT", "/a/b", 1}, {"GET", "/a/{x}", 0}, {"GET", "/*", 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := table.AtPath(&Query{Path: "/q"}, nil); got != nil {
		t.Errorf("outside every API: %v", got)
	}
}

func TestReplaceOperations(t *testing.T) {
	table := mustTable(t, []API{{Name: "a", Path: "a", Revision: "1", Current: true}, {Name: "b", Path: "b", Revision: "1", Current: true}},
		map[string][]string{"a": {"GET /old"}, "b": {"GET /old"}})
	next, problems, err := table.ReplaceOperations(0, []Operation{{"GET", "/new/{x}", 7}, {"get", "/new/{y}", 8}})
	if err != nil || len(problems) != 1 || problems[0].Kind != DuplicateOperation || problems[0].Operation != 8 || problems[0].Other != 7 {
		t.Fatalf("problems %v, error %v", problems, err)
	}
	if next.trees[1] != table.trees[1] || next.anyHost != table.anyHost {
		t.Error("the other API's tree is not shared")
	}
	var m Match
	if next.Match(&Query{Path: "/a/old", Method: "GET"}, &m) || !next.Match(&Query{Path: "/a/new/1", Method: "GET"}, &m) || m.Operation != 7 {
		t.Errorf("the new table: %+v", m.Outcome)
	}
	if !table.Match(&Query{Path: "/a/old", Method: "GET"}, &m) {
		t.Error("the old table changed")
	}
	if _, _, err := table.ReplaceOperations(0, []Operation{{"GET", "/{", 1}}); err == nil {
		t.Error("a broken template was accepted")
	}
	if _, _, err := table.ReplaceOperations(2, nil); err == nil {
		t.Error("an API that does not exist was accepted")
	}
}

func TestParamDecoded(t *testing.T) {
	tests := []struct {
		name string
		p    Param
		want string
	}{
		{"plain", Param{Value: "a+b"}, "a+b"},
		{"escaped", Param{Value: "a%20%C3%A9"}, "a é"},
		{"query", Param{Value: "a+b%2B", Query: true}, "a b+"},
		{"broken escape", Param{Value: "%2%zz%"}, "%2%zz%"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.p.Decoded(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestTable_Concurrent is for the race detector: requests read a table while
// others are derived from it.
func TestTable_Concurrent(t *testing.T) {
	table, queries := table10k(t, 1000)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			var m Match
			for i := range queries[:2000] {
				if !table.Match(&queries[i], &m) || m.Operation != int32(i) {
					t.Errorf("%s: operation %d", queries[i].Path, m.Operation)
				}
			}
		})
	}
	for api := range int32(100) {
		if _, _, err := table.ReplaceOperations(api, []Operation{{"GET", "/new", 1}}); err != nil {
			t.Error(err)
		}
	}
	readers.Wait()
}
