package sample_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policies/sample"
)

func TestOf(t *testing.T) {
	tests := []struct {
		name    string
		schemas string
		want    string
	}{
		{"scalars", `{"T":{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string","format":"date"},` +
			`"c":{"type":"boolean"},"d":{"type":"number","minimum":1.5},"e":{},"f":true}}}`,
			`{"a":0,"b":"2026-01-31","c":true,"d":1.5,"e":null,"f":null}`},
		{"given values", `{"T":{"properties":{"a":{"example":{"x": 1}},"b":{"default":2},"c":{"enum":["red","blue"]},"d":{"const":"k"},"e":{"examples":["v"]}}}}`,
			`{"a":{"x":1},"b":2,"c":"red","d":"k","e":"v"}`},
		{"array of a reference", `{"T":{"type":"array","items":{"$ref":"#/components/schemas/U"}},"U":{"type":"string"}}`, `["string"]`},
		{"below schemas", `{"schemas":{"T":{"type":"boolean"}}}`, `true`},
		{"all of", `{"T":{"allOf":[{"$ref":"#/definitions/U"},{"properties":{"b":{"type":"string"}}}]},"U":{"properties":{"a":{"type":"integer"}}}}`,
			`{"a":0,"b":"string"}`},
		{"one of", `{"T":{"oneOf":[{"type":"string"},{"type":"integer"}]}}`, `"string"`},
		{"type with null", `{"T":{"type":["null","integer"]}}`, `0`},
		{"a reference that leads nowhere", `{"T":{"$ref":"#/components/schemas/Gone"}}`, `null`},
		{"members of another form", `{"T":{"type":7,"properties":{"a":{"type":"integer","enum":"x"}}}}`, `{"a":0}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := sample.Of(json.RawMessage(test.schemas), "T")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("sample (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOfSchemaWithoutEnd makes samples of schemas that refer to themselves.
func TestOfSchemaWithoutEnd(t *testing.T) {
	wide := strings.Repeat(`{"$ref":"#/T"},`, 20) + `{"$ref":"#/T"}`
	tests := []struct{ name, schemas string }{
		{"in a property", `{"T":{"properties":{"next":{"$ref":"#/T"},"other":{"$ref":"#/T"}}}}`},
		{"in items", `{"T":{"type":"array","items":{"$ref":"#/T"}}}`},
		{"in one of", `{"T":{"oneOf":[{"$ref":"#/T"}]}}`},
		{"in all of", `{"T":{"allOf":[` + wide + `]}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := sample.Of(json.RawMessage(test.schemas), "T")
			if err != nil {
				t.Fatal(err)
			}
			if !json.Valid(got) || len(got) > 1<<20 {
				t.Errorf("the sample is no JSON or too large: %.100s", got)
			}
		})
	}
}

func TestOfErrors(t *testing.T) {
	tests := []struct{ name, schemas, want string }{
		{"no JSON", `{`, "reading schemas"},
		{"no such schema", `{}`, "there is no schema"},
		{"a circle of references", `{"T":{"$ref":"#/T"}}`, "without end"},
		{"too large", `{"T":"` + strings.Repeat("x", sample.MaxSchemaBytes) + `"}`, "MaxSchemaBytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := sample.Of(json.RawMessage(test.schemas), "T"); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
}

func FuzzOf(f *testing.F) {
	f.Add([]byte(`{"T":{"type":"object","properties":{"a":{"$ref":"#/T"}}}}`))
	f.Fuzz(func(t *testing.T, schemas []byte) {
		got, err := sample.Of(schemas, "T")
		if err == nil && !json.Valid(got) {
			t.Errorf("the sample is no JSON: %q", got)
		}
	})
}
