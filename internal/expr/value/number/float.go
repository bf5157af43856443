package number

import (
	"math"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// The digits that make a double and a float unique, and those that custom formats show.
const (
	doubleDigits, doubleCustom = 17, 15
	singleDigits, singleCustom = 9, 7
)

// Real says how a floating-point number is written and read.
type Real struct {
	// Single tells float from double.
	Single bool
	// Runtime is whose digits are shown.
	Runtime value.Runtime
}

// Text returns what ToString() returns.
func (r Real) Text(f float64) string {
	text, _ := r.Format(f, "")
	return text
}

// RoundTrip returns what ToString("R") returns: the text from which the same number is read again.
func (r Real) RoundTrip(f float64) string {
	text, _ := r.Format(f, "R")
	return text
}

// Format returns what ToString(format) returns. Its exception is a FormatException.
func (r Real) Format(f float64, format string) (string, *value.Exception) {
	if text, ok := special(f); ok {
		return text, nil
	}
	letter, p, e := standard(format)
	if e != nil {
		return "", e
	}
	if r.Runtime == value.NetFramework {
		return r.framework(f, letter, p, format)
	}
	single, most, custom := r.Single, doubleDigits, doubleCustom
	if single {
		most, custom = singleDigits, singleCustom
	}
	switch letter | 0x20 {
	case 'r':
		d := ofFloat(f, single, 'e', -1)
		return d.sign() + d.general(max(most, len(d.d)), letter-'R'+'E'), nil
	case 'g':
		if p <= 0 {
			d := ofFloat(f, single, 'e', -1)
			return d.sign() + d.general(max(most, len(d.d)), letter-2), nil
		}
		return ofFloat(f, single, 'e', p-1).format(letter, p, most, format)
	case 'e':
		if p < 0 {
			p = 6
		}
		return ofFloat(f, single, 'e', p).format(letter, p, most, format)
	case 'f', 'n', 'c':
		return ofFloat(f, single, 'f', orTwo(p)).format(letter, p, most, format)
	case 'p':
		return ofFloat(f, single, 'f', orTwo(p)+2).format(letter, p, most, format)
	case 'd', 'x', 'b':
		return "", errFormat()
	}
	if letter != 0 {
		return "", errFormat()
	}
	d := ofFloat(f, single, 'e', custom-1)
	d.trim()
	return d.format(0, 0, 0, format)
}

func orTwo(p int) int {
	if p < 0 {
		return 2
	}
	return p
}

func special(f float64) (string, bool) {
	switch {
	case math.IsNaN(f):
		return "NaN", true
	case math.IsInf(f, 1):
		return "Infinity", true
	case math.IsInf(f, -1):
		return "-Infinity", true
	}
	return "", false
}

// ofFloat returns the digits of f as strconv rounds them: exactly, half to even.
func ofFloat(f float64, single bool, kind byte, p int) *digits {
	bits := 64
	if single && p < 0 {
		bits = 32
	}
	text := strconv.FormatFloat(math.Abs(f), kind, p, bits)
	d := &digits{neg: math.Signbit(f), float: true}
	e := 0
	if i := strings.IndexByte(text, 'e'); i >= 0 {
		e, _ = strconv.Atoi(text[i+1:])
		text = text[:i]
	}
	whole, frac, _ := strings.Cut(text, ".")
	all := whole + frac
	lead := len(all) - len(strings.TrimLeft(all, "0"))
	d.d = []byte(all[lead:])
	d.pos = len(whole) + e - lead
	d.trim()
	if len(d.d) == 0 {
		d.pos = 0
	}
	return d
}
