package resources_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/problem"
)

// hostileNames are names of resources that somebody might try.
var hostileNames = []string{
	"..", ".", "%2e%2e", "a%2Fb", "a%5Cb", "a%00b", "%ff%fe", "a;rev=1", "a;rev=999999999999999999999", "a;rev=-1", "a;rev=", ";rev=2",
	"a%0d%0aSet-Cookie:x", "'%20or%201=1--", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "{{7*7}}", "%E2%80%AE", "a%20b",
	strings.Repeat("n", 81), strings.Repeat("n", 257), strings.Repeat("%F0%9F%90%98", 70), "apis", "policy", "default", "$filter", "*", "a:b",
}

// hostileValues are what a field gets in the place of its value.
func hostileValues() map[string]any {
	deep := any("x")
	for range 70 {
		deep = map[string]any{"a": deep}
	}
	return map[string]any{
		"null": nil, "a number": 17, "a negative number": -1, "a fraction": 1.5, "a huge number": json.Number("1e400"), "a text": "hostile",
		"an empty text": "", "true": true, "an empty list": []any{}, "a list": []any{"x", 1, nil}, "an empty object": map[string]any{},
		"an object": map[string]any{"x": "y"}, "a long text": strings.Repeat("x", 70_000), "a sealed text": "sealed:v1:AAAA",
		"control characters": "a\x00b\r\nc\u202e", "a script": "<script>alert(1)</script>", "a template": "{{x}}@(1/0)",
		"a deep object": deep, "an id": "/subscriptions/x/resourceGroups/y", "a relative id": "/apis/nowhere", "a date": "9999-99-99T99:99:99Z",
	}
}

// kindAt is a kind with a path at which one of its resources may stand.
type kindAt struct {
	node *resource.Node
	path string // Below the service.
	name string
}

// serviceKinds are all kinds below a service, with paths whose parents exist:
// they are kept without checks.
func serviceKinds(t *testing.T, s *resourcestest.Server) []kindAt {
	t.Helper()
	registry, err := resources.Registry()
	if err != nil {
		t.Fatal(err)
	}
	var all []kindAt
	for chain := range registry.Kinds() {
		if chain[0].Collection != "service" || len(chain) == 1 {
			continue
		}
		path := ""
		for _, n := range chain[1:] {
			name := "h"
			if n.Names != nil {
				name = n.Names[0]
			}
			path += "/" + n.Collection + "/" + name
		}
		last := chain[len(chain)-1]
		all = append(all, kindAt{last, strings.TrimPrefix(path, "/"), path[strings.LastIndexByte(path, '/')+1:]})
		if len(last.Children) == 0 {
			continue
		}
		err := s.Write(func(session *resource.Session) error {
			return session.Store(resource.ID(resourcestest.Service+path), map[string]any{"properties": map[string]any{"displayName": "h", "path": "h"}})
		})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return all
}

// inspect fails where an answer is a 500, or an error without what every error
// has.
func inspect(t *testing.T, what string, status int, raw []byte) {
	t.Helper()
	if status < 400 {
		return
	}
	var e problem.Error
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Errorf("%s: %d without an error of JSON: %.200s", what, status, raw)
		return
	}
	switch {
	case status >= 500:
		t.Errorf("%s: %d %.300s", what, status, raw)
	case e.Code == "" || e.Message == "" || e.Target == "":
		t.Errorf("%s: the error has no code, message or target: %.300s", what, raw)
	}
	for _, d := range e.Details {
		if d.Code == "" || d.Message == "" || d.Target == "" {
			t.Errorf("%s: a detail has no code, message or target: %.300s", what, raw)
		}
	}
}

// TestHostileFields gives every field of every kind every hostile value.
func TestHostileFields(t *testing.T) {
	s := resourcestest.New(t, nil)
	contracts, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	values := hostileValues()
	sent := 0
	for _, k := range serviceKinds(t, s) {
		for _, verb := range []struct {
			method, model string
			has           bool
		}{
			{http.MethodPut, k.node.Create, k.node.Verbs.Has(resource.Put)},
			{http.MethodPatch, k.node.Update, k.node.Verbs.Has(resource.Patch)},
		} {
			if !verb.has || verb.model == "" {
				continue
			}
			for _, field := range fieldsOf(t, contracts, verb.model) {
				for _, name := range slices.Sorted(maps.Keys(values)) {
					body, err := json.Marshal(nested(field, values[name]))
					if err != nil {
						t.Fatal(err)
					}
					status, _, raw := s.Raw(verb.method, k.path, string(body))
					inspect(t, fmt.Sprintf("%s %s with %s in %s", verb.method, k.path, name, field), status, raw)
					sent++
				}
			}
		}
	}
	fmt.Printf("bad input: %d requests with hostile fields, no 500 (0)\n", sent)
}

