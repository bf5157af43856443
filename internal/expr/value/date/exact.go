package date

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// exact reads a text by a custom format.
type exact struct {
	s, format string
	i         int
	f         fields
	styles    Styles
}

// ParseExact reads a DateTime in exactly one of the formats.
func ParseExact(text string, formats []string, styles Styles, now time.Time) (int64, *value.Exception) {
	for _, format := range formats {
		f, ok := scanExact(text, format, &styles)
		if !ok {
			continue
		}
		ticks, ok := f.ticks(now, styles)
		if !ok {
			continue
		}
		if bits, ok := f.bits(ticks, styles); ok {
			return bits, nil
		}
	}
	return 0, errText(text)
}

// ParseOffsetExact reads a DateTimeOffset in exactly one of the formats.
func ParseOffsetExact(text string, formats []string, styles Styles, now time.Time) (ticks, offset int64, e *value.Exception) {
	for _, format := range formats {
		f, ok := scanExact(text, format, &styles)
		if !ok {
			continue
		}
		if ticks, offset, e = f.zoned(text, styles, now); e == nil {
			return ticks, offset, nil
		}
	}
	return 0, 0, errText(text)
}

func scanExact(text, format string, styles *Styles) (fields, bool) {
	if len(text) > maxText || len(format) > maxText || format == "" {
		return fields{}, false
	}
	if len(format) == 1 {
		if format[0]|0x20 == 'o' {
			*styles |= RoundtripKind
		}
		if format = standard(format[0]); format == "" {
			return fields{}, false
		}
	}
	if *styles&AllowLeadingWhite != 0 {
		text = strings.TrimLeft(text, " \t\n\v\f\r")
	}
	if *styles&AllowTrailingWhite != 0 {
		text = strings.TrimRight(text, " \t\n\v\f\r")
	}
	p := exact{s: text, format: format, f: newFields(), styles: *styles}
	for p.format != "" {
		if !p.element() {
			return fields{}, false
		}
	}
	return p.f, p.i == len(p.s)
}

func (p *exact) element() bool {
	n := run(p.format)
	c := p.format[0]
	if c == '%' && len(p.format) > 1 {
		p.format = p.format[1:]
		return true
	}
	switch c {
	case '\'', '"':
		end := strings.IndexByte(p.format[1:], c)
		if end < 0 {
			return false
		}
		lit := p.format[1 : 1+end]
		p.format = p.format[end+2:]
		return p.literal(lit)
	case '\\':
		if len(p.format) < 2 {
			return false
		}
		_, w := utf8.DecodeRuneInString(p.format[1:])
		lit := p.format[1 : 1+w]
		p.format = p.format[1+w:]
		return p.literal(lit)
	case 'd', 'M', 'y', 'g', 'h', 'H', 'm', 's', 't', 'f', 'F', 'z':
		p.format = p.format[n:]
		return p.field(c, n)
	case 'K':
		p.format = p.format[1:]
		return p.zone(3, true)
	case '.':
		// The point before an optional fraction is optional too.
		if len(p.format) > 1 && p.format[1] == 'F' && (p.i >= len(p.s) || p.s[p.i] != '.') {
			p.format = p.format[1+run(p.format[1:]):]
			return true
		}
	}
	_, w := utf8.DecodeRuneInString(p.format)
	lit := p.format[:w]
	p.format = p.format[w:]
	if lit == " " && p.styles&AllowInnerWhite != 0 {
		for p.i < len(p.s) && p.s[p.i] == ' ' {
			p.i++
		}
		return true
	}
	return p.literal(lit)
}

func (p *exact) literal(lit string) bool {
	if !strings.HasPrefix(p.s[p.i:], lit) {
		return false
	}
	p.i += len(lit)
	return true
}

// take reads a number of least to most digits.
func (p *exact) take(least, most int, to *int) bool {
	start, n := p.i, 0
	for p.i < len(p.s) && p.i-start < most && digit(p.s[p.i]) {
		n = n*10 + int(p.s[p.i]-'0')
		p.i++
	}
	*to = n
	return p.i-start >= least
}

