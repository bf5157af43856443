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
	start := r.At
	if strings.HasPrefix(r.Text[r.At:], "-Infinity") {
		return r.word()
	}
	for r.At < len(r.Text) && strings.IndexByte("0123456789+-.eExXabcdfABCDF", r.Text[r.At]) >= 0 {
		r.At++
	}
	text := r.Text[start:r.At]
	if r.At < len(r.Text) && isNamePart(r.Text[r.At]) {
		r.At++
		return nil, r.Fail(fmt.Sprintf("Unexpected character encountered while parsing number: %c. Path ''", r.Text[r.At-1]))
	}
	hex := strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X") || strings.HasPrefix(text, "-0x")
	if !hex && strings.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil && !math.IsInf(f, 0) || strings.HasSuffix(text, ".") && len(text) == 1 {
			return nil, r.Fail("Input string '" + text + "' is not a valid double. Path ''")
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
		return nil, r.Fail("JSON integer is too large to parse. Path ''")
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, r.Fail("Input string '" + text + "' is not a valid integer. Path ''")
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
