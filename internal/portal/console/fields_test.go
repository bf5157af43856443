package console

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckField(t *testing.T) {
	tests := []struct {
		name, field, value string
		ok                 bool
	}{
		{"plain", "X-Trace", "on", true},
		{"UTF-8", "X-Name", "é", true},
		{"tab", "X-Name", "a\tb", true},
		{"cookie", "Cookie", "a=b", true},
		{"empty name", "", "x", false},
		{"space in the name", "X Name", "x", false},
		{"colon in the name", "X:Name", "x", false},
		{"line end in the name", "X\r\nHost", "evil", false},
		{"CRLF", "X", "a\r\nHost: evil", false},
		{"LF", "X", "a\nHost: evil", false},
		{"CR", "X", "a\rb", false},
		{"NUL", "X", "a\x00b", false},
		{"host", "host", "evil.example", false},
		{"connection", "CONNECTION", "close", false},
		{"proxy", "Proxy-Authorization", "x", false},
		{"forwarded", "x-forwarded-for", "1.2.3.4", false},
		{"length", "Content-Length", "0", false},
		{"coding", "Transfer-Encoding", "chunked", false},
		{"upgrade", "Upgrade", "websocket", false},
		{"ours", "X-Sallyport-Acting-For", "ann", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := checkField("headers", test.field, test.value); (err == nil) != test.ok {
				t.Errorf("got %v, want ok=%v", err, test.ok)
			}
		})
	}
}

func TestReadFields(t *testing.T) {
	got, err := readFields("headers", "A: 1\r\n\r\n B :  two: three \nC:\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]pair{{"A", "1"}, {"B", "two: three"}, {"C", ""}}, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"nothing", ": x", strings.Repeat("A: 1\n", maxFields+1)} {
		if _, err := readFields("headers", bad); err == nil {
			t.Errorf("%.20q was read", bad)
		}
	}
}

func FuzzReadFields(f *testing.F) {
	f.Add("A: 1\r\nB: 2")
	f.Add("Host: evil\r\n\r\nGET / HTTP/1.1")
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := readFields("headers", text)
		if err != nil {
			return
		}
		for _, p := range pairs {
			if checkField("headers", p.Name, p.Value) == nil && strings.ContainsAny(p.Name+p.Value, "\r\n\x00") {
				t.Fatalf("%q: %q would end a line", p.Name, p.Value)
			}
		}
	})
}
