package number

import (
	"math"
	"strconv"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// The digits that the .NET Framework shows of a double and of a float where the format does not ask for more.
// A number is first rounded to so many digits, and then, half away from zero, to the places of the format.
const (
	doubleShown = 15
	singleShown = 7
)

// framework formats a number as the .NET Framework does.
func (r Real) framework(f float64, letter byte, p int, format string) (string, *value.Exception) {
	shown, unique := doubleShown, doubleDigits
	if r.Single {
		shown, unique = singleShown, singleDigits
	}
	keep := shown
	switch letter | 0x20 {
	case 'r':
		return roundTrip(f, r.Single, shown, unique, letter-'R'+'E'), nil
	case 'g':
		if p > shown {
			keep = unique
		}
	case 'e':
		if p >= shown || p < 0 && r.Single && 6 >= shown {
			keep = unique
		}
	case 'f', 'n', 'c', 'p':
	case 'd', 'x', 'b':
		return "", errFormat()
	default:
		if letter != 0 {
			return "", errFormat()
		}
	}
	return unsignedZero(f, keep).format(letter, p, shown, format)
}

// roundTrip writes the digits that are shown, and where they are another number the digits that make it unique.
func roundTrip(f float64, single bool, shown, unique int, letter byte) string {
	bits := 64
	if single {
		bits = 32
	}
	most := shown
	if back, err := strconv.ParseFloat(strconv.FormatFloat(f, 'e', shown-1, 64), bits); err != nil || back != f {
		most = unique
	}
	d := unsignedZero(f, most)
	return d.sign() + d.general(most, letter)
}

// unsignedZero returns that many digits of f. A zero, and what becomes one by rounding, has no sign.
func unsignedZero(f float64, keep int) *digits {
	d := ofFloat(f, false, 'e', keep-1)
	d.float = false
	d.neg = d.neg && f != 0
	return d
}

// Parse reads a number as r's runtime does: where it is too large, .NET has infinity and the .NET Framework an
// OverflowException, and of -0 the .NET Framework drops the sign.
func (r Real) Parse(s string, style Style) (float64, *value.Exception) {
	f, e := ParseFloat(s, style, r.Single)
	if e != nil || r.Runtime == value.Net {
		return f, e
	}
	if _, finite := scan(s, style); finite && math.IsInf(f, 0) {
		name := "Double"
		if r.Single {
			name = "Single"
		}
		return 0, value.Overflow("Value was either too large or too small for a " + name + ".")
	}
	if f == 0 {
		return 0, nil
	}
	return f, nil
}
