package json

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/json/isodate"
	"github.com/sallyport/sallyport/internal/expr/value"
)

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
		if bits, ok := isodate.Parse(s); ok {
			return w.scalar(Date, value.Boxed(w.date, uint64(bits)))
		}
	}
	return w.scalar(String, value.OfGo(s))
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
