package date

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// SpanOf returns the ticks of n units of time as .NET's TimeSpan.FromX does for a double.
func SpanOf(n float64, unit int64) (int64, *value.Exception) {
	if math.IsNaN(n) {
		return 0, value.Argument("value", "TimeSpan does not accept floating point Not-a-Number values.")
	}
	ticks := n * float64(unit)
	if ticks > math.MaxInt64 || ticks < math.MinInt64 {
		return 0, value.Overflow("TimeSpan overflowed because the duration is too long.")
	}
	if ticks == math.MaxInt64 {
		return math.MaxInt64, nil
	}
	return int64(ticks), nil
}

// SpanInMilliseconds returns the ticks of n units of time as the .NET Framework's TimeSpan.FromX does: in whole
// milliseconds, of which a half is rounded away from zero.
func SpanInMilliseconds(n float64, unit int64) (int64, *value.Exception) {
	ms := n * float64(unit/PerMillisecond)
	if math.IsNaN(n) || math.Abs(ms) >= float64(math.MaxInt64/PerMillisecond) {
		return SpanOf(n, unit)
	}
	return int64(ms+math.Copysign(0.5, n)) * PerMillisecond, nil
}

// FormatSpan formats a TimeSpan.
func FormatSpan(ticks int64, format string) (string, *value.Exception) {
	switch format {
	case "", "c", "t", "T":
		return constant(ticks), nil
	case "g":
		return generalSpan(ticks, false), nil
	case "G":
		return generalSpan(ticks, true), nil
	}
	if len(format) == 1 {
		return "", errFormat()
	}
	u := absolute(ticks)
	var b strings.Builder
	for i := 0; i < len(format); {
		n, e := spanElement(&b, u, format[i:])
		if e != nil {
			return "", e
		}
		i += n
	}
	return b.String(), nil
}

func absolute(ticks int64) uint64 {
	if ticks < 0 {
		return -uint64(ticks)
	}
	return uint64(ticks)
}

func clockOf(u uint64) (days, h, m, s, frac int) {
	return int(u / uint64(PerDay)), int(u / uint64(PerHour) % 24), int(u / uint64(PerMinute) % 60),
		int(u / uint64(PerSecond) % 60), int(u % uint64(PerSecond))
}

func constant(ticks int64) string {
	days, h, m, s, frac := clockOf(absolute(ticks))
	var b strings.Builder
	if ticks < 0 {
		b.WriteByte('-')
	}
	if days > 0 {
		b.WriteString(strconv.Itoa(days) + ".")
	}
	pad(&b, h, 2)
	b.WriteByte(':')
	pad(&b, m, 2)
	b.WriteByte(':')
	pad(&b, s, 2)
	if frac > 0 {
		b.WriteByte('.')
		pad(&b, frac, 7)
	}
	return b.String()
}

func generalSpan(ticks int64, long bool) string {
	days, h, m, s, frac := clockOf(absolute(ticks))
	var b strings.Builder
	if ticks < 0 {
		b.WriteByte('-')
	}
	width := 1
	if long {
		width = 2
	}
	if days > 0 || long {
		b.WriteString(strconv.Itoa(days) + ":")
	}
	pad(&b, h, width)
	b.WriteByte(':')
	pad(&b, m, 2)
	b.WriteByte(':')
	pad(&b, s, 2)
	if long || frac > 0 {
		b.WriteByte('.')
		fraction(&b, int64(frac), 7, !long)
	}
	return b.String()
}

// maxSpanRun is the longest run of one letter in a format of a TimeSpan: that of days.
const maxSpanRun = 8

func spanElement(b *strings.Builder, u uint64, rest string) (int, *value.Exception) {
	days, h, m, s, frac := clockOf(u)
	n := run(rest)
	most := 2
	if n > maxSpanRun {
		return 0, errFormat()
	}
	switch rest[0] {
	case 'd':
		most = 8
		pad(b, days, n)
	case 'h':
		pad(b, h, n)
	case 'm':
		pad(b, m, n)
	case 's':
		pad(b, s, n)
	case 'f', 'F':
		most = 7
		if n <= most {
			fraction(b, int64(frac), n, rest[0] == 'F')
		}
	case '\'', '"', '\\', '%':
		return quoted(b, rest, func(one string) *value.Exception {
			_, e := spanElement(b, u, one)
			return e
		})
	default:
		if r, _ := utf8.DecodeRuneInString(rest); r != 0 {
			return 0, errFormat()
		}
	}
	if n > most {
		return 0, errFormat()
	}
	return n, nil
}

// ParseSpan reads a TimeSpan: [-]d, [-][d.]hh:mm[:ss[.fffffff]], [-]d:hh:mm:ss.
func ParseSpan(text string) (int64, *value.Exception) {
	bad := value.BadFormat("String '" + text + "' was not recognized as a valid TimeSpan.")
	s, neg := strings.CutPrefix(strings.TrimSpace(text), "-")
	days, parts, frac, ok := cutSpan(s)
	if !ok {
		return 0, bad
	}
	ticks, ok, fits := spanParts(days, parts, frac)
	switch {
	case !ok:
		return 0, bad
	case !fits:
		return 0, value.Overflow("The TimeSpan string '" + text + "' could not be parsed because at least one of the " +
			"numeric components is out of range or contains too many digits.")
	case neg:
		return -ticks, nil
	}
	return ticks, nil
}

// cutSpan cuts a text into its days, its hours, minutes and seconds, and the digits of its fraction.
func cutSpan(s string) (days string, parts []string, frac string, ok bool) {
	parts = strings.Split(s, ":")
	switch {
	case s == "" || len(parts) > 4:
		return "", nil, "", false
	case len(parts) == 1:
		return parts[0], nil, "", true
	}
	days = "0"
	if d, hour, ok := strings.Cut(parts[0], "."); ok {
		days, parts[0] = d, hour
	} else if len(parts) == 4 {
		days, parts = parts[0], parts[1:]
	}
	if len(parts) < 3 {
		return days, parts, "", true
	}
	sec, f, point := strings.Cut(parts[2], ".")
	parts[2] = sec
	return days, parts, f, len(parts) == 3 && (!point || f != "")
}

func spanParts(days string, parts []string, frac string) (ticks int64, ok, fits bool) {
	units := []int64{PerHour, PerMinute, PerSecond}
	limits := []int64{24, 60, 60}
	d, ok := digitsOf(days)
	if !ok || len(frac) > 7 {
		return 0, false, false
	}
	fits = d <= 10675199
	ticks = d * PerDay
	for i, p := range parts {
		n, ok := digitsOf(p)
		if !ok {
			return 0, false, false
		}
		fits = fits && n < limits[i]
		ticks += n * units[i]
	}
	if frac != "" {
		n, ok := digitsOf(frac + strings.Repeat("0", 7-len(frac)))
		if !ok {
			return 0, false, false
		}
		ticks += n
	}
	return ticks, true, fits && ticks >= 0
}

// digitsOf reads 1 to 8 decimal digits; longer ones give a number that is out of every range.
func digitsOf(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	if len(s) > 10 {
		return 1 << 30, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
