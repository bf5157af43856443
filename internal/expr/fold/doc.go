// Package fold computes constant expressions: literals, the predefined operators on numbers, booleans,
// strings and enums, and the conversions between them, as the C# compiler does while it compiles.
package fold

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Outcome says how folding ended.
type Outcome uint8

// The outcomes.
const (
	// OK says that there is a value.
	OK Outcome = iota
	// Overflow says that the value does not fit its type in a checked context.
	Overflow
	// DivideByZero says that an integer or a decimal is divided by zero.
	DivideByZero
	// NotConstant says that the operation is left to the run.
	NotConstant
)

// widths are the sizes of the integer types in bits; char counts as one.
var widths = map[types.Special]uint{
	types.SByte: 8, types.Byte: 8, types.Int16: 16, types.UInt16: 16, types.Char: 16,
	types.Int32: 32, types.UInt32: 32, types.Int64: 64, types.UInt64: 64,
}

// shape returns the size of an integer type, of char or of an enum, and whether it is unsigned.
func shape(t *types.Type) (bits uint, unsigned bool) {
	if t.Kind == types.Enum {
		t = t.Def.Underlying
	}
	s := t.Special()
	switch s {
	case types.Byte, types.UInt16, types.UInt32, types.UInt64, types.Char:
		unsigned = true
	}
	return widths[s], unsigned
}

// IsIntegral reports whether constants of the type are whole numbers: integers, char, enums.
func IsIntegral(t *types.Type) bool {
	bits, _ := shape(t)
	return bits > 0
}

// wrap cuts n to the size of an integer type.
func wrap(n int64, bits uint, unsigned bool) int64 {
	switch {
	case bits == 64:
		return n
	case unsigned:
		return n & (1<<bits - 1)
	default:
		return n << (64 - bits) >> (64 - bits)
	}
}

// Fits reports whether a whole number converts to the integer type without loss. The number is a ulong's
// bits where wide.
func Fits(n int64, wide bool, t *types.Type) bool {
	bits, unsigned := shape(t)
	switch {
	case bits == 0:
		return false
	case wide && n < 0:
		return bits == 64 && unsigned
	case unsigned && n < 0:
		return false
	default:
		return bits == 64 || wrap(n, bits, unsigned) == n
	}
}

// integer returns the outcome of an operation on integers of a type.
func integer(t *types.Type, n int64, overflow, checked bool) (value.Value, Outcome) {
	bits, unsigned := shape(t)
	w := wrap(n, bits, unsigned)
	if checked && (overflow || w != n) {
		return value.Nil, Overflow
	}
	return value.Boxed(t, uint64(w)), OK
}

// floating returns a float or double, a float rounded to its 32 bits.
func floating(t *types.Type, f float64) (value.Value, Outcome) {
	if t.Special() == types.Single {
		f = float64(float32(f))
	}
	return value.BoxedFloat(t, f), OK
}

// decimal returns the outcome of an operation on decimals.
func decimal(d *value.Decimal, e *value.Exception) (value.Value, Outcome) {
	switch {
	case e == nil:
		return value.OfObject(d), OK
	case e.Type == value.DivideByZeroException:
		return value.Nil, DivideByZero
	default:
		return value.Nil, Overflow
	}
}
