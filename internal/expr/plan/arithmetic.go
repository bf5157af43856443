package plan

import (
	"math"
	"math/bits"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// wrap cuts n to the size of the type.
func (s shape) wrap(n int64) int64 {
	switch {
	case s.bits == 32 && s.unsigned:
		return int64(uint32(n))
	case s.bits == 32:
		return int64(int32(n))
	case s.bits == 16 && s.unsigned:
		return int64(uint16(n))
	case s.bits == 16:
		return int64(int16(n))
	case s.bits == 8 && s.unsigned:
		return int64(uint8(n))
	case s.bits == 8:
		return int64(int8(n))
	}
	return n
}

// integerFunc is one arithmetic or bitwise operator on integers.
type integerFunc = func(a, b int64) (int64, *value.Exception)

func integerOp(op syntax.Kind, s shape, checked bool) integerFunc {
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
		return func(a, b int64) (int64, *value.Exception) { return s.wrap(a ^ b), nil }
	}
	return nil
}

func wrapping(op syntax.Kind, s shape) integerFunc {
	switch op {
	case syntax.Plus:
		return func(a, b int64) (int64, *value.Exception) { return s.wrap(a + b), nil }
	case syntax.Minus:
		return func(a, b int64) (int64, *value.Exception) { return s.wrap(a - b), nil }
	}
	return func(a, b int64) (int64, *value.Exception) { return s.wrap(a * b), nil }
}

func checkedOp(op syntax.Kind, s shape, a, b int64) (int64, *value.Exception) {
	if s.bits < 64 {
		n := a + b
		switch op {
		case syntax.Minus:
			n = a - b
		case syntax.Star:
			n = a * b
		}
		if s.wrap(n) != n {
			return 0, value.Overflow("")
		}
		return n, nil
	}
	if s.unsigned {
		return checkedUnsigned(op, uint64(a), uint64(b))
	}
	var n int64
	bad := false
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

func divide(op syntax.Kind, s shape, a, b int64) (int64, *value.Exception) {
	switch {
	case b == 0:
		return 0, value.DivideByZero()
	case s.unsigned && op == syntax.Slash:
		return int64(uint64(a) / uint64(b)), nil
	case s.unsigned:
		return int64(uint64(a) % uint64(b)), nil
	case b == -1 && a == int64(-1)<<(s.bits-1):
		return 0, value.Overflow("")
	case op == syntax.Slash:
		return a / b, nil
	}
	return a % b, nil
}

func shift(op syntax.Kind, s shape) integerFunc {
	mask := int64(s.bits - 1)
	switch {
	case op == syntax.ShiftLeft:
		return func(a, b int64) (int64, *value.Exception) { return s.wrap(a << (b & mask)), nil }
	case s.unsigned:
		return func(a, b int64) (int64, *value.Exception) { return s.wrap(int64(uint64(a) >> (b & mask))), nil }
	}
	return func(a, b int64) (int64, *value.Exception) { return a >> (b & mask), nil }
}

func (c *compiler) integerBinary(x *bound.Binary, s shape) code {
	a, b, pos := c.int(x.X), c.int(x.Y), posOf(x)
	if test := integerTest(x.Op, s); test != nil {
		return code{b: func(f *Frame) (bool, *value.Exception) {
			p, e := a(f)
			if e != nil {
				return false, e
			}
			q, e := b(f)
			return test(p, q), e
		}}
	}
	op := integerOp(x.Op, s, x.Checked)
	if op == nil {
		return c.fail(x)
	}
	if x.Op == syntax.Plus && s.bits == 32 && !s.unsigned && !x.Checked {
		return code{i: func(f *Frame) (int64, *value.Exception) {
			p, e := a(f)
			if e != nil {
				return 0, e
			}
			q, e := b(f)
			return int64(int32(p + q)), e
		}}
	}
	return code{i: func(f *Frame) (int64, *value.Exception) {
		p, e := a(f)
		if e != nil {
			return 0, e
		}
		q, e := b(f)
		if e != nil {
			return 0, e
		}
		n, e := op(p, q)
		return n, at(e, pos)
	}}
}

// integerTest is a comparison of integers, nil for another operator.
func integerTest(op syntax.Kind, s shape) func(a, b int64) bool {
	wide := s.unsigned && s.bits == 64
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

func (c *compiler) floatBinary(x *bound.Binary, s shape) code {
	a, b := c.float(x.X), c.float(x.Y)
	if test := floatTest(x.Op); test != nil {
		return code{b: func(f *Frame) (bool, *value.Exception) {
			p, e := a(f)
			if e != nil {
				return false, e
			}
			q, e := b(f)
			return test(p, q), e
		}}
	}
	op, single := x.Op, s.single
	return code{f: func(f *Frame) (float64, *value.Exception) {
		p, e := a(f)
		if e != nil {
			return 0, e
		}
		q, e := b(f)
		if e != nil {
			return 0, e
		}
		n := 0.0
		switch op {
		case syntax.Plus:
			n = p + q
		case syntax.Minus:
			n = p - q
		case syntax.Star:
			n = p * q
		case syntax.Slash:
			n = p / q
		default:
			n = math.Mod(p, q)
		}
		if single {
			n = float64(float32(n))
		}
		return n, nil
	}}
}

func floatTest(op syntax.Kind) func(a, b float64) bool {
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

func (c *compiler) decimalBinary(x *bound.Binary) code {
	a, b, pos, op := c.val(x.X), c.val(x.Y), posOf(x), x.Op
	both := func(f *Frame) (p, q *value.Decimal, e *value.Exception) {
		v, e := a(f)
		if e != nil {
			return nil, nil, e
		}
		w, e := b(f)
		return value.AsDecimal(v), value.AsDecimal(w), e
	}
	if test := integerTest(op, shape{bits: 64}); test != nil {
		return code{b: func(f *Frame) (bool, *value.Exception) {
			p, q, e := both(f)
			if e != nil {
				return false, e
			}
			return test(int64(p.Cmp(q)), 0), nil
		}}
	}
	class := x.Operand
	return code{v: func(f *Frame) (value.Value, *value.Exception) {
		p, q, e := both(f)
		if e != nil {
			return value.Nil, e
		}
		var d *value.Decimal
		switch op {
		case syntax.Plus, syntax.Minus:
			d, e = p.Add(q, op == syntax.Minus)
		case syntax.Star:
			d, e = p.Mul(q)
		case syntax.Slash:
			d, e = p.Div(q)
		default:
			d, e = p.Rem(q)
		}
		if e != nil {
			return value.Nil, at(e, pos)
		}
		d.Class = class
		return value.OfObject(d), nil
	}}
}
