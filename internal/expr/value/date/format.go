package date

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// stamp is what the formats of DateTime and DateTimeOffset show.
type stamp struct {
	ticks  int64
	t      time.Time
	kind   Kind
	offset int64
	// zoned says that it is a DateTimeOffset.
	zoned bool
}

// the standard formats of the invariant culture.
const (
	formatRoundtrip = "yyyy'-'MM'-'dd'T'HH':'mm':'ss.fffffffK"
	formatRFC1123   = "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'"
	formatSortable  = "yyyy'-'MM'-'dd'T'HH':'mm':'ss"
	formatUniversal = "yyyy'-'MM'-'dd HH':'mm':'ss'Z'"
)

func errFormat() *value.Exception {
	return value.BadFormat("Input string was not in a correct format.")
}

// standard returns the custom format that a standard one stands for, "" where there is none.
func standard(c byte) string {
	switch c {
	case 'd':
		return "MM/dd/yyyy"
	case 'D':
		return "dddd, dd MMMM yyyy"
	case 'f':
		return "dddd, dd MMMM yyyy HH:mm"
	case 'F', 'U':
		return "dddd, dd MMMM yyyy HH:mm:ss"
	case 'g':
		return "MM/dd/yyyy HH:mm"
	case 'G':
		return "MM/dd/yyyy HH:mm:ss"
	case 'm', 'M':
		return "MMMM dd"
	case 'o', 'O':
		return formatRoundtrip
	case 'r', 'R':
		return formatRFC1123
	case 's':
		return formatSortable
	case 't':
		return "HH:mm"
	case 'T':
		return "HH:mm:ss"
	case 'u':
		return formatUniversal
	case 'y', 'Y':
		return "yyyy MMMM"
	}
	return ""
}

// Format formats a DateTime by its bits.
func Format(bits int64, format string) (string, *value.Exception) {
	s := stamp{ticks: Ticks(bits), kind: KindOf(bits)}
	if format == "" {
		format = "G"
	}
	return s.format(format)
}

// FormatOffset formats a DateTimeOffset: the ticks of its local time and its offset in ticks.
func FormatOffset(ticks, offset int64, format string) (string, *value.Exception) {
	s := stamp{ticks: ticks, offset: offset, zoned: true}
	switch format {
	case "":
		return s.format("MM/dd/yyyy HH:mm:ss zzz")
	case "r", "R", "u":
		s.ticks -= offset
	case "U":
		return "", errFormat()
	}
	return s.format(format)
}

func (s *stamp) format(format string) (string, *value.Exception) {
	if len(format) == 1 {
		if format = standard(format[0]); format == "" {
			return "", errFormat()
		}
	}
	s.t = Time(s.ticks)
	var b strings.Builder
	for i := 0; i < len(format); {
		n, e := s.element(&b, format[i:])
		if e != nil {
			return "", e
		}
		i += n
	}
	return b.String(), nil
}

// maxRun is the longest run of one letter in a format: years may be padded, but not to a megabyte.
const maxRun = 1000

func run(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}

// element writes one element of a custom format and returns its width in the format.
func (s *stamp) element(b *strings.Builder, rest string) (int, *value.Exception) {
	n := run(rest)
	if n > maxRun {
		return 0, errFormat()
	}
	switch c := rest[0]; c {
	case 'd', 'M', 'y', 'g':
		s.day(b, c, n)
	case 'h', 'H', 'm', 's', 't':
		s.clock(b, c, n)
	case 'f', 'F':
		if n > 7 {
			return 0, errFormat()
		}
		fraction(b, s.ticks%PerSecond, n, c == 'F')
	case 'K':
		s.zone(b)
		return 1, nil
	case 'z':
		s.offsetText(b, n)
	case '\'', '"', '\\', '%':
		return quoted(b, rest, func(one string) *value.Exception {
			_, e := s.element(b, one)
			return e
		})
	default:
		_, w := utf8.DecodeRuneInString(rest)
		b.WriteString(rest[:w])
		return w, nil
	}
	return n, nil
}

// quoted writes a quoted text, an escaped character, or the single specifier behind a %.
func quoted(b *strings.Builder, rest string, one func(string) *value.Exception) (int, *value.Exception) {
	switch rest[0] {
	case '\\':
		if len(rest) < 2 {
			return 0, errFormat()
		}
		_, w := utf8.DecodeRuneInString(rest[1:])
		b.WriteString(rest[1 : 1+w])
		return 1 + w, nil
	case '%':
		if len(rest) < 2 || rest[1] == '%' {
			return 0, errFormat()
		}
		return 2, one(rest[1:2])
	}
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == rest[0]:
			return i + 1, nil
		case rest[i] == '\\' && i+1 < len(rest):
			i++
			b.WriteByte(rest[i])
		default:
			b.WriteByte(rest[i])
		}
	}
	return 0, errFormat()
}

func pad(b *strings.Builder, n, width int) {
	text := strconv.Itoa(n)
	for i := len(text); i < width; i++ {
		b.WriteByte('0')
	}
	b.WriteString(text)
}

func (s *stamp) day(b *strings.Builder, c byte, n int) {
	switch {
	case c == 'g':
		b.WriteString("A.D.")
	case c == 'y' && n <= 2:
		pad(b, s.t.Year()%100, n)
	case c == 'y':
		pad(b, s.t.Year(), n)
	case c == 'd' && n <= 2:
		pad(b, s.t.Day(), n)
	case c == 'd' && n == 3:
		b.WriteString(s.t.Weekday().String()[:3])
	case c == 'd':
		b.WriteString(s.t.Weekday().String())
	case n <= 2:
		pad(b, int(s.t.Month()), n)
	case n == 3:
		b.WriteString(s.t.Month().String()[:3])
	default:
		b.WriteString(s.t.Month().String())
	}
}

func (s *stamp) clock(b *strings.Builder, c byte, n int) {
	n = min(n, 2)
	switch c {
	case 'h':
		pad(b, (s.t.Hour()+11)%12+1, n)
	case 'H':
		pad(b, s.t.Hour(), n)
	case 'm':
		pad(b, s.t.Minute(), n)
	case 's':
		pad(b, s.t.Second(), n)
	case 't':
		half := "AM"
		if s.t.Hour() >= 12 {
			half = "PM"
		}
		b.WriteString(half[:n])
	}
}

// fraction writes n digits of a second; where trim, without trailing zeros and without the point before them.
func fraction(b *strings.Builder, ticks int64, n int, trim bool) {
	text := strconv.FormatInt(PerSecond+ticks, 10)[1 : 1+n]
	if !trim {
		b.WriteString(text)
		return
	}
	text = strings.TrimRight(text, "0")
	if text != "" {
		b.WriteString(text)
		return
	}
	if so := b.String(); strings.HasSuffix(so, ".") {
		b.Reset()
		b.WriteString(so[:len(so)-1])
	}
}

func (s *stamp) zone(b *strings.Builder) {
	switch {
	case s.zoned:
		s.offsetText(b, 3)
	case s.kind == UTC:
		b.WriteByte('Z')
	case s.kind == Local:
		b.WriteString("+00:00")
	}
}

func (s *stamp) offsetText(b *strings.Builder, n int) {
	o := s.offset
	sign := byte('+')
	if o < 0 {
		sign, o = '-', -o
	}
	b.WriteByte(sign)
	pad(b, int(o/PerHour), min(n, 2))
	if n >= 3 {
		b.WriteByte(':')
		pad(b, int(o/PerMinute%60), 2)
	}
}
