package date

import (
	"testing"
	"time"
)

var now = time.Date(2024, 3, 15, 10, 30, 46, 500_000_000, time.UTC)

func TestParse(t *testing.T) {
	tests := []struct {
		name, text string
		styles     Styles
		want       string
	}{
		{"date", "2024-01-02", 0, "2024-01-02T00:00:00.0000000"},
		{"sortable", "2024-01-02T03:04:05", 0, "2024-01-02T03:04:05.0000000"},
		{"zulu is local", "2024-01-02T03:04:05Z", 0, "2024-01-02T03:04:05.0000000+00:00"},
		{"zulu kept", "2024-01-02T03:04:05.123Z", RoundtripKind, "2024-01-02T03:04:05.1230000Z"},
		{"offset", "2024-01-02T03:04:05+02:00", 0, "2024-01-02T01:04:05.0000000+00:00"},
		{"adjusted", "2024-01-02T03:04:05", AssumeUniversal | AdjustToUniversal, "2024-01-02T03:04:05.0000000Z"},
		{"american", "1/2/2024 3:04 PM", 0, "2024-01-02T15:04:00.0000000"},
		{"named month", "2 January 2024", 0, "2024-01-02T00:00:00.0000000"},
		{"month first", "Jan 2, 2024", 0, "2024-01-02T00:00:00.0000000"},
		{"rfc1123", "Fri, 15 Mar 2024 10:30:46 GMT", 0, "2024-03-15T10:30:46.0000000+00:00"},
		{"time", "13:45", 0, "2024-03-15T13:45:00.0000000"},
		{"wrong weekday", "Mon, 15 Mar 2024 10:30:46 GMT", 0, "!"},
		{"hour 25", "25:00", 0, "!"},
		{"word", "abc", 0, "!"},
		{"no such day", "2023-02-29", 0, "!"},
		{"empty", "", 0, "!"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bits, e := Parse(test.text, test.styles, now)
			got := "!"
			if e == nil {
				got, _ = Format(bits, "o")
			}
			if got != test.want {
				t.Errorf("Parse(%q) = %s, want %s", test.text, got, test.want)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	day, _ := Of(2024, 2, 29)
	bits := Bits(day+13*PerHour+4*PerMinute+5*PerSecond+678*PerMillisecond, UTC)
	tests := []struct{ name, format, want string }{
		{"default", "", "02/29/2024 13:04:05"},
		{"roundtrip", "o", "2024-02-29T13:04:05.6780000Z"},
		{"rfc1123", "r", "Thu, 29 Feb 2024 13:04:05 GMT"},
		{"custom", "yyyyMMdd'T'HHmmss'Z'", "20240229T130405Z"},
		{"names", "dddd d MMMM yy h:mm tt", "Thursday 29 February 24 1:04 PM"},
		{"fraction", "ss.FFFFF", "05.678"},
		{"percent", "%d", "29"},
		{"bad", "q", "!"},
		{"open quote", "'x", "!"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, e := Format(bits, test.format)
			if e != nil {
				got = "!"
			}
			if got != test.want {
				t.Errorf("Format(%q) = %q, want %q", test.format, got, test.want)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	tests := []struct{ name, text, format, want string }{
		{"clock", "01:02:03", "", "01:02:03"},
		{"days", "1.02:03:04.5", "c", "1.02:03:04.5000000"},
		{"only days", "7", "", "7.00:00:00"},
		{"negative", "-00:00:01", "g", "-0:00:01"},
		{"long", "1:2:3:4", "G", "1:02:03:04.0000000"},
		{"custom", "10:20:30", `hh\:mm`, "10:20"},
		{"bad hour", "24:00:00", "", "!"},
		{"bad", "x", "", "!"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ticks, e := ParseSpan(test.text)
			got := "!"
			if e == nil {
				got, _ = FormatSpan(ticks, test.format)
			}
			if got != test.want {
				t.Errorf("%q as %q = %q, want %q", test.text, test.format, got, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2024-01-02T03:04:05.123+02:00", "1/2/24 3 PM", "Fri, 15 Mar 2024 10:30:46 GMT", "yyyy-MM-dd"} {
		f.Add(s, "yyyy-MM-dd'T'HH:mm:ssK")
	}
	f.Fuzz(func(t *testing.T, text, format string) {
		if bits, e := Parse(text, 0, now); e == nil && !Valid(Ticks(bits)) {
			t.Errorf("%q is out of range", text)
		}
		_, _ = ParseExact(text, []string{format}, AllowInnerWhite, now)
		_, _ = Format(0, format)
		_, _ = FormatSpan(123456789, format)
		_, _ = ParseSpan(text)
	})
}
