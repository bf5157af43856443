package route

import (
	"errors"
	"strings"
	"testing"
)

func TestNormalize(t *testing.T) {
	tests := []struct {
		name, path, want string // want "" where the path is refused
	}{
		{"empty", "", "/"},
		{"plain", "/a/b.c/~d-_", "/a/b.c/~d-_"},
		{"sub-delimiters", "/a!$&'()*,:=@;+", "/a!$&'()*,:=@;+"},
		{"escaped letters", "/%61%2d%7E", "/a-~"},
		{"escaped sub-delimiters", "/%21%3a%40%28", "/!:@("},
		{"escaped plus and semicolon stay", "/%2b%3b", "/%2B%3B"},
		{"hexadecimal in upper case", "/%c3%a9", "/%C3%A9"},
		{"raw UTF-8", "/é", "/%C3%A9"},
		{"raw characters that must be escaped", `/"<>^{|}[]` + "`", "/%22%3C%3E%5E%7B%7C%7D%5B%5D%60"},
		{"escapes that stay", "/%20%25%3F%23", "/%20%25%3F%23"},
		{"never decoded twice", "/%252e%252F", "/%252e%252F"},
		{"escaped slash", "/a%2fb", "/a/b"},
		{"slashes", "//a///b//", "/a/b/"},
		{"trailing slash stays", "/a/", "/a/"},
		{"dots in a name", "/.a/..b/c../...", "/.a/..b/c../..."},
		{"no slash in front", "a", ""},
		{"asterisk", "*", ""},
		{"dot", "/a/./b", ""},
		{"dots", "/a/../b", ""},
		{"dots at the end", "/a/..", ""},
		{"escaped dots", "/a/%2E%2e/b", ""},
		{"dots before an escaped slash", "/a/..%2fb", ""},
		{"dots behind an escaped slash", "/a%2f..", ""},
		{"dots with a parameter", "/a/..;x=1/b", ""},
		{"dots with an escaped parameter", "/a/.%3bx/b", ""},
		{"backslash", `/a\b`, ""},
		{"escaped backslash", "/a%5cb", ""},
		{"NUL", "/a%00", ""},
		{"raw NUL", "/a\x00", ""},
		{"line break", "/a%0d%0a", ""},
		{"delete", "/a%7f", ""},
		{"space", "/a b", ""},
		{"question mark", "/a?b", ""},
		{"fragment", "/a#b", ""},
		{"broken escape", "/a%2", ""},
		{"no escape", "/a%zz", ""},
		{"overlong slash", "/a%c0%afb", ""},
		{"overlong slash in three", "/a%e0%80%af", ""},
		{"overlong dots", "/%c0%ae%c0%ae/a", ""},
		{"surrogate", "/%ed%a0%80", ""},
		{"Latin-1", "/%e9", ""},
		{"half a character", "/%c3/a", ""},
		{"half a character at the end", "/%e2%82", ""},
		{"character broken by a letter", "/%c3a%a9", ""},
		{"C1 control", "/%c2%85", ""},
		{"too long", "/" + strings.Repeat("a", MaxPathBytes), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Normalize(tt.path)
			if tt.want == "" {
				var pe *PathError
				if !errors.As(err, &pe) || pe.Reason == "" {
					t.Fatalf("Normalize = %q, %v; want a *PathError", got, err)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Fatalf("Normalize = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestNormalize_Allocations(t *testing.T) {
	for _, path := range []string{"/", "/a/b;rev=2/c", "/caf%C3%A9/a%20b"} {
		if n := testing.AllocsPerRun(100, func() { _, _ = Normalize(path) }); n != 0 {
			t.Errorf("%q: %v allocations", path, n)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"/a/../b", "/%2e%2E;x/", "/a%2f%c0%af", "//a//", "/é%C3", "/;rev=1/a", "/a+b%2B"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, err := Normalize(path)
		if err != nil {
			return
		}
		again, err := Normalize(got)
		if err != nil || again != got {
			t.Fatalf("Normalize(%q) = %q, and of that %q, %v", path, got, again, err)
		}
		for _, bad := range []string{"//", "/./", "/../", "\\", "%2F", "%2E", "%5C", "%00", " "} {
			if strings.Contains(got+"/", bad) && bad != "//" || strings.Contains(got, "//") {
				t.Fatalf("Normalize(%q) = %q has %q", path, got, bad)
			}
		}
	})
}