func (p *exact) field(c byte, n int) bool {
	least := min(n, 2)
	switch c {
	case 'd':
		if n >= 3 {
			return p.name(7, n == 3, &p.f.weekday, func(i int) string { return time.Weekday(i).String() })
		}
		return p.take(least, 2, &p.f.day)
	case 'M':
		if n >= 3 {
			ok := p.name(12, n == 3, &p.f.month, func(i int) string { return time.Month(i + 1).String() })
			p.f.month++
			return ok
		}
		return p.take(least, 2, &p.f.month)
	case 'y':
		return p.yearField(n)
	case 'g':
		return p.literal("A.D.")
	case 'h', 'H':
		p.f.hasTime = true
		return p.take(least, 2, &p.f.hour)
	case 'm':
		return p.take(least, 2, &p.f.minute)
	case 's':
		return p.take(least, 2, &p.f.second)
	case 't':
		return p.halfDay(n)
	case 'f', 'F':
		return p.fraction(n, c == 'F')
	}
	return p.zone(n, false)
}

func (p *exact) yearField(n int) bool {
	if n > 2 {
		return p.take(min(n, 4), max(n, 4), &p.f.year)
	}
	ok := p.take(n, 2, &p.f.year)
	if p.f.year += 1900; p.f.year < 1950 {
		p.f.year += 100
	}
	return ok
}

func (p *exact) halfDay(n int) bool {
	rest := p.s[p.i:]
	if len(rest) < min(n, 2) || n > 1 && rest[1]|0x20 != 'm' {
		return false
	}
	p.f.half = rest[0] &^ 0x20
	p.i += min(n, 2)
	return p.f.half == 'A' || p.f.half == 'P'
}

func (p *exact) name(n int, short bool, to *int, name func(int) string) bool {
	for i := range n {
		full := name(i)
		if short {
			full = full[:3]
		}
		if rest := p.s[p.i:]; len(rest) >= len(full) && strings.EqualFold(rest[:len(full)], full) {
			*to = i
			p.i += len(full)
			return true
		}
	}
	return false
}

func (p *exact) fraction(n int, optional bool) bool {
	start := p.i
	var v int
	if n > 7 || !p.take(0, n, &v) {
		return false
	}
	for w := p.i - start; w < 7; w++ {
		v *= 10
	}
	p.f.frac = int64(v)
	return optional || p.i-start == n
}

// zone reads Z where it may stand, or an offset: +h, +hh, +hh:mm.
func (p *exact) zone(n int, zulu bool) bool {
	if zulu && p.i == len(p.s) {
		return true
	}
	o := int64(0)
	if p.i < len(p.s) && p.s[p.i]|0x20 == 'z' && zulu {
		p.i++
		p.f.offset, p.f.zulu = &o, true
		return true
	}
	if p.i >= len(p.s) || p.s[p.i] != '+' && p.s[p.i] != '-' {
		return zulu
	}
	neg := p.s[p.i] == '-'
	p.i++
	var h, m int
	if !p.take(1, 2, &h) {
		return false
	}
	if n >= 3 {
		if p.i < len(p.s) && p.s[p.i] == ':' {
			p.i++
		}
		if !p.take(2, 2, &m) {
			return false
		}
	}
	o = int64(h)*PerHour + int64(m)*PerMinute
	if neg {
		o = -o
	}
	p.f.offset = &o
	return true
}

// ParseSpanExact reads a TimeSpan in exactly one format: c, g, G, or a custom one of d, h, m, s, f, F and quoted
// text.
func ParseSpanExact(text, format string) (int64, *value.Exception) {
	bad := value.BadFormat("String '" + text + "' was not recognized as a valid TimeSpan.")
	switch format {
	case "c", "t", "T", "g", "G":
		return ParseSpan(text)
	}
	if len(format) <= 1 || len(format) > maxText || len(text) > maxText {
		return 0, bad
	}
	p := exact{s: text, format: format, f: newFields()}
	days := 0
	for p.format != "" {
		n := run(p.format)
		c := p.format[0]
		var ok bool
		switch c {
		case 'd':
			p.format = p.format[n:]
			ok = p.take(n, 8, &days)
		case 'h', 'm', 's', 'f', 'F', '\'', '"', '\\', '%':
			ok = p.element()
		}
		if !ok {
			return 0, bad
		}
	}
	clock, ok := Clock(p.f.hour, p.f.minute, p.f.second)
	if !ok || p.i != len(p.s) {
		return 0, bad
	}
	return int64(days)*PerDay + clock + p.f.frac, nil
}
