package message_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
)

func TestParseURL(t *testing.T) {
	tests := []struct {
		name, text string
		want       message.URL
		written    string // where it differs from text
	}{
		{"plain", "https://a.example/b?c=d", message.URL{Scheme: "https", Host: "a.example", Path: "/b", Query: "c=d"}, ""},
		{"capitals", "HTTPS://A.Example/B", message.URL{Scheme: "https", Host: "a.example", Path: "/B"}, "https://a.example/B"},
		{"no path", "http://a", message.URL{Scheme: "http", Host: "a"}, "http://a/"},
		{"default port", "http://a:80/", message.URL{Scheme: "http", Host: "a", Path: "/"}, "http://a/"},
		{"another port", "wss://a:80/", message.URL{Scheme: "wss", Host: "a", Port: 80, Path: "/"}, ""},
		{"IPv6", "http://[2001:DB8::1]:8080/", message.URL{Scheme: "http", Host: "2001:db8::1", Port: 8080, Path: "/"}, "http://[2001:db8::1]:8080/"},
		{"IPv6 without port", "http://[::1]/", message.URL{Scheme: "http", Host: "::1", Path: "/"}, ""},
		{"escapes stay", "https://a/b%2Fc%20d?e=%2F", message.URL{Scheme: "https", Host: "a", Path: "/b%2Fc%20d", Query: "e=%2F"}, ""},
		{"what has to be escaped", "https://a/b c?d=e f\"é", message.URL{Scheme: "https", Host: "a", Path: "/b%20c", Query: "d=e%20f%22%C3%A9"}, "https://a/b%20c?d=e%20f%22%C3%A9"},
		{"two slashes", "https://a//b/", message.URL{Scheme: "https", Host: "a", Path: "//b/"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := message.ParseURL(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("URL (-want +got):\n%s", diff)
			}
			written := test.written
			if written == "" {
				written = test.text
			}
			if got.String() != written {
				t.Errorf("written %s, want %s", got.String(), written)
			}
		})
	}
}

func TestParseURLRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "not absolute", "/a": "not absolute", "a.example": "not absolute", "https:///a": "not absolute", "https://user:secret@a/": "user information",
		"https://a/#b": "fragment", "ftp://a/": "scheme", "https://:80/": "no host", "https://a:0/": "port", "https://a:70000/": "port",
		"https://a:x/": "reading URL", "https://a/\r\nb": "reading URL", "http://[fe80::1%25eth0]/": "zone", "http://münchen.example/": "ASCII", "http://a,b/": "ASCII", "https://a b/": "reading URL", "https://a/%zz": "reading URL",
	} {
		_, err := message.ParseURL(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestAuthority(t *testing.T) {
	for want, u := range map[string]message.URL{
		"a": {Scheme: "https", Host: "a"}, "a:8443": {Scheme: "https", Host: "a", Port: 8443}, "[::1]": {Scheme: "http", Host: "::1"}, "[::1]:1": {Host: "::1", Port: 1},
	} {
		if got := u.Authority(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for scheme, want := range map[string]uint16{"http": 80, "ws": 80, "https": 443, "wss": 443, "ftp": 0} {
		if u := (message.URL{Scheme: scheme}); u.EffectivePort() != want {
			t.Errorf("%s has the port %d", scheme, u.EffectivePort())
		}
	}
	if u := (message.URL{Scheme: "http", Port: 81}); u.EffectivePort() != 81 {
		t.Error("the port that is written does not count")
	}
}

func TestQueryParameters(t *testing.T) {
	u := message.URL{Query: "a=1&&b&a=2&c%20d=e+f%20g&x=%zz&=nameless&h==i"}
	var got []string
	for p := range u.QueryParameters() {
		got = append(got, p.Name()+"="+p.Value()+" ("+p.Raw+")")
	}
	want := []string{"a=1 (a=1)", "b= (b)", "a=2 (a=2)", "c d=e f g (c%20d=e+f%20g)", "x=%zz (x=%zz)", "=nameless (=nameless)", "h==i (h==i)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"a": "1", "b": "", "c d": "e f g", "h": "=i"} {
		if v, ok := u.QueryParameter(name); !ok || v != want {
			t.Errorf("%s is %q, %v", name, v, ok)
		}
	}
	if _, ok := u.QueryParameter("A"); ok {
		t.Error("a name in another case is found")
	}
	for range u.QueryParameters() {
		break
	}
	if n := testing.AllocsPerRun(100, func() { u.QueryParameter("b") }); n != 0 {
		t.Errorf("looking up allocates %v times", n)
	}
}

func TestEscapeQuery(t *testing.T) {
	for text, want := range map[string]string{"": "", "a-b_c.d~e": "a-b_c.d~e", "a b+c&d=e": "a%20b%2Bc%26d%3De", "é\r\n": "%C3%A9%0D%0A", "{}/?#": "%7B%7D%2F%3F%23"} {
		if got := message.EscapeQuery(text); got != want {
			t.Errorf("%q is escaped %s, want %s", text, got, want)
		}
	}
}

// FuzzParseURL makes sure that what is read can be sent, and is read again as the
// same.
func FuzzParseURL(f *testing.F) {
	f.Add("https://a.example:8443/b%2Fc?d=e f")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := message.ParseURL(text)
		if err != nil {
			return
		}
		written := u.String()
		if strings.ContainsFunc(u.Path+u.Query, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Fatalf("%q is written %q", text, written)
		}
		if u.Path != "" && u.Path[0] != '/' || u.Host == "" {
			t.Fatalf("%q has the path %q and the host %q", text, u.Path, u.Host)
		}
		again, err := message.ParseURL(written)
		if err != nil {
			t.Fatalf("%q is written %q: %v", text, written, err)
		}
		if again.Path == "/" && u.Path == "" {
			again.Path = ""
		}
		if diff := cmp.Diff(u, again); diff != "" {
			t.Fatalf("%q is written %q (-first +again):\n%s", text, written, diff)
		}
	})
}

// FuzzQueryParameters makes sure that nothing of a query is lost, and that what is
// escaped is read as it was.
func FuzzQueryParameters(f *testing.F) {
	f.Add("a=1&&b&c%20d=e+f", "name", "value")
	f.Fuzz(func(t *testing.T, query, name, value string) {
		u := message.URL{Query: query}
		var raw []string
		for p := range u.QueryParameters() {
			raw = append(raw, p.Raw)
			if first, ok := u.QueryParameter(p.Name()); !ok || len(raw) == 1 && first != p.Value() {
				t.Fatalf("%q: the parameter %q is not found", query, p.Name())
			}
		}
		var want []string
		for part := range strings.SplitSeq(query, "&") {
			if part != "" {
				want = append(want, part)
			}
		}
		if diff := cmp.Diff(want, raw); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", query, diff)
		}
		u.Query = message.EscapeQuery(name) + "=" + message.EscapeQuery(value)
		if got, ok := u.QueryParameter(name); !ok || got != value {
			t.Fatalf("%q with the value %q is read %q", name, value, got)
		}
	})
}
