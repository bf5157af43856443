package model

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzDecode checks that whatever decodes encodes to something that decodes to
// the same, and that no check panics.
func FuzzDecode(f *testing.F) {
	f.Add("apis/a;rev=2", []byte(`{"path":"a","x":{"y":[1,{"z":null}]},"isCurrent":null}`))
	f.Add("apis/a/operations/o", []byte(`{"urlTemplate":"/{a}/{*b}","method":"GET","responses":[{"statusCode":200}]}`))
	f.Add("backends/b", []byte(`{"circuitBreaker":{"rules":[{"tripDuration":"P1DT2H"}]},"pool":{"services":[{"id":"/backends/a","q":1}]}}`))
	f.Add("subscriptions/s", []byte(`{"scope":"/workspaces/w/apis","startDate":"2024-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, id string, properties []byte) {
		parsed, err := ParseID(id)
		if err != nil {
			return
		}
		r, err := Decode(parsed, properties)
		if err != nil {
			return
		}
		Validate(r)
		CheckReferences([]Resource{r, r})
		first, err := Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		if sorted, err := Canonical(first); err != nil || !bytes.Equal(first, sorted) {
			t.Fatalf("%s is not canonical: %s, %v", first, sorted, err)
		}
		again, err := Decode(parsed, first)
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		second, err := Encode(again)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Fatalf("%s\n%s", first, second)
		}
	})
}

// FuzzTemplateNames checks that the names of a template's parameters are in the
// template, and that each is there once.
func FuzzTemplateNames(f *testing.F) {
	f.Add("/a/{b}/{*c}?d={d}")
	f.Add("/{a{b}}")
	f.Add("{}")
	f.Fuzz(func(t *testing.T, template string) {
		names, err := TemplateNames(template)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, name := range names {
			folded := strings.ToLower(name)
			if seen[folded] || name == "" || !strings.Contains(template, name+"}") {
				t.Fatalf("%q of %q", name, template)
			}
			seen[folded] = true
		}
	})
}

// FuzzParseDuration checks that no duration is negative.
func FuzzParseDuration(f *testing.F) {
	f.Add("P1DT2H3M4.5S")
	f.Add("PT")
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := ParseDuration(text); err == nil && d < 0 {
			t.Fatalf("%q is %v", text, d)
		}
	})
}
