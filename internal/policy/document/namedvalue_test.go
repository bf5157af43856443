package document_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policy/document"
)

func TestNamedValues(t *testing.T) {
	tests := []struct {
		name string
		src  string
		want []document.Reference
	}{
		{"none", "a {b} {{}} {{ }} {{a b}} {{a} } {{ä}} {{a", nil},
		{"plain", "é{{a-B_1.c}}", []document.Reference{{Name: "a-B_1.c", Pos: document.Position{Line: 1, Column: 2, Offset: 2}, Start: 2, End: 13}}},
		{"white space and lines", "x\n{{ a }}{{b}}", []document.Reference{
			{Name: "a", Pos: document.Position{Line: 2, Column: 1, Offset: 2}, Start: 2, End: 9},
			{Name: "b", Pos: document.Position{Line: 2, Column: 8, Offset: 9}, Start: 9, End: 14},
		}},
		{"three braces", "{{{a}}}", []document.Reference{{Name: "a", Pos: document.Position{Line: 1, Column: 2, Offset: 1}, Start: 1, End: 6}}},
		{"name too long", "{{" + strings.Repeat("a", 257) + "}}", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, document.NamedValues([]byte(tt.src))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func lookup(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}
}

func TestSubstitute(t *testing.T) {
	src := "<policies>\n <a b=\"{{long}}\" c=\"@({{flag}} + x)\" d=\"@(y)\">{{empty}}{{gone}}</a>\n</policies>"
	values := lookup(map[string]string{"long": strings.Repeat("v\n", 100), "flag": "true", "empty": ""})
	out, mapping, unknown := document.Substitute([]byte(src), values)
	if len(unknown) != 1 || unknown[0].Name != "gone" || unknown[0].Pos.String() != "2:56" {
		t.Errorf("unknown: %v", unknown)
	}
	root, err := document.ParseMapped(out, mapping, document.Auto, document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	a := root.Children[0]
	if got := a.Attributes[0].Value; got.Value != strings.Repeat("v\n", 100) || got.PositionAt(150).String() != "2:8" {
		t.Errorf("b is %q, its middle at %v", got.Value, got.PositionAt(150))
	}
	c := a.Attributes[1]
	if c.Value.Value != "true + x" || c.Pos.String() != "2:18" {
		t.Errorf("c is %q at %v", c.Value.Value, c.Pos)
	}
	for offset, want := range map[int]string{0: "2:23", 3: "2:23", 4: "2:31", 7: "2:34", 8: "2:35"} {
		if got := c.Value.PositionAt(offset).String(); got != want {
			t.Errorf("offset %d of c is at %s, want %s", offset, got, want)
		}
	}
	if d := a.Attributes[2].Value; d.Pos.String() != "2:43" {
		t.Errorf("d is at %v", d.Pos)
	}
	if a.Text.Value != "{{gone}}" || a.Text.PositionAt(0).String() != "2:56" || root.End.String() != "3:12" {
		t.Errorf("text %q at %v, end %v", a.Text.Value, a.Text.PositionAt(0), root.End)
	}
}

func TestSubstituteIsTextual(t *testing.T) {
	tests := []struct {
		name, src, want string
	}{
		{"in a string", `<policies a="@("{{k}}")" />`, `"secret"`},
		{"code", `<policies a="@({{code}})" />`, `f(")")`},
		{"a whole expression", `<policies a="{{expression}}" />`, `1 + 1`},
		{"not twice", `<policies a="{{nested}}" />`, `{{k}}`},
	}
	values := lookup(map[string]string{"k": "secret", "code": `f(")")`, "expression": "@(1 + 1)", "nested": "{{k}}"})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, mapping, _ := document.Substitute([]byte(tt.src), values)
			root, err := document.ParseMapped(out, mapping, document.Auto, document.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got := root.Attributes[0].Value.Value; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSecretsStayOutOfMessages gives a named value that breaks the document in
// many ways: its text must not be in the error, and the error is at the reference.
func TestSecretsStayOutOfMessages(t *testing.T) {
	for _, secret := range []string{`Zq"Zq`, `<Zq`, `</Zq>`, `&Zq;`, `<Zq Zq="1" Zq="2" Zq Zq=Zq`, `@("Zq`, `Zq)]`, `<?Zq`, "Z\x01q"} {
		for _, src := range []string{"<policies>\n <a b=\"{{k}}\" /></policies>", "<policies>\n <a>{{k}}</a></policies>", "<policies>\n@({{k}})</policies>", "<policies>\n<{{k}}></policies>", "\n\n{{k}}"} {
			out, mapping, _ := document.Substitute([]byte(src), lookup(map[string]string{"k": secret}))
			_, err := document.ParseMapped(out, mapping, document.Auto, document.Limits{})
			if err == nil {
				continue
			}
			if strings.Contains(err.Error(), "Zq") {
				t.Errorf("%q in %q: %v", secret, src, err)
			}
		}
	}
}

func TestQuotable(t *testing.T) {
	src := `<policies a="x{{k}}y" b="xy" c="{{k}}" />`
	out, mapping, _ := document.Substitute([]byte(src), lookup(map[string]string{"k": "secret"}))
	root, err := document.ParseMapped(out, mapping, document.Auto, document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range root.Attributes {
		got = append(got, a.Value.Quotable())
	}
	if diff := cmp.Diff([]string{"{{k}}", "xy", "{{k}}"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSubstituteIsBounded(t *testing.T) {
	src := "<policies>" + strings.Repeat("{{k}}", 2000) + "</policies>"
	out, mapping, _ := document.Substitute([]byte(src), lookup(map[string]string{"k": strings.Repeat("v", 4096)}))
	if len(out) > document.MaxSubstitutedBytes {
		t.Errorf("%d bytes", len(out))
	}
	_, err := document.ParseMapped(out, mapping, document.Auto, document.Limits{})
	want := "1:5121: the document becomes longer than 4194304 bytes when the value of {{k}} is put in (use shorter named values)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestUnresolved(t *testing.T) {
	src := `<policies><!-- {{comment}} --><set-body template="liquid">{{ liquid }}<x a="{{liquid}}" /></set-body>
<set-body>{{missing}}{{known}}<!-- {{comment}} --></set-body><a b="@($"{{{code}}}")" c="@({{wrong}})" /></policies>`
	out, mapping, unknown := document.Substitute([]byte(src), lookup(map[string]string{"known": "k"}))
	root, err := document.ParseMapped(out, mapping, document.Auto, document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, ref := range document.Unresolved(root, unknown) {
		names = append(names, ref.Name)
	}
	if diff := cmp.Diff([]string{"missing", "wrong"}, names); diff != "" || len(unknown) != 7 {
		t.Errorf("%s\n%d unknown", diff, len(unknown))
	}
}
