package policies

import (
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// FuzzRewriteURI rewrites to any template with any parameter, and wants what is
// forwarded to be well-formed and to stay below the base.
func FuzzRewriteURI(f *testing.F) {
	f.Add("/v2/{id}?x={id}", "a/b", "q=1&id=2", true)
	f.Fuzz(func(t *testing.T, template, value, query string, literal bool) {
		if strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return // The engine refuses it before any policy runs.
		}
		c := &policy.Call{Request: &message.Request{URL: message.URL{Scheme: "https", Host: "a", Path: "/base/old", Query: query}}}
		c.Destination.BasePath = len("/base")
		c.Operation = &model.Operation{URLTemplate: "/items/{*rest}?q={q}"}
		c.Parameters = []policy.Parameter{{Name: "id", Value: value}, {Name: "rest", Value: value}}
		known, err := parseURITemplate(template)
		if err != nil {
			return
		}
		step := &rewriteURIStep{known: known, copyRest: policy.Bool{}}
		if !literal {
			step = &rewriteURIStep{template: policy.Literal(template)}
		}
		if err := step.Run(c); err != nil {
			return
		}
		u := &c.Request.URL
		if !strings.HasPrefix(u.Path, "/base/") && u.Path != "/base" {
			t.Fatalf("%q with %q leads to %q", template, value, u.Path)
		}
		if strings.ContainsFunc(u.Path+u.Query, func(r rune) bool { return r <= ' ' || r >= 0x7f }) || strings.ContainsAny(u.Path, "?#") || strings.Contains(u.Query, "#") {
			t.Fatalf("%q with %q is written %q ? %q", template, value, u.Path, u.Query)
		}
		for _, segment := range strings.FieldsFunc(unescapePath(u.Path), func(r rune) bool { return r == '/' || r == '\\' }) {
			if segment == ".." || segment == "." {
				t.Fatalf("%q with %q has a dot segment: %q", template, value, u.Path)
			}
		}
	})
}

func TestURITemplate_Values(t *testing.T) {
	tests := []struct{ name, template, value, path, query string }{
		{"slash in a segment", "/a/{id}", "b/c", "/a/b%2Fc", ""},
		{"slash in the rest of a path", "/a/{rest}", "b/c", "/a/b/c", ""},
		{"named with its star", "/a/{*rest}", "b/c", "/a/b/c", ""},
		{"percent", "/a/{id}", "100%", "/a/100%25", ""},
		{"semicolon", "/a/{id}", "x;y=z", "/a/x%3By%3Dz", ""},
		{"in the query", "/a?b={id}&c={id}", "d&e=f g", "/a", "b=d%26e%3Df%20g&c=d%26e%3Df%20g"},
		{"braces that are none", "/a/{}/{b/c}", "x", "/a/%7B%7D/%7Bb/c%7D", ""},
		{"an escape stays, half a one does not", "/a/%2f%4", "x", "/a/%2f%254", ""},
		{"nothing", "", "x", "/", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			template, err := parseURITemplate(test.template)
			if err != nil {
				t.Fatal(err)
			}
			c := &policy.Call{Operation: &model.Operation{URLTemplate: "/{id}/{*rest}"},
				Parameters: []policy.Parameter{{Name: "id", Value: test.value}, {Name: "rest", Value: test.value}}}
			path, err := template.path.fill(c, escapePathValue, true)
			if err != nil {
				t.Fatal(err)
			}
			query, err := template.query.fill(c, escapeQueryValue, true)
			if err != nil || path != test.path || query != test.query {
				t.Errorf("%s ? %s, want %s ? %s (%v)", path, query, test.path, test.query, err)
			}
		})
	}
}
