package jose

import "testing"

// FuzzParse reads tokens and key sets: whatever comes in is refused or read
// within the limits, and nothing that is not signed is confirmed.
func FuzzParse(f *testing.F) {
	f.Add("eyJhbGciOiJIUzI1NiJ9.e30.AAAA")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0..AAAA.AAAA.AAAA")
	f.Add(`{"keys":[{"kty":"oct","k":"AAAA"}]}`)
	key, err := Symmetric("", make([]byte, 64))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if token, err := Parse(text); err == nil {
			if used, err := token.Verify([]Key{key}); err == nil && used == nil {
				t.Error("confirmed without a key")
			}
		}
		if _, err := Decrypt(text, []Key{key}); err == nil && len(text) < 16 {
			t.Error("opened a token that is too short to be one")
		}
		if keys, err := ParseKeySet([]byte(text)); err == nil && len(keys) > MaxKeys {
			t.Errorf("%d keys", len(keys))
		}
	})
}
