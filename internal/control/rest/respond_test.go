package rest

import "testing"

// TestEncode keeps what shells cut out of answers as it is.
func TestEncode(t *testing.T) {
	raw, err := encode(map[string]string{"value": "edge&202612131611&a<b>=="})
	if want := `{"value":"edge&202612131611&a<b>=="}`; err != nil || string(raw) != want {
		t.Errorf("%s, want %s: %v", raw, want, err)
	}
}
