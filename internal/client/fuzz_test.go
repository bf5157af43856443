package client

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzCheckPath looks for paths that are let through and lead out of the service.
func FuzzCheckPath(f *testing.F) {
	for _, seed := range []string{"users/ann", "users/../x", "users/%2e%2e/x", "users/a%2fb", "a?b", "a#b", "//x", "users/\x00", "users/%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if checkPath(path) != nil {
			return
		}
		u, err := url.Parse("https://host.example/service/" + path)
		if err != nil {
			return // No request is made of it.
		}
		if u.Host != "host.example" || u.RawQuery != "" || u.Fragment != "" || !strings.HasPrefix(u.JoinPath().Path, "/service/") {
			t.Errorf("%q leads to %s", path, u)
		}
		if got, want := strings.Count(u.Path, "/"), strings.Count(path, "/")+2; got != want {
			t.Errorf("%q has %d segments, and leads to %d", path, want, got)
		}
	})
}

// FuzzPath looks for names that become more than one segment.
func FuzzPath(f *testing.F) {
	f.Add("ann")
	f.Add("../../x")
	f.Add("a/b?c#d")
	f.Fuzz(func(t *testing.T, name string) {
		path := Path("users", name)
		if strings.Count(path, "/") != 1 || strings.ContainsAny(path, "?#\\") {
			t.Errorf("%q becomes %q", name, path)
		}
	})
}
