package access

import (
	"strings"
	"testing"
)

// FuzzScope finds no scope that contains something which is neither the scope
// nor below it.
func FuzzScope(f *testing.F) {
	f.Add("/", "/x")
	f.Add("/a/b", "/A/B/c")
	f.Add("/s/apis/x", "/s/apis/x;rev=2")
	f.Add("/a/..", "/a")
	f.Fuzz(func(t *testing.T, scope, id string) {
		s, err := ParseScope(scope)
		if err != nil || !s.contains(id) {
			return
		}
		folded, below := strings.ToLower(strings.TrimSuffix(scope, "/")), strings.ToLower(id)
		if below == folded || strings.HasPrefix(below, folded+"/") || strings.HasPrefix(below, folded+";rev=") {
			return
		}
		t.Errorf("%q contains %q", scope, id)
	})
}

// FuzzMatches compares the patterns of roles with the plain way to match them.
func FuzzMatches(f *testing.F) {
	f.Add("*/read", "a/b/read")
	f.Add("a/*/c/*", "a/b/c/d")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 20 || len(s) > 40 {
			return
		}
		if got, want := matches(pattern, s), plainly(pattern, s); got != want {
			t.Errorf("%q matches %q: %v, plainly %v", pattern, s, got, want)
		}
	})
}

// plainly tries every length for each star.
func plainly(pattern, s string) bool {
	if pattern == "" {
		return s == ""
	}
	if pattern[0] != '*' {
		return s != "" && s[0] == pattern[0] && plainly(pattern[1:], s[1:])
	}
	for i := range len(s) + 1 {
		if plainly(strings.TrimLeft(pattern, "*"), s[i:]) {
			return true
		}
	}
	return false
}