// fieldsOf are the paths of all fields of a model, two levels below properties.
func fieldsOf(t *testing.T, contracts *contract.Set, model string) []string {
	t.Helper()
	m, err := contracts.Model(model)
	if err != nil {
		t.Fatalf("%s: %v", model, err)
	}
	var paths []string
	for _, f := range m.Fields {
		paths = append(paths, f.Name)
		inner, err := contracts.Model(f.Type)
		if err != nil {
			continue
		}
		for _, g := range inner.Fields {
			paths = append(paths, f.Name+"."+g.Name)
			deeper, err := contracts.Model(strings.TrimPrefix(g.Type, "[]"))
			if err != nil {
				continue
			}
			for _, h := range deeper.Fields {
				paths = append(paths, f.Name+"."+g.Name+"."+h.Name)
			}
		}
	}
	return paths
}

func nested(path string, value any) map[string]any {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return map[string]any{name: value}
	}
	return map[string]any{name: nested(rest, value)}
}

// TestHostileNames asks for resources, collections and actions by hostile names.
func TestHostileNames(t *testing.T) {
	s := resourcestest.New(t, nil)
	sent := 0
	for _, k := range serviceKinds(t, s) {
		collection := strings.TrimSuffix(k.path, "/"+k.name)
		for _, name := range hostileNames {
			for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
				status, header, raw := s.Raw(method, collection+"/"+name, "{}")
				inspect(t, method+" "+collection+"/"+name, status, raw)
				if header.Get("Set-Cookie") != "" {
					t.Errorf("%s set a cookie", name)
				}
				sent++
			}
		}
	}
	fmt.Printf("bad input: %d requests with hostile names, no 500 (0)\n", sent)
}

// TestHostileQueries gives every list queries that are wrong.
func TestHostileQueries(t *testing.T) {
	s := resourcestest.New(t, nil)
	queries := []string{
		"$top=0", "$top=-1", "$top=1e9", "$top=x", "$skip=-1", "$skip=99999999999999999999", "$skiptoken=" + url.QueryEscape("../x"),
		"$filter=" + url.QueryEscape("name eq"), "$filter=" + url.QueryEscape(strings.Repeat("(", 100)),
		"$filter=" + url.QueryEscape("nowhere eq 'x'"), "$filter=" + url.QueryEscape("name eq 'x' or "+strings.Repeat("name eq 'x' or ", 500)+"name eq 'y'"),
		"$filter=" + url.QueryEscape("contains(name"), "$filter=%00", "$orderby=" + url.QueryEscape("; drop"), "%zz=1", "$filter=" + url.QueryEscape("tags/any(t: t eq 'x')"),
	}
	sent := 0
	for _, k := range serviceKinds(t, s) {
		if !k.node.Verbs.Has(resource.List) {
			continue
		}
		for _, q := range queries {
			path := strings.TrimSuffix(k.path, "/"+k.name) + "?" + q
			status, _, raw := s.Raw(http.MethodGet, path, nil)
			inspect(t, "GET "+path, status, raw)
			sent++
		}
	}
	fmt.Printf("bad input: %d requests with hostile queries, no 500 (0)\n", sent)
}

// TestHostileBodies sends bodies that are no object of JSON.
func TestHostileBodies(t *testing.T) {
	s := resourcestest.New(t, nil)
	bodies := []string{"null", "[]", "1", `"x"`, "{", "}", `{"a":1}{"b":2}`, "\xff\xfe", `{"properties":null}`, `{"properties":[]}`,
		`{"properties":{"properties":{}}}`, strings.Repeat("[", 100_000), `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}",
		`{"properties":{"displayName":"a","DisplayName":"b","displayname":"c"}}`, "\ufeff{}", `{"\u0000":1}`}
	sent := 0
	for _, k := range serviceKinds(t, s) {
		for _, method := range []string{http.MethodPut, http.MethodPatch} {
			for _, body := range bodies {
				status, _, raw := s.Raw(method, k.path, body)
				inspect(t, fmt.Sprintf("%s %s with %.40q", method, k.path, body), status, raw)
				sent++
			}
		}
	}
	fmt.Printf("bad input: %d requests with hostile bodies, no 500 (0)\n", sent)
}
