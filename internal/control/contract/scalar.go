package contract

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// text checks a string.
func (c *cleaner) text(f *Field, value any, path string) (any, bool) {
	s, ok := value.(string)
	if !ok {
		return c.wrong(path, "a string", value)
	}
	if !c.plain(s, f.size, path) {
		return nil, false
	}
	switch n := units(s); {
	case f.MaxLength > 0 && n > f.MaxLength:
		c.fault(path, "%s has %d characters; at most %d are allowed.", last(path), n, f.MaxLength)
	case n < f.MinLength && n == 0:
		c.fault(path, "%s must not be empty.", last(path))
	case n < f.MinLength:
		c.fault(path, "%s has %d characters; at least %d must be there.", last(path), n, f.MinLength)
	case f.Pattern != "" && !identifier(s):
		c.fault(path, "%s may hold only letters, digits, dots, dashes and underscores, and is %q.", last(path), shorten(s))
	default:
		return s, true
	}
	return nil, false
}

// plain checks what holds for every string: its size, and that it can be kept by
// every store.
func (c *cleaner) plain(s string, size int, path string) bool {
	switch {
	case len(s) > size:
		c.fault(path, "%s has %d bytes; at most %d are allowed.", last(path), len(s), size)
	case strings.IndexByte(s, 0) >= 0:
		c.fault(path, "%s holds the character U+0000, which is not allowed.", last(path))
	case !utf8.ValidString(s):
		c.fault(path, "%s is not valid UTF-8.", last(path))
	default:
		return true
	}
	return false
}

// units counts as .NET does: what is beyond 16 bits counts twice.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > math.MaxUint16 {
			n++
		}
	}
	return n
}

// identifier says whether s has only the characters of [A-Za-z0-9-._].
func identifier(s string) bool {
	for i := range len(s) {
		switch ch := s[i]; {
		case 'a' <= ch && ch <= 'z', 'A' <= ch && ch <= 'Z', '0' <= ch && ch <= '9':
		case ch == '-', ch == '.', ch == '_':
		default:
			return false
		}
	}
	return true
}

// number checks an integer of 32 bits, which is what the SDKs read, or a finite
// number.
func (c *cleaner) number(f *Field, form *form, value any, path string) (any, bool) {
	want, bits := "a number", 64
	if form.kind == kindInteger {
		want, bits = "a whole number", 32
	}
	n, ok := value.(json.Number)
	if !ok {
		return c.wrong(path, want, value)
	}
	number, err := strconv.ParseFloat(string(n), 64)
	if err != nil || len(n) > maxNumber {
		c.fault(path, "%s is beyond the numbers that can be kept.", last(path))
		return nil, false
	}
	if form.kind == kindInteger {
		if number != math.Trunc(number) {
			return c.wrong(path, want, value)
		}
		if number < math.MinInt32 || number > math.MaxInt32 {
			c.fault(path, "%s must be a whole number of %d bits, and is %s.", last(path), bits, n)
			return nil, false
		}
		n = json.Number(strconv.Itoa(int(number)))
	}
	if f.Minimum != nil && number < *f.Minimum || f.Maximum != nil && number > *f.Maximum {
		c.fault(path, "%s must be %s, and is %s.", last(path), bounds(f), n)
		return nil, false
	}
	return n, true
}

// bounds words what a number may be.
func bounds(f *Field) string {
	switch {
	case f.Maximum == nil:
		return fmt.Sprintf("at least %g", *f.Minimum)
	case f.Minimum == nil:
		return fmt.Sprintf("at most %g", *f.Maximum)
	default:
		return fmt.Sprintf("from %g to %g", *f.Minimum, *f.Maximum)
	}
}

// boolean checks a truth value.
func (c *cleaner) boolean(value any, path string) (any, bool) {
	if b, ok := value.(bool); ok {
		return b, true
	}
	return c.wrong(path, "true or false", value)
}

// enum checks a value of a closed list and spells it as the contract does.
func (c *cleaner) enum(e *enum, value any, path string) (any, bool) {
	s, ok := value.(string)
	if !ok {
		return c.wrong(path, "one of "+strings.Join(e.values, ", "), value)
	}
	if spelled, ok := e.spelled(s); ok {
		return spelled, true
	}
	c.fault(path, "%s must be one of %s, and is %q.", last(path), strings.Join(e.values, ", "), shorten(s))
	return nil, false
}

// layouts are the forms of ISO 8601 that clients send. A time without a zone is UTC.
var layouts = [...]string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", time.DateOnly,
}

// time checks a point in time and writes it in RFC 3339 and UTC.
func (c *cleaner) time(value any, path string) (any, bool) {
	s, ok := value.(string)
	if !ok {
		return c.wrong(path, "a time such as 2026-01-31T23:59:59Z", value)
	}
	if t, ok := ParseTime(s); ok {
		return t.Format(time.RFC3339Nano), true
	}
	c.fault(path, "%s must be a time such as 2026-01-31T23:59:59Z, and is %q.", last(path), shorten(s))
	return nil, false
}

// ParseTime reads a time in one of the forms of ISO 8601 that the management API
// takes, in UTC where it names no zone. Only the years 1 to 9999 are times.
func ParseTime(s string) (time.Time, bool) {
	if len(s) > maxNumber {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, strings.ToUpper(strings.TrimSpace(s)))
		if err != nil {
			continue
		}
		t = t.UTC()
		return t, t.Year() >= 1 && t.Year() <= 9999
	}
	return time.Time{}, false
}

// describe names the kind of a JSON value, for sentences.
func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return "the string " + strconv.Quote(shorten(v))
	case json.Number:
		return "the number " + shorten(string(v))
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	default:
		return fmt.Sprintf("a %T", value)
	}
}

// shorten keeps hostile names and values from filling an answer.
func shorten(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
