package model

import (
	"bytes"
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
