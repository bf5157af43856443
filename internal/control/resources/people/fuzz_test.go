package people

import "testing"

// FuzzMatches compares with hashes that may be anything, within the bounds of the
// costs.
func FuzzMatches(f *testing.F) {
	f.Add("correct horse", hashOf("correct horse"))
	f.Add("x", absentHash)
	f.Add("x", "$argon2id$v=19$m=8,t=1,p=0$$")
	f.Add("x", "$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAAA$AAAA")
	f.Fuzz(func(t *testing.T, password, phc string) {
		if matches(password, phc) && password == "" {
			t.Errorf("the empty password has the hash %q", phc)
		}
	})
}
