package session

import "testing"

// FuzzParse reads cookies: what is taken is written the same way again, and names
// a path of one user's sessions.
func FuzzParse(f *testing.F) {
	f.Add("YW5u.00000000000000000000000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("")
	f.Add("...")
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := parse(text)
		if !ok {
			return
		}
		if again, ok := parse(p.text()); !ok || again.key() != p.key() {
			t.Errorf("%q became %q", text, p.text())
		}
	})
}
