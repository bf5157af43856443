package json

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// special returns the number that NaN and Infinity stand for.
func special(text string) float64 {
	switch text {
	case "NaN":
		return math.NaN()
	case "Infinity":
		return math.Inf(1)
	}
	return math.Inf(-1)
}

// number reads an integer or a float. An integer that 64 bits do not hold becomes a BigInteger; a leading zero
// means octal, 0x hexadecimal.
func (r *reader) number() (*Token, *value.Exception) {
	start := r.i
	if strings.HasPrefix(r.s[r.i:], "-Infinity") {
		return r.word()
	}
	for r.i < len(r.s) && strings.IndexByte("0123456789+-.eExXabcdfABCDF", r.s[r.i]) >= 0 {
		r.i++
	}
	text := r.s[start:r.i]
	if r.i < len(r.s) && isNamePart(r.s[r.i]) {
		r.i++
		return nil, r.fail(fmt.Sprintf("Unexpected character encountered while parsing number: %c. Path ''", r.s[r.i-1]))
	}
	hex := strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X") || strings.HasPrefix(text, "-0x")
	if !hex && strings.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil && !math.IsInf(f, 0) || strings.HasSuffix(text, ".") && len(text) == 1 {
			return nil, r.fail("Input string '" + text + "' is not a valid double. Path ''")
		}
		return r.world.scalar(Float, value.BoxedFloat(r.world.double, f)), nil
	}
	return r.integer(text, hex)
}

func (r *reader) integer(text string, hex bool) (*Token, *value.Exception) {
	base := 10
	digits := strings.TrimPrefix(text, "-")
	switch {
	case hex:
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base = 8
	}
	if n, err := strconv.ParseInt(digits, base, 64); err == nil {
		if digits != text && text[0] == '-' {
			n = -n
		}
		return r.world.integer(n), nil
	}
	if len(digits) > maxDigits {
		return nil, r.fail("JSON integer is too large to parse. Path ''")
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, r.fail("Input string '" + text + "' is not a valid integer. Path ''")
	}
	if text[0] == '-' {
		n.Neg(n)
		if n.IsInt64() {
			return r.world.integer(n.Int64()), nil
		}
	}
	return r.world.scalar(Integer, value.OfObject(&bigInteger{class: r.world.big, n: n})), nil
}

// maxDigits is the number of digits of the longest integer that is read.
const maxDigits = 380

// integer returns a JValue of a long.
func (w *world) integer(n int64) *Token {
	return w.scalar(Integer, value.Boxed(w.long, uint64(n)))
}

// text returns a JValue of a string, or of the date that it is written as.
func (w *world) text(s string, dates bool) *Token {
	if dates {
		if bits, ok := isoDate(s); ok {
			return w.scalar(Date, value.Boxed(w.date, uint64(bits)))
		}
	}
	return w.scalar(String, value.OfGo(s))
}

// isoDate reads a date as Newtonsoft recognises one in a string: ISO 8601 with a T, or /Date(milliseconds)/.
func isoDate(s string) (int64, bool) {
	if strings.HasPrefix(s, "/Date(") && strings.HasSuffix(s, ")/") {
		ms, err := strconv.ParseInt(s[6:len(s)-2], 10, 64)
		ticks := date.UnixTicks + ms*date.PerMillisecond
		return date.Bits(ticks, date.UTC), err == nil && date.Valid(ticks)
	}
	if len(s) < 19 || len(s) > 40 || s[10] != 'T' {
		return 0, false
	}
	ticks, ok := isoClock(s)
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
	return isoZone(ticks, rest)
}

// isoClock reads yyyy-MM-ddTHH:mm:ss.
func isoClock(s string) (int64, bool) {
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
	clock, ok2 := date.Clock(f[3], f[4], f[5])
	return day + clock, ok && ok2
}

// isoZone applies what follows the time: nothing, Z, or an offset, which makes it a local time.
func isoZone(ticks int64, zone string) (int64, bool) {
	switch {
	case zone == "":
		return date.Bits(ticks, date.Unspecified), date.Valid(ticks)
	case zone == "Z":
		return date.Bits(ticks, date.UTC), date.Valid(ticks)
	case zone[0] != '+' && zone[0] != '-':
		return 0, false
	}
	digits := strings.ReplaceAll(zone[1:], ":", "")
	if len(digits) == 2 {
		digits += "00"
	}
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) != 4 || n%100 > 59 {
		return 0, false
	}
	offset := int64(n/100)*date.PerHour + int64(n%100)*date.PerMinute
	if zone[0] == '-' {
		offset = -offset
	}
	ticks -= offset
	return date.Bits(ticks, date.Local), date.Valid(ticks)
}

// string reads a quoted string.
func (r *reader) string() (string, *value.Exception) {
	quote := r.s[r.i]
	r.i++
	start := r.i
	for r.i < len(r.s) && r.s[r.i] != quote && r.s[r.i] != '\\' {
		r.i++
	}
	if r.peek() == quote && r.i < len(r.s) {
		r.i++
		return r.s[start : r.i-1], nil
	}
	return r.escaped(quote, r.s[start:r.i])
}

// escaped reads the rest of a string that has escapes.
func (r *reader) escaped(quote byte, head string) (string, *value.Exception) {
	b := value.NewText(r.thread)
	b.Add(head)
	surrogates := false
	for r.i < len(r.s) {
		c := r.s[r.i]
		r.i++
		switch {
		case c == quote:
			if !surrogates {
				return b.Done()
			}
			return r.joined(&b)
		case c != '\\':
			b.Char(c)
		default:
			u, e := r.escape()
			if e != nil {
				return "", e
			}
			surrogates = surrogates || u >= 0xD800 && u <= 0xDFFF
			b.Rune(rune(u))
		}
	}
	return "", r.fail("Unterminated string. Expected delimiter: " + string(quote) + ". Path ''")
}

// shortEscapes are the escapes of one letter.
var shortEscapes = map[byte]byte{'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r', '\\': '\\', '"': '"', '\'': '\'', '/': '/'}

// joined returns a text in which pairs of surrogates that were escaped one by one are one character.
func (r *reader) joined(b *value.Text) (string, *value.Exception) {
	s, e := b.Done()
	if e == nil {
		e = r.thread.Budget.Alloc(joinedBytes * int64(len(s)))
	}
	if e != nil {
		return "", e
	}
	return value.FromUnits(value.Units(s)), nil
}

// joinedBytes is what joining surrogates takes of the memory budget for each byte.
const joinedBytes = 4

// escape reads what follows a backslash: one UTF-16 code unit.
func (r *reader) escape() (uint16, *value.Exception) {
	if r.i >= len(r.s) {
		return 0, r.fail("Unterminated string. Expected delimiter: \". Path ''")
	}
	c := r.s[r.i]
	r.i++
	if s, ok := shortEscapes[c]; ok {
		return uint16(s), nil
	}
	if c != 'u' {
		return 0, r.fail("Bad JSON escape sequence: \\" + string(c) + ". Path ''")
	}
	if r.i+4 > len(r.s) {
		return 0, r.fail("Unexpected end while parsing Unicode escape sequence. Path ''")
	}
	n, err := strconv.ParseUint(r.s[r.i:r.i+4], 16, 16)
	if err != nil {
		return 0, r.fail("Invalid Unicode escape sequence: \\u" + r.s[r.i:r.i+4] + ". Path ''")
	}
	r.i += 4
	return uint16(n), nil
}
