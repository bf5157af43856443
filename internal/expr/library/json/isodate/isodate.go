// Package isodate recognises the dates in the strings of JSON.
package isodate

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// Parse returns the bits of the date that a text is written as, as Newtonsoft recognises one in a string: ISO 8601 with a T, or /Date(milliseconds)/.
func Parse(s string) (int64, bool) {
	if strings.HasPrefix(s, "/Date(") && strings.HasSuffix(s, ")/") {
		digits, kind := s[6:len(s)-2], date.UTC
		if i := strings.IndexAny(digits[min(1, len(digits)):], "+-"); i >= 0 {
			// The offset only says that the time is local.
			digits, kind = digits[:i+1], date.Local
		}
		ms, err := strconv.ParseInt(digits, 10, 64)
		ticks := date.UnixTicks + ms*date.PerMillisecond
		return date.Bits(ticks, kind), err == nil && date.Valid(ticks)
	}
	if len(s) < 19 || len(s) > 40 || s[10] != 'T' {
		return 0, false
	}
	ticks, ok := clock(s)
	if !ok {
		return 0, false
	}
	rest := s[19:]
	if strings.HasPrefix(rest, ".") {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 1 || n > 8 {
			return 0, false
		}
		frac, err := strconv.ParseInt((rest[1:n] + "0000000")[:7], 10, 64)
		if err != nil {
			return 0, false
		}
		ticks, rest = ticks+frac, rest[n:]
	}
	return zone(ticks, rest)
}

// clock reads yyyy-MM-ddTHH:mm:ss.
func clock(s string) (int64, bool) {
	var f [6]int
	for i, at := range []int{0, 5, 8, 11, 14, 17} {
		n := 2
		if i == 0 {
			n = 4
		}
		for _, c := range []byte(s[at : at+n]) {
			if c < '0' || c > '9' {
				return 0, false
			}
			f[i] = f[i]*10 + int(c-'0')
		}
	}
	if s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	day, ok := date.Of(f[0], f[1], f[2])
	if f[3] == 24 && f[4] == 0 && f[5] == 0 {
		return day + 24*date.PerHour, ok
	}
	time, ok2 := date.Clock(f[3], f[4], f[5])
	return day + time, ok && ok2
}

// zone applies what follows the time: nothing, Z, or an offset, which makes it a local time.
func zone(ticks int64, rest string) (int64, bool) {
	switch {
	case rest == "":
		return date.Bits(ticks, date.Unspecified), date.Valid(ticks)
	case rest == "Z":
		return date.Bits(ticks, date.UTC), date.Valid(ticks)
	case rest[0] != '+' && rest[0] != '-':
		return 0, false
	}
	digits := strings.ReplaceAll(rest[1:], ":", "")
	if len(digits) == 2 {
		digits += "00"
	}
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) != 4 || n%100 > 59 {
		return 0, false
	}
	offset := int64(n/100)*date.PerHour + int64(n%100)*date.PerMinute
	if rest[0] == '-' {
		offset = -offset
	}
	ticks -= offset
	return date.Bits(ticks, date.Local), date.Valid(ticks)
}

// Text is a DateTime or DateTimeOffset in ISO 8601 as Newtonsoft writes it.
func Text(v value.Value) string {
	format := "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"
	if o, ok := v.Object(); ok {
		if x, ok := o.(*object.Offset); ok {
			s, _ := date.FormatOffset(x.Ticks, x.By, "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz")
			return s
		}
	}
	s, _ := date.Format(v.Int(), format)
	return s
}
