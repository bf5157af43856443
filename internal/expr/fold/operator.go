package fold

import (
	"cmp"
	"math"
	"math/bits"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Unary computes + - ! ~ on a constant of the operand type t.
func Unary(op syntax.Kind, t *types.Type, v value.Value, checked bool) (value.Value, Outcome) {
	switch {
	case op == syntax.Plus:
		return v, OK
	case op == syntax.Bang:
		return value.BoxedBool(t, !v.Bool()), OK
	case op == syntax.Tilde:
		return integer(t, ^v.Int(), false, false)
	case op != syntax.Minus:
		return value.Nil, NotConstant
	case t.Special() == types.Decimal:
		return value.OfObject(value.AsDecimal(v).Negated()), OK
	case t.Storage() == types.Float:
		return floating(t, -v.Float())
	default:
		n := v.Int()
		return integer(t, -n, n == math.MinInt64, checked)
	}
}

// Binary computes an operator on two constants of the operand type t (an int on the right of a shift).
// Comparisons yield a bool of type boolean.
func Binary(op syntax.Kind, t, boolean *types.Type, x, y value.Value, checked bool) (value.Value, Outcome) {
	if order, ok := compare(op, t, x, y); ok {
		return value.BoxedBool(boolean, order), OK
	}
	switch {
	case t.Special() == types.Boolean:
		return logical(op, t, x.Bool(), y.Bool())
	case t.Special() == types.Decimal:
		return decimals(op, value.AsDecimal(x), value.AsDecimal(y))
	case t.Storage() == types.Float:
		return floats(op, t, x.Float(), y.Float())
	case IsIntegral(t):
		return integers(op, t, x.Int(), y.Int(), checked)
	default:
		return value.Nil, NotConstant
	}
}

// compare computes a comparison and reports whether op is one that t has.
func compare(op syntax.Kind, t *types.Type, x, y value.Value) (result, ok bool) {
	switch op {
	case syntax.EqEq, syntax.NotEq, syntax.Less, syntax.LessEq, syntax.Greater, syntax.GreaterEq:
	default:
		return false, false
	}
	switch {
	case t.Special() == types.String:
		equal := x.StringOrNull().Equal(y.StringOrNull())
		return equal == (op == syntax.EqEq), op == syntax.EqEq || op == syntax.NotEq
	case t.Storage() == types.Float:
		return ordered(op, x.Float(), y.Float()), true
	case t.Special() == types.Decimal:
		return ordered(op, value.AsDecimal(x).Cmp(value.AsDecimal(y)), 0), true
	case t.Special() == types.Boolean:
		return ordered(op, x.Bits(), y.Bits()), true
	case !IsIntegral(t):
		return false, false
	}
	if size, unsigned := shape(t); size == 64 && unsigned {
		return ordered(op, x.Bits(), y.Bits()), true
	}
	return ordered(op, x.Int(), y.Int()), true
}

func ordered[T cmp.Ordered](op syntax.Kind, x, y T) bool {
	switch op {
	case syntax.EqEq:
		return x == y
	case syntax.NotEq:
		return x != y
	case syntax.Less:
		return x < y
	case syntax.LessEq:
		return x <= y
	case syntax.Greater:
		return x > y
	default:
		return x >= y
	}
}

func logical(op syntax.Kind, t *types.Type, x, y bool) (value.Value, Outcome) {
	switch op {
	case syntax.Amp, syntax.AmpAmp:
		return value.BoxedBool(t, x && y), OK
	case syntax.Pipe, syntax.PipePipe:
		return value.BoxedBool(t, x || y), OK
	case syntax.Caret:
		return value.BoxedBool(t, x != y), OK
	default:
		return value.Nil, NotConstant
	}
}

func decimals(op syntax.Kind, x, y *value.Decimal) (value.Value, Outcome) {
	switch op {
	case syntax.Plus, syntax.Minus:
		return decimal(x.Add(y, op == syntax.Minus))
	case syntax.Star:
		return decimal(x.Mul(y))
	case syntax.Slash:
		return decimal(x.Div(y))
	case syntax.Percent:
		return decimal(x.Rem(y))
	default:
		return value.Nil, NotConstant
	}
}

func floats(op syntax.Kind, t *types.Type, x, y float64) (value.Value, Outcome) {
	switch op {
	case syntax.Plus:
		return floating(t, x+y)
	case syntax.Minus:
		return floating(t, x-y)
	case syntax.Star:
		return floating(t, x*y)
	case syntax.Slash:
		return floating(t, x/y)
	case syntax.Percent:
		return floating(t, math.Mod(x, y))
	default:
		return value.Nil, NotConstant
	}
}

func integers(op syntax.Kind, t *types.Type, x, y int64, checked bool) (value.Value, Outcome) {
	size, unsigned := shape(t)
	switch op {
	case syntax.Plus:
		return integer(t, x+y, size == 64 && addOverflows(x, y, unsigned), checked)
	case syntax.Minus:
		return integer(t, x-y, size == 64 && subOverflows(x, y, unsigned), checked)
	case syntax.Star:
		return integer(t, x*y, size == 64 && mulOverflows(x, y, unsigned), checked)
	case syntax.Slash, syntax.Percent:
		return quotient(op, t, x, y, unsigned)
	case syntax.Amp:
		return integer(t, x&y, false, false)
	case syntax.Pipe:
		return integer(t, x|y, false, false)
	case syntax.Caret:
		return integer(t, x^y, false, false)
	case syntax.ShiftLeft:
		return integer(t, x<<(uint(y)&(size-1)), false, false)
	case syntax.ShiftRight:
		if unsigned {
			return integer(t, int64(uint64(x)>>(uint(y)&(size-1))), false, false)
		}
		return integer(t, x>>(uint(y)&(size-1)), false, false)
	default:
		return value.Nil, NotConstant
	}
}

func quotient(op syntax.Kind, t *types.Type, x, y int64, unsigned bool) (value.Value, Outcome) {
	size, _ := shape(t)
	switch {
	case y == 0:
		return value.Nil, DivideByZero
	case unsigned && op == syntax.Slash:
		return integer(t, int64(uint64(x)/uint64(y)), false, false)
	case unsigned:
		return integer(t, int64(uint64(x)%uint64(y)), false, false)
	case y == -1 && x == math.MinInt64>>(64-size):
		return value.Nil, Overflow
	case op == syntax.Slash:
		return integer(t, x/y, false, false)
	default:
		return integer(t, x%y, false, false)
	}
}

func addOverflows(x, y int64, unsigned bool) bool {
	if unsigned {
		_, carry := bits.Add64(uint64(x), uint64(y), 0)
		return carry != 0
	}
	s := x + y
	return (s > x) != (y > 0) && y != 0
}

func subOverflows(x, y int64, unsigned bool) bool {
	if unsigned {
		return uint64(x) < uint64(y)
	}
	d := x - y
	return (d < x) != (y > 0) && y != 0
}

func mulOverflows(x, y int64, unsigned bool) bool {
	if unsigned {
		hi, _ := bits.Mul64(uint64(x), uint64(y))
		return hi != 0
	}
	if x == 0 || y == 0 {
		return false
	}
	p := x * y
	return p/y != x || x == -1 && y == math.MinInt64 || y == -1 && x == math.MinInt64
}

// Join returns the concatenation of two constants of type string or char, null being empty.
func Join(x, y value.Value) value.Value {
	return value.OfGo(strings.Join([]string{text(x), text(y)}, ""))
}

func text(v value.Value) string {
	if s, ok := v.Str(); ok {
		return s.Go()
	}
	if _, bits, ok := v.Boxed(); ok {
		return value.UnitString(uint16(bits))
	}
	return ""
}
