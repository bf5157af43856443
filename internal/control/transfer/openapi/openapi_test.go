package openapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
)

func TestNormalize(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"the documentation's example", "GET-/foo/{bar}?buzz={quix}", "get-foo-bar-buzz-quix"},
		{"path and method", "get-/pets/{petId}", "get-pets-petid"},
		{"long", strings.Repeat("a-", 60), strings.TrimSuffix(strings.Repeat("a-", 38), "-")},
		{"nothing left", "???", ""},
		{"other scripts", "été", "t"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Normalize(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestNamesAreUnique covers documents in which many operations would have the
// same name.
func TestNamesAreUnique(t *testing.T) {
	var b strings.Builder
	b.WriteString("openapi: 3.0.0\npaths:\n")
	for i := range 1500 {
		fmt.Fprintf(&b, "  /p%d: {get: {operationId: %s, responses: {}}}\n", i, strings.Repeat("x/", 45))
	}
	got, problems := Read("apis/a", []byte(b.String()), Options{})
	if problems.HasErrors() || len(got.Operations) != 1500 {
		t.Fatalf("%d operations, %v", len(got.Operations), problems)
	}
	seen := map[model.Key]bool{}
	for _, o := range got.Operations {
		if seen[o.ID.Key()] {
			t.Fatalf("%s is there twice", o.ID)
		}
		seen[o.ID.Key()] = true
		if len(o.ID.Name()) > maxName {
			t.Fatalf("%q is too long", o.ID.Name())
		}
	}
}

func TestVersions(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"future", "openapi: 4.0.0\npaths: {}", `openapi: version "4.0.0" is not supported`},
		{"old", "swagger: '1.2'\npaths: {}", `version "1.2" is not supported`},
		{"none", "a: b", "neither openapi nor swagger"},
		{"not a document", "\x00", "neither JSON nor YAML"},
		{"no paths", "openapi: 3.0.0", "paths: is missing"},
		{"paths of the wrong type", "openapi: 3.0.0\npaths: []", "paths: is a list"},
		{"too large", strings.Repeat(" ", MaxSize+1), "limit MaxSize"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := Read("apis/a", []byte(tt.in), Options{})
			if !problems.HasErrors() || !strings.Contains(problems.String(), tt.want) {
				t.Errorf("got %v, want %q", problems, tt.want)
			}
		})
	}
}

// TestHostileReferences covers references that would grow without bound if
// they were put in place.
func TestHostileReferences(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.0.0","paths":{"/a":{"post":{"requestBody":{"content":{"a/b":{"schema":{"$ref":"#/x/s0"}}}},"responses":{}}}},"x":{`)
	for i := range 9 {
		fmt.Fprintf(&b, `"s%d":{"allOf":[%s]},`, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"$ref":"#/x/s%d"},`, i+1), 60), ","))
	}
	b.WriteString(`"s9":{"type":"string"}}}`)
	got, problems := Read("apis/a", []byte(b.String()), Options{})
	if !problems.HasErrors() || !strings.Contains(problems.String(), "limit MaxSchemaSize") {
		t.Errorf("got %v", problems)
	}
	if n := len(got.Schema.Document.Components); n > 2*MaxSchemaSize {
		t.Errorf("the schemas have %d bytes", n)
	}
}

// FuzzRead checks that no document makes the importer panic, and that what it
// imports is valid by itself.
func FuzzRead(f *testing.F) {
	f.Add([]byte("openapi: 3.0.0\npaths: {/a/{b}: {get: {parameters: [{name: b, in: path}], responses: {default: {}}}}}"))
	f.Add([]byte(`{"swagger":"2.0","paths":{"/a":{"post":{"parameters":[{"in":"body","schema":{"$ref":"#/definitions/A"}}],"responses":{"200":{"schema":{"type":"array"}}}}}},"definitions":{"A":{"$ref":"#/definitions/A"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, problems := Read("apis/a", data, Options{File: "f"})
		if problems.HasErrors() {
			return
		}
		for _, o := range in.Operations {
			for _, p := range model.Validate(o) {
				if p.Element != "displayName" && p.Element != "urlTemplate" && !strings.Contains(p.Element, "ontentType") && !strings.Contains(p.Element, ".name") {
					t.Fatalf("%s: %v", o.ID, p)
				}
			}
			if _, err := model.Encode(o); err != nil {
				t.Fatal(err)
			}
		}
		if in.Schema != nil {
			if _, err := model.Encode(in.Schema); err != nil {
				t.Fatal(err)
			}
		}
	})
}
