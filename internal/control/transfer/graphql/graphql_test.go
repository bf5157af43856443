package graphql

import (
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
)

const sample = `"""All of it."""
schema { query: Root }
type Root { hero(episode: Episode = JEDI): Character @deprecated }
enum Episode { JEDI EMPIRE }
interface Character { id: ID! friends: [Character!] }
type Human implements Character { id: ID! friends: [Character!] height(unit: Unit): Float }
input Unit { name: String! next: Unit }
scalar Date @specifiedBy(url: "https://scalars.example/date")
union Any = Human
extend type Human { born: Date }
`

func TestRead(t *testing.T) {
	in, problems := Read("apis/a", []byte(sample), Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := in.Schemas[0]
	if s.ContentType != model.SchemaGraphQL || s.Document.Value != sample || s.ID != "apis/a/schemas/graphql" ||
		in.Properties.Type != model.APIGraphQL || len(in.Operations) != 0 {
		t.Errorf("got %+v, %+v", in, s)
	}
	if p := model.Validate(s); p.HasErrors() {
		t.Error(p)
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"syntax", "type Query {\n  a: \n}", "s:3:1: "},
		{"unknown type", "type Query {\n  a: Missing }", "s:2:6: "},
		{"unknown directive", "type Query { a: Int @secret }", "secret"},
		{"field missing", "interface I { a: Int } type Query implements I { b: Int }", "s:1:29: "},
		{"no query", "type A { a: Int }", "no query type"},
		{"twice", "type Query { a: Int } type Query { a: Int }", "s:1:28: "},
		{"empty", "", "no query type"},
		{"introspection", ` {"data": {"__schema": {}}}`, "the document is JSON"},
		{"a query", "query { a }", "s:1:1: "},
		{"nested", "type Query { a: " + strings.Repeat("[", 100_000) + "Int" + strings.Repeat("]", 100_000) + " }", "s:1:"},
		{"nested value", "type Query { a(b: [Int] = " + strings.Repeat("[", 100_000) + "): Int }", "s:1:"},
		{"nested object", "type Query { a(b: [Int] = " + strings.Repeat("{a:", 100_000) + "): Int }", "s:1:"},
		{"many tokens", strings.Repeat("scalar A ", MaxTokens), "token limit"},
		{"large", strings.Repeat("#", MaxSize+1), "limit MaxSize"},
		{"not UTF-8", "type Query { a: Int } #\xff", "not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := Read("apis/a", []byte(tt.in), Options{File: "s"})
			if !problems.HasErrors() || !strings.Contains(problems.String(), tt.want) {
				t.Errorf("got %v, want %q", problems, tt.want)
			}
			if len(problems.String()) > 500 {
				t.Errorf("the problem has %d bytes", len(problems.String()))
			}
		})
	}
}

// FuzzRead checks that no schema makes the reader panic.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, problems := Read("apis/a", data, Options{})
		if !problems.HasErrors() && in.Schemas[0].Document.Value != string(data) {
			t.Fatal("the schema is not kept as it is")
		}
	})
}
