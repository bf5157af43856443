package route

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTemplate_Errors(t *testing.T) {
	tests := []struct {
		name, template string
		offset         int
		reason         string
	}{
		{"open brace", "/a/{b", 3, "opening brace"},
		{"brace over a slash", "/a/{b/c}", 3, "opening brace"},
		{"closing brace", "/a/b}", 4, "closing brace"},
		{"no name", "/a/{}", 3, "without a name"},
		{"side by side", "/{a}{b}", 4, "side by side"},
		{"name twice", "/{a}/{A}", 5, "second parameter"},
		{"name twice in the query", "/{a}?x={a}", 7, "second parameter"},
		{"wildcard before the end", "/*/a", 3, "must be the last"},
		{"part of a segment", "/a*", 2, "whole segment"},
		{"catch-all in a segment", "/a{*b}", 2, "parameter name"},
		{"constraint", "/{a?}", 1, "parameter name"},
		{"fragment", "/a#b", 2, "fragment"},
		{"backslash", `/a\b`, 2, "backslash"},
		{"dots", "/a/../b", 4, "dot segment"},
		{"escaped dots", "/a/%2e%2E", 8, "dot segment"},
		{"escaped slash", "/a/b%2Fc", 3, "escaped slash"},
		{"broken escape", "/a/b%2", 4, "hexadecimal"},
		{"not UTF-8", "/a/\xff", 3, "UTF-8"},
		{"query without a name", "/?={a}", 2, "name={parameter}"},
		{"query of a parameter only", "/?{a}", 2, "name={parameter}"},
		{"query name twice", "/?a={b}&A=1", 8, "second query part"},
		{"query value in parts", "/?a=x{b}", 4, "as a whole"},
		{"too long", "/" + strings.Repeat("a", MaxTemplateLength), 0, "MaxTemplateLength"},
		{"too many segments", strings.Repeat("/a", MaxTemplateSegments+1), 2*MaxTemplateSegments + 1, "MaxTemplateSegments"},
		{"too many parameters", manyParameters(MaxTemplateParameters + 1), 5*MaxTemplateParameters + 1, "MaxTemplateParameters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseTemplate(tt.template)
			var te *TemplateError
			if !errors.As(err, &te) {
				t.Fatalf("error %v, want a *TemplateError", err)
			}
			if te.Offset != tt.offset || !strings.Contains(te.Reason, tt.reason) {
				t.Errorf("at %d: %s; want at %d: %s", te.Offset, te.Reason, tt.offset, tt.reason)
			}
		})
	}
}

func manyParameters(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("/{")
		b.WriteByte(byte('a' + i/26))
		b.WriteByte(byte('a' + i%26))
		b.WriteString("}")
	}
	return b.String()
}

func TestParseTemplate_Parameters(t *testing.T) {
	tests := []struct {
		name, template string
		want           []string
	}{
		{"none", "", nil},
		{"root", "/", nil},
		{"no slash in front", "items/{id}", []string{"id"}},
		{"path and query", "/{a}/{b}.{c}?q={d}&e=1&f", []string{"a", "b", "c", "d"}},
		{"wildcard", "/a/*", []string{"*"}},
		{"catch-all", "/a/{*rest}", []string{"rest"}},
		{"as many as possible", manyParameters(2), []string{"aa", "ab"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseTemplate(tt.template)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, p.Parameters()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if p.String() != tt.template {
				t.Errorf("String() = %q", p)
			}
		})
	}
}

// FuzzParseTemplate checks that every template is either refused with a
// position inside it or can be added and looked up.
func FuzzParseTemplate(f *testing.F) {
	for _, s := range []string{"/items/{id}", "/a/{b}/c?x={y}", "/*", "/report.{format}", "/{a}-{b}", "/f/{*rest}", "/a;v={v}", "/é/%2f", "/{{", "?a=b&c"} {
		f.Add(s, "/items/1", "x=1")
	}
	f.Fuzz(func(t *testing.T, template, path, query string) {
		_, err := ParseTemplate(template)
		if err != nil {
			var te *TemplateError
			if !errors.As(err, &te) || te.Offset < 0 || te.Offset > len(template) {
				t.Fatalf("ParseTemplate(%q): %v", template, err)
			}
			return
		}
		var b Builder
		api, err := b.AddAPI(API{Name: "a", Revision: "1", Current: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.AddOperation(api, "GET", template, 1); err != nil {
			t.Fatal(err)
		}
		table, _ := b.Build()
		if path, err = Normalize(path); err != nil {
			return
		}
		var m Match
		if table.Match(&Query{Path: path, Method: "GET", RawQuery: query}, &m) {
			for _, p := range m.Params() {
				if !p.Query && !strings.Contains(path, p.Value) {
					t.Fatalf("%q on %q: parameter %+v is not in the path", template, path, p)
				}
			}
		}
	})
}
