// Package arithmetic computes with the numbers of C#: wrapping and checked integers of every size, comparisons,
// and the conversion of floating-point numbers to integers.
package arithmetic

import (
	"math"
	"math/bits"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Shape is what an operator needs to know of its operands' type.
type Shape struct {
	// Storage says how values are kept.
	Storage types.Storage
	// Bits is the size of an integer type, 0 for other types; Unsigned says that it has no sign.
	Bits     int
	Unsigned bool
	// Single tells float from double; Decimal says that the type is decimal.
	Single, Decimal bool
}

// Of returns the shape of a type: for an enum that of its integer type.
func Of(t *types.Type) Shape {
	u := t
	if t.Kind == types.Enum {
		u = t.Def.Underlying
	}
	s := Shape{Storage: t.Storage(), Single: t.Special() == types.Single, Decimal: t.Special() == types.Decimal}
	s.Bits, s.Unsigned = object.IntegerSize(u.Special())
	return s
}

// Wrap cuts n to the size of the type.
func (s Shape) Wrap(n int64) int64 {
	switch {
	case s.Bits == 32 && s.Unsigned:
		return int64(uint32(n))
	case s.Bits == 32:
		return int64(int32(n))
	case s.Bits == 16 && s.Unsigned:
		return int64(uint16(n))
	case s.Bits == 16:
		return int64(int16(n))
	case s.Bits == 8 && s.Unsigned:
		return int64(uint8(n))
	case s.Bits == 8:
		return int64(int8(n))
	}
	return n
}

// IntegerFunc is one arithmetic or bitwise operator on integers.
type IntegerFunc = func(a, b int64) (int64, *value.Exception)

// IntegerOp returns an arithmetic or bitwise operator, nil for another one. Checked says that overflow throws.
func IntegerOp(op syntax.Kind, s Shape, checked bool) IntegerFunc {
	switch op {
	case syntax.Plus, syntax.Minus, syntax.Star:
		if checked {
			return func(a, b int64) (int64, *value.Exception) { return checkedOp(op, s, a, b) }
		}
		return wrapping(op, s)
	case syntax.Slash, syntax.Percent:
		return func(a, b int64) (int64, *value.Exception) { return divide(op, s, a, b) }
	case syntax.ShiftLeft, syntax.ShiftRight:
		return shift(op, s)
	case syntax.Amp:
		return func(a, b int64) (int64, *value.Exception) { return a & b, nil }
	case syntax.Pipe:
		return func(a, b int64) (int64, *value.Exception) { return a | b, nil }
	case syntax.Caret:
		return func(a, b int64) (int64, *value.Exception) { return s.Wrap(a ^ b), nil }
	}
	return nil
}

func wrapping(op syntax.Kind, s Shape) IntegerFunc {
	switch op {
	case syntax.Plus:
		return func(a, b int64) (int64, *value.Exception) { return s.Wrap(a + b), nil }
	case syntax.Minus:
		return func(a, b int64) (int64, *value.Exception) { return s.Wrap(a - b), nil }
	}
	return func(a, b int64) (int64, *value.Exception) { return s.Wrap(a * b), nil }
}

func checkedOp(op syntax.Kind, s Shape, a, b int64) (int64, *value.Exception) {
	if s.Bits < 64 {
		n := a + b
		switch op {
		case syntax.Minus:
			n = a - b
		case syntax.Star:
			n = a * b
		}
		if s.Wrap(n) != n {
			return 0, value.Overflow("")
		}
		return n, nil
	}
	if s.Unsigned {
		return checkedUnsigned(op, uint64(a), uint64(b))
	}
	var n int64
	var bad bool
	switch op {
	case syntax.Plus:
		n = a + b
		bad = (a > 0 && b > 0 && n < 0) || (a < 0 && b < 0 && n >= 0)
	case syntax.Minus:
		n = a - b
		bad = (a >= 0 && b < 0 && n < 0) || (a < 0 && b > 0 && n >= 0)
	default:
		n = a * b
		bad = a != 0 && (n/a != b || a == -1 && b == math.MinInt64)
	}
	if bad {
		return 0, value.Overflow("")
	}
	return n, nil
}

func checkedUnsigned(op syntax.Kind, a, b uint64) (int64, *value.Exception) {
	var n, over uint64
	switch op {
	case syntax.Plus:
		n, over = bits.Add64(a, b, 0)
	case syntax.Minus:
		n, over = bits.Sub64(a, b, 0)
	default:
		over, n = bits.Mul64(a, b)
	}
	if over != 0 {
		return 0, value.Overflow("")
	}
	return int64(n), nil
}

func divide(op syntax.Kind, s Shape, a, b int64) (int64, *value.Exception) {
	switch {
	case b == 0:
		return 0, value.DivideByZero()
	case s.Unsigned && op == syntax.Slash:
		return int64(uint64(a) / uint64(b)), nil
	case s.Unsigned:
		return int64(uint64(a) % uint64(b)), nil
	case b == -1 && a == int64(-1)<<(s.Bits-1):
		return 0, value.Overflow("")
	case op == syntax.Slash:
		return a / b, nil
	}
	return a % b, nil
}

func shift(op syntax.Kind, s Shape) IntegerFunc {
	mask := int64(s.Bits - 1)
	switch {
	case op == syntax.ShiftLeft:
		return func(a, b int64) (int64, *value.Exception) { return s.Wrap(a << (b & mask)), nil }
	case s.Unsigned:
		return func(a, b int64) (int64, *value.Exception) { return s.Wrap(int64(uint64(a) >> (b & mask))), nil }
	}
	return func(a, b int64) (int64, *value.Exception) { return a >> (b & mask), nil }
}

// IntegerTest is a comparison of integers, nil for another operator.
func IntegerTest(op syntax.Kind, s Shape) func(a, b int64) bool {
	wide := s.Unsigned && s.Bits == 64
	switch op {
	case syntax.EqEq:
		return func(a, b int64) bool { return a == b }
	case syntax.NotEq:
		return func(a, b int64) bool { return a != b }
	case syntax.Less:
		if wide {
			return func(a, b int64) bool { return uint64(a) < uint64(b) }
		}
		return func(a, b int64) bool { return a < b }
	case syntax.LessEq:
		if wide {
			return func(a, b int64) bool { return uint64(a) <= uint64(b) }
		}
		return func(a, b int64) bool { return a <= b }
	case syntax.Greater:
		if wide {
			return func(a, b int64) bool { return uint64(a) > uint64(b) }
		}
		return func(a, b int64) bool { return a > b }
	case syntax.GreaterEq:
		if wide {
			return func(a, b int64) bool { return uint64(a) >= uint64(b) }
		}
		return func(a, b int64) bool { return a >= b }
	}
	return nil
}

// FloatTest is a comparison of floats, nil for another operator.
func FloatTest(op syntax.Kind) func(a, b float64) bool {
	switch op {
	case syntax.EqEq:
		return func(a, b float64) bool { return a == b }
	case syntax.NotEq:
		return func(a, b float64) bool { return a != b }
	case syntax.Less:
		return func(a, b float64) bool { return a < b }
	case syntax.LessEq:
		return func(a, b float64) bool { return a <= b }
	case syntax.Greater:
		return func(a, b float64) bool { return a > b }
	case syntax.GreaterEq:
		return func(a, b float64) bool { return a >= b }
	}
	return nil
}

// Truncate converts a float to an integer type. Unchecked, a value that does not fit becomes the nearest that
// does, and NaN zero, as .NET 9 and later do; types below 32 bits go through int.
func Truncate(v float64, to Shape, checked bool) (int64, *value.Exception) {
	s := to
	if !checked && s.Bits < 32 {
		s.Bits, s.Unsigned = 32, false
	}
	t := math.Trunc(v)
	low, high := -math.Ldexp(1, s.Bits-1), math.Ldexp(1, s.Bits-1)
	if s.Unsigned {
		low, high = 0, math.Ldexp(1, s.Bits)
	}
	switch {
	case t >= low && t < high:
		if s.Unsigned && s.Bits == 64 {
			return int64(uint64(t)), nil
		}
		return to.Wrap(int64(t)), nil
	case checked:
		return 0, value.Overflow("")
	case v != v:
		return 0, nil
	case t < low:
		if s.Unsigned {
			return 0, nil
		}
		return to.Wrap(math.MinInt64 >> (64 - s.Bits)), nil
	case s.Unsigned:
		return to.Wrap(-1), nil
	}
	return to.Wrap(math.MaxInt64 >> (64 - s.Bits)), nil
}
