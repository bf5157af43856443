package telemetry

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

var awkward = []string{
	"plain", "two words", "a=b", `quo"te`, `back\slash`, "tab\t", "\r\nlevel=ERROR msg=forged",
	"\x00\x1b[31m\x7f", "\u0085\u2028\u2029", "žluťoučký", "\xff\xfe", "\"}\n{\"msg\":\"forged\"", "\U0001F600",
	strings.Repeat("x", maxFieldBytes), strings.Repeat("x", maxFieldBytes-1) + "é",
}

func FuzzStringsStayOneField(f *testing.F) {
	for _, v := range awkward {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		checkJSON(t, v)
		checkText(t, v)
	})
}

func checkJSON(t *testing.T, v string) {
	t.Helper()
	l := newLine(nil, FormatJSON)
	l.str("a", v)
	l.num("b", 1)
	out := l.end()
	var got struct {
		A string `json:"a"`
		B int    `json:"b"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%q became %q: %v", v, out, err)
	}
	// Each byte that is not UTF-8 becomes one replacement character.
	want := string([]rune(cut(v)))
	if got.A != want || got.B != 1 {
		t.Errorf("%q became %q", v, got.A)
	}
	checkOneLine(t, out)
}

func checkText(t *testing.T, v string) {
	t.Helper()
	l := newLine(nil, FormatText)
	l.str("a", v)
	l.num("b", 1)
	out := l.end()
	checkOneLine(t, out)
	field, ok := strings.CutSuffix(string(out), "b=1\n")
	if !ok {
		t.Fatalf("%q became %q", v, out)
	}
	got := strings.TrimSuffix(strings.TrimPrefix(field, "a="), " ")
	if strings.HasPrefix(got, `"`) {
		var err error
		if got, err = strconv.Unquote(got); err != nil {
			t.Fatalf("%q became %q: %v", v, out, err)
		}
	} else if strings.ContainsAny(got, " =\"") {
		t.Errorf("%q became %q without quotes", v, out)
	}
	if got != cut(v) {
		t.Errorf("%q became %q", v, got)
	}
}

func checkOneLine(t *testing.T, out []byte) {
	t.Helper()
	body, ok := bytes.CutSuffix(out, []byte("\n"))
	if !ok || !utf8.Valid(out) {
		t.Errorf("%q is no line of UTF-8", out)
	}
	for _, r := range string(body) {
		if r < ' ' || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029' {
			t.Errorf("control character %U in %q", r, out)
		}
	}
}

func TestWithoutQuery(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "/a/b", "/a/b"},
		{"query", "/a?subscription-key=s3cret", "/a"},
		{"fragment", "/a#token", "/a"},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := withoutQuery(tt.in); got != tt.want {
				t.Errorf("withoutQuery(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func BenchmarkAppendRecord(b *testing.B) {
	r := &Record{
		RequestID: "f2f0ae41-7a3c-4c3a-9f3c-0a4c1a4b6f10", ClientIP: netip.MustParseAddr("192.0.2.7"), Method: "GET",
		Host: "api.example.com", Path: "/echo/resource", ProductID: "starter", SubscriptionID: "sub-1",
		Operation: &Operation{api: "echo-api", id: "retrieve"}, Status: 200, BackendID: "echo", BackendStatus: 200,
	}
	for name, f := range map[string]Format{"json": FormatJSON, "text": FormatText} {
		b.Run(name, func(b *testing.B) {
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = appendRecord(buf[:0], r, f)
			}
		})
	}
}
