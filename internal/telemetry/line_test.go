package telemetry

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var awkward = []string{
	"plain", "two words", "a=b", `quo"te`, `back\slash`, "tab\t", "\r\nlevel=ERROR msg=forged",
	"\x00\x1b[31m\x7f", "\u0085\u2028\u2029", "žluťoučký", "\xff\xfe", "\"}\n{\"msg\":\"forged\"", "\U0001F600",
	strings.Repeat("x", maxFieldBytes), strings.Repeat("x", maxFieldBytes-1) + "é",
}

var keyA, keyB = newKey("a"), newKey("b")

// TestSecondText writes times as the standard library does, also where seconds
// change back and forth.
func TestSecondText(t *testing.T) {
	times, base := &secondText{}, time.Date(2026, 3, 14, 23, 59, 59, 999_999_999, time.FixedZone("", 3600))
	for _, after := range []time.Duration{0, time.Nanosecond, time.Microsecond, -time.Second, -time.Hour, 100 * 24 * time.Hour, 123456 * time.Microsecond} {
		at := base.Add(after)
		if got, want := string(times.append(nil, at)), at.UTC().Format("2006-01-02T15:04:05.000000Z"); got != want {
			t.Errorf("%v became %s", want, got)
		}
	}
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
	l := newLine(nil, FormatJSON, &secondText{}, time.Time{})
	l.str(&keyA, v)
	l.num(&keyB, 1)
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
	l := newLine(nil, FormatText, &secondText{}, time.Time{})
	l.str(&keyA, v)
	l.num(&keyB, 1)
	out := l.end()
	checkOneLine(t, out)
	field, ok := strings.CutSuffix(string(out), "b=1\n")
	if !ok {
		t.Fatalf("%q became %q", v, out)
	}
	got := strings.TrimSuffix(strings.TrimPrefix(field, "time=0001-01-01T00:00:00.000000Z level=INFO msg=request a="), " ")
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
			times := &secondText{}
			b.ReportAllocs()
			for b.Loop() {
				buf = appendRecord(buf[:0], r, f, times)
			}
		})
	}
}
