package audit

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
)

// FuzzMask finds no text in which a secret at the path survives.
func FuzzMask(f *testing.F) {
	f.Add(`{"properties":{"key":"hunter2"}}`)
	f.Add(`{"a":[{"properties":{"KEY":"hunter2"}}],"b":"sealed:v1:x"}`)
	f.Fuzz(func(t *testing.T, resource string) {
		masked := Mask(json.RawMessage(resource), []string{"*", "properties.key"})
		if len(masked) > 0 && !json.Valid(masked) {
			t.Errorf("%q became %q", resource, masked)
		}
		var fields map[string]any
		if json.Unmarshal(masked, &fields) != nil {
			return
		}
		for name, v := range fields {
			if v != nil && v != Masked {
				t.Errorf("%q has %v in %q", masked, v, name)
			}
		}
	})
}

// FuzzVerify gives Verify entries that nobody has written: it accepts only what
// is in the canonical form, under its own hash.
func FuzzVerify(f *testing.F) {
	e, _ := normal(entry(1))
	e.Sequence = 1
	data, _, _ := encode(e)
	f.Add(string(data))
	f.Add(strings.Replace(string(data), `"sequence"`, `"Sequence"`, 1))
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, data string) {
		n, err := Verify(t.Context(), logReader{entries: []store.AuditEntry{{Sequence: 1, Data: []byte(data)}}})
		var e Entry
		if err != nil || n != 1 {
			return
		}
		if json.Unmarshal([]byte(data), &e) != nil {
			t.Errorf("accepted %q", data)
		}
		if again, _, err := encode(e); err != nil || string(again) != data {
			t.Errorf("accepted %q, which is written as %q", data, again)
		}
	})
}
