package uri

import "testing"

func TestParts(t *testing.T) {
	tests := []struct{ name, in, absolute, host, path, query, fragment string }{
		{"all parts", "https://user:pw@Host.Example:8443/a/b%20c/../d?x=1&y=a%2Bb#frag", "https://user:pw@host.example:8443/a/d?x=1&y=a%2Bb#frag", "host.example", "/a/d", "?x=1&y=a%2Bb", "#frag"},
		{"no path", "http://host", "http://host/", "host", "/", "", ""},
		{"default port", "https://host:443/", "https://host/", "host", "/", "", ""},
		{"escaped", "http://host/ä b?ö", "http://host/%C3%A4%20b?%C3%B6", "host", "/%C3%A4%20b", "?%C3%B6", ""},
		{"unreserved are unescaped", "http://host/%41%7E%2f", "http://host/A~%2f", "host", "/A~%2f", "", ""},
		{"lone percent", "http://host/%zz", "http://host/%25zz", "host", "/%25zz", "", ""},
		{"IPv6", "http://[::1]:80/x", "http://[::1]/x", "[::1]", "/x", "", ""},
		{"file", "/rel/path?x=1", "file:///rel/path%3Fx=1", "", "/rel/path%3Fx=1", "", ""},
		{"mail", "mailto:a@b.c", "mailto:a@b.c", "b.c", "", "", ""},
		{"opaque", "urn:isbn:1?q", "urn:isbn:1?q", "", "isbn:1", "?q", ""},
		{"backslash", `http://host\a`, "http://host/a", "host", "/a", "", ""},
		{"dots at the end", "http://host/a/b/..", "http://host/a/", "host", "/a/", "", ""},
		{"dots above the root", "http://host/../../a", "http://host/a", "host", "/a", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, e := parse(nil, test.in, absoluteOnly)
			if e != nil {
				t.Fatal(e.Message)
			}
			if got := r.absolute(); got != test.absolute {
				t.Errorf("AbsoluteUri is %q, want %q", got, test.absolute)
			}
			if r.host != test.host || r.path != test.path || r.query != test.query || r.fragment != test.fragment {
				t.Errorf("the parts are %q %q %q %q", r.host, r.path, r.query, r.fragment)
			}
		})
	}
}

func TestInvalid(t *testing.T) {
	for _, in := range []string{"", "bad uri", "http://", "http:host", "http://a b/", "http://host:99999/", "http://[::1/", "http://[1.2.3.4]/"} {
		if r, e := parse(nil, in, absoluteOnly); e == nil {
			t.Errorf("%q is read as %q", in, r.absolute())
		}
	}
}

func TestCombine(t *testing.T) {
	const base = "https://h/a/b/c?q#f"
	tests := []struct{ ref, want string }{
		{"d", "https://h/a/b/d"}, {"../d", "https://h/a/d"}, {"/d", "https://h/d"}, {"?x", "https://h/a/b/c?x"},
		{"#x", "https://h/a/b/c?q#x"}, {"//i/j", "https://i/j"}, {"http://i/j", "http://i/j"}, {"", "https://h/a/b/c?q"},
	}
	b, e := parse(nil, base, absoluteOnly)
	if e != nil {
		t.Fatal(e.Message)
	}
	for _, test := range tests {
		t.Run(test.ref, func(t *testing.T) {
			ref := &reference{original: test.ref, relative: true}
			if r, e := parse(nil, test.ref, absoluteOnly); e == nil && r.scheme != "file" {
				ref = r
			}
			r, e := combine(b, ref)
			if e != nil {
				t.Fatal(e.Message)
			}
			if got := r.absolute(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEscape(t *testing.T) {
	if got := escapeData("a b&é€😀-_.~!*'()"); got != "a%20b%26%C3%A9%E2%82%AC%F0%9F%98%80-_.~%21%2A%27%28%29" {
		t.Errorf("EscapeDataString gives %q", got)
	}
	for in, want := range map[string]string{"a%20b%2Bc+d": "a b+c+d", "%zz%4": "%zz%4", "%C3%A9": "é", "%C3x": "%C3x", "%": "%"} {
		if got := unescapeData(in); got != want {
			t.Errorf("UnescapeDataString(%q) is %q, want %q", in, got, want)
		}
	}
}

// FuzzParse looks for references that make the reader panic, or whose canonical form is not canonical.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"http://host/a?b#c", "mailto:a@b", "/x", "urn:a", "https://u:p@[::1]:8/../x%20y", `http://h\a`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, e := parse(nil, s, absoluteOnly)
		if e != nil {
			return
		}
		q, e := parse(nil, r.absolute(), absoluteOnly)
		if e != nil {
			t.Fatalf("%q becomes %q, which is not read: %s", s, r.absolute(), e.Message)
		}
		if q.absolute() != r.absolute() {
			t.Errorf("%q becomes %q and then %q", s, r.absolute(), q.absolute())
		}
	})
}
