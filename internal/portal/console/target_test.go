package console

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestLocate(t *testing.T) {
	tests := []struct {
		name   string
		target target
		values map[string]string
		query  []pair
		want   string
	}{
		{name: "plain", target: target{API: "shop", Template: "/orders/{id}"}, values: map[string]string{"id": "7"},
			want: "https://gate.example/shop/orders/7"},
		{name: "escaped", target: target{API: "shop", Template: "/orders/{id}"}, values: map[string]string{"id": "a b?c#d%2Fé;x"},
			want: "https://gate.example/shop/orders/a%20b%3Fc%23d%252F%C3%A9%3Bx"},
		{name: "wildcard", target: target{API: "files", Template: "/get/{*rest}"}, values: map[string]string{"rest": "a b/c"},
			want: "https://gate.example/files/get/a%20b/c"},
		{name: "star", target: target{API: "files", Template: "/get/*"}, values: map[string]string{"*": "x/y"},
			want: "https://gate.example/files/get/x/y"},
		{name: "empty star", target: target{API: "files", Template: "/get/*"}, want: "https://gate.example/files/get/"},
		{name: "query of the template", target: target{API: "shop", Template: "/find?kind=all&by={by}"}, values: map[string]string{"by": "a&b"},
			query: []pair{{"q", "x=1&y"}}, want: "https://gate.example/shop/find?kind=all&by=a%26b&q=x%3D1%26y"},
		{name: "version and revision", target: target{API: "shop/v1", Revision: "2", Template: "/orders", Query: []pair{{"api-version", "v1"}}},
			want: "https://gate.example/shop/v1;rev=2/orders?api-version=v1"},
		{name: "no path", target: target{Template: "/"}, want: "https://gate.example/"},
		{name: "no template", target: target{API: "shop"}, want: "https://gate.example/shop"},
		{name: "two in a segment", target: target{API: "a", Template: "/{x}-{y}.json"}, values: map[string]string{"x": "1", "y": "2"},
			want: "https://gate.example/a/1-2.json"},
		{name: "absolute URL as a value", target: target{API: "a", Template: "/get/{*to}"}, values: map[string]string{"to": "http:evil.example"},
			want: "https://gate.example/a/get/http:evil.example"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.target.Gateway = mustURL(t, "https://gate.example")
			got, err := test.target.locate(test.values, test.query)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.String()); diff != "" {
				t.Errorf("URL (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLocate_BelowAPath(t *testing.T) {
	tg := target{Gateway: mustURL(t, "http://localhost:8080/gw/"), API: "/shop/", Template: "orders"}
	got, err := tg.locate(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "http://localhost:8080/gw/shop/orders"; got.String() != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// tricks are values that try to leave the API's path, or the gateway.
var tricks = []string{
	"..", ".", "../..", "/..", "..;x", "..;/", ".;", "a/../../admin", `..\..`, `a\b`, "//evil.example", "/%2e%2e", "\x00", "a\r\nHost: evil.example",
	"a\nb", "\x7f", "\u0085", "\xff\xfe",
}

func TestLocate_Refuses(t *testing.T) {
	for _, template := range []string{"/{id}", "/x/{id}/y", "/{*id}", "/x-{id}"} {
		for _, trick := range tricks {
			tg := target{Gateway: mustURL(t, "https://gate.example"), API: "shop", Template: template, Deeper: []string{"shop/admin"}}
			u, err := tg.locate(map[string]string{"id": trick}, nil)
			if err == nil && (u.Host != "gate.example" || !strings.HasPrefix(u.EscapedPath(), "/shop/") || strings.Contains(u.Path, "..")) {
				t.Errorf("%s with %q: %s", template, trick, u)
			}
		}
	}
}

func TestLocate_Deeper(t *testing.T) {
	tests := []struct {
		name, api, template, value string
		refused                    bool
	}{
		{"another API", "", "/{a}", "shop", true},
		{"in another case", "", "/{a}", "SHOP", true},
		{"its revision", "", "/{*a}", "shop/x", true},
		{"more slashes", "shop", "/{*a}", "x//admin", false},
		{"slashes before", "shop", "/{*a}", "//admin/x", true},
		{"only alike", "", "/{a}", "shops", false},
		{"two segments", "shop", "/{a}/admin", "x", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tg := target{Gateway: mustURL(t, "https://gate.example"), API: test.api, Template: test.template, Deeper: []string{"shop/admin"}}
			if test.api == "" {
				tg.Deeper = append(tg.Deeper, "shop")
			}
			u, err := tg.locate(map[string]string{"a": test.value}, nil)
			if (err != nil) != test.refused {
				t.Errorf("refused %v, want %v: %v", err, test.refused, u)
			}
		})
	}
}

func TestTemplateParameters(t *testing.T) {
	got := templateParameters("/a/{x}-{y}/{*rest}?q={q}&fixed=1")
	want := []parameter{{Name: "x"}, {Name: "y"}, {Name: "rest", Wildcard: true}, {Name: "q", Query: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]parameter{{Name: "*", Wildcard: true}}, templateParameters("/a/*")); diff != "" {
		t.Errorf("star (-want +got):\n%s", diff)
	}
}

func FuzzLocate(f *testing.F) {
	f.Add("shop", "/orders/{id}?a={b}", "..", "x")
	f.Add("", "/{*id}", "//evil.example", "@")
	f.Add("a/b", "/x/*", "a/../b", "\r\n")
	f.Fuzz(func(t *testing.T, api, template, value, query string) {
		tg := target{Gateway: &url.URL{Scheme: "https", Host: "gate.example"}, API: api, Template: template}
		values := map[string]string{"*": value}
		for _, p := range templateParameters(template) {
			values[p.Name] = value
		}
		u, err := tg.locate(values, []pair{{query, value}})
		if err != nil {
			return
		}
		again, err := url.Parse(u.String())
		if err != nil || again.Host != "gate.example" || again.Scheme != "https" || again.User != nil || again.Fragment != "" {
			t.Fatalf("%q leads elsewhere: %v", u, err)
		}
		if strings.ContainsAny(u.String(), "\r\n \\") {
			t.Fatalf("%q has what no URL has", u)
		}
		for s := range strings.SplitSeq(again.Path, "/") {
			if s == ".." || s == "." {
				t.Fatalf("%q has a dot segment", u)
			}
		}
	})
}
