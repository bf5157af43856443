package route

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The slow reference: each template becomes a regular expression and a sort
// key, and the first of the templates that match wins. It shares no code with
// the tree.

type slowOperation struct {
	method, template string
	index            int
	path             *regexp.Regexp
	query            map[string]string // name → literal, or "{}" for any value
	key              string
}

var parameterText = regexp.MustCompile(`\{[^}]*\}`)

func newSlow(method, template string, index int) slowOperation {
	path, query, _ := strings.Cut(template, "?")
	o := slowOperation{method: method, template: template, index: index, query: map[string]string{}}
	expression := "^"
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		switch {
		case s == "":
		case s == "*" || strings.HasPrefix(s, "{*"):
			expression += "(?:/(.*))?"
			o.key += "3|"
			continue
		default:
			literals := parameterText.Split(s, -1)
			for i := range literals {
				literals[i] = regexp.QuoteMeta(canonicalText(literals[i]))
			}
			last := len(literals) - 1
			if last > 0 {
				expression += "/" + strings.Join(literals[:last], "([^/]+?)") + "([^/]+)" + literals[last]
			} else {
				expression += "/" + literals[0]
			}
			o.key += segmentKey(s)
		}
	}
	o.path = regexp.MustCompile("(?i)" + expression + "/?$")
	fixed := 0
	for part := range strings.SplitSeq(query, "&") {
		if name, value, ok := strings.Cut(part, "="); ok {
			if strings.HasPrefix(value, "{") {
				value = "{}"
			} else {
				fixed++
			}
			o.query[strings.ToLower(name)] = value
		}
	}
	o.key += fmt.Sprintf("\x01%02d%02d%06d", 99-fixed, 99-len(o.query), index)
	return o
}

// segmentKey sorts as docs/decisions/0010 says.
func segmentKey(s string) string {
	literals := parameterText.Split(s, -1)
	text := canonicalText(strings.Join(literals, ""))
	switch {
	case len(literals) == 1:
		return "0|"
	case text == "" && len(literals) == 2:
		return "2|"
	}
	return fmt.Sprintf("1%03d%03d%03d%s|", 999-len(text), 999-len(canonicalText(literals[0])), len(literals), strings.ToLower(strings.Join(literals, "{}")))
}

func canonicalText(s string) string {
	return strings.ReplaceAll(url.PathEscape(s), "%2F", "/")
}

func (o *slowOperation) matches(method, path string, query url.Values) bool {
	if o.method != method || !o.path.MatchString(path) {
		return false
	}
	for name, want := range o.query {
		found := false
		for k, v := range query {
			found = found || strings.EqualFold(k, name) && (want == "{}" || strings.EqualFold(v[0], want))
		}
		if !found {
			return false
		}
	}
	return true
}

// slowMatch returns the operation that wins, or nil.
func slowMatch(operations []slowOperation, method, path, query string) *slowOperation {
	values, _ := url.ParseQuery(query)
	var best *slowOperation
	for i := range operations {
		if o := &operations[i]; o.matches(method, path, values) && (best == nil || o.key < best.key) {
			best = o
		}
	}
	return best
}

func pickOne(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func randomTemplate(r *rand.Rand) string {
	segments := []string{"a", "b", "AB", "a.b", "{%d}", "{%d}", "{%d}", "x{%d}", "{%d}.json", "{%d}-{%d}", "a{%d}b", "a{%d}", "{%d}..{%d}.b", "é"}
	out, n := "", 0
	for range r.IntN(4) {
		s := pickOne(r, segments)
		for strings.Contains(s, "%d") {
			s = strings.Replace(s, "%d", fmt.Sprintf("p%d", n), 1)
			n++
		}
		out += "/" + s
	}
	if r.IntN(8) == 0 {
		out += "/*"
	}
	return out + pickOne(r, []string{"", "", "", "", "?q={q}", "?q=1", "?q=1&z={z}", "?z={z}"})
}

func randomPath(r *rand.Rand) string {
	segments := []string{"a", "b", "ab", "A.B", "c", "x1", "1.json", "a-b", "a-b-c", "ab", "aXb", "a..b..c.b", "axjb", "%C3%A9", "%C3%A9.json", "-"}
	out := ""
	for range r.IntN(5) {
		out += "/" + pickOne(r, segments)
	}
	if out == "" || r.IntN(5) == 0 {
		out += "/"
	}
	return out
}

// TestMatch_Reference compares the tree with the slow reference on random sets
// of templates.
func TestMatch_Reference(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	methods := []string{"GET", "POST"}
	requests, matched := 0, 0
	for range 400 {
		var operations []slowOperation
		var b Builder
		api, err := b.AddAPI(API{Name: "a", Revision: "1", Current: true})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 1 + r.IntN(25) {
			o := newSlow(pickOne(r, methods), randomTemplate(r), i)
			if err := b.AddOperation(api, o.method, o.template, int32(i)); err != nil {
				t.Fatal(err)
			}
			operations = append(operations, o)
		}
		table, _ := b.Build()
		var m Match
		for range 100 {
			method, path, query := pickOne(r, methods), randomPath(r), pickOne(r, []string{"", "", "q=1", "q=2", "z=1", "Z=3&q=1", "x"})
			want, got := -1, -1
			if o := slowMatch(operations, method, path, query); o != nil {
				want = o.index
				matched++
			}
			if table.Match(&Query{Path: path, Method: method, RawQuery: query}, &m) {
				got = int(m.Operation)
			}
			if requests++; got != want {
				t.Fatalf("%s %s?%s: %s, want %s\nof %s", method, path, query, name(operations, got), name(operations, want), names(operations))
			}
		}
	}
	if matched < requests/10 || matched > requests*9/10 {
		t.Fatalf("%d of %d requests match: the generator is one-sided", matched, requests)
	}
	t.Logf("%d requests, %d of them matched, on 400 sets of templates", requests, matched)
}

func name(operations []slowOperation, i int) string {
	if i < 0 {
		return "no operation"
	}
	return fmt.Sprintf("%s %s (%d)", operations[i].method, operations[i].template, i)
}

func names(operations []slowOperation) string {
	sorted := slices.Clone(operations)
	slices.SortFunc(sorted, func(a, b slowOperation) int { return cmp.Compare(a.key, b.key) })
	out := ""
	for i := range sorted {
		out += "\n  " + sorted[i].method + " " + sorted[i].template
	}
	return out
}
