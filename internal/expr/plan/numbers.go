package plan

import (
	"math"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/plan/arithmetic"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func (c *compiler) integerBinary(x *bound.Binary, s arithmetic.Shape) code {
	a, b, pos := c.int(x.X), c.int(x.Y), posOf(x)
	if test := arithmetic.IntegerTest(x.Op, s); test != nil {
		return code{b: func(f *Frame) (bool, *value.Exception) {
			p, e := a(f)
			if e != nil {
				return false, e
			}
			q, e := b(f)
			return test(p, q), e
		}}
	}
	op := arithmetic.IntegerOp(x.Op, s, x.Checked)
	if op == nil {
		return c.fail(x)
	}
	if x.Op == syntax.Plus && s.Bits == 32 && !s.Unsigned && !x.Checked {
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

func (c *compiler) floatBinary(x *bound.Binary, s arithmetic.Shape) code {
	a, b := c.float(x.X), c.float(x.Y)
	if test := arithmetic.FloatTest(x.Op); test != nil {
		return code{b: func(f *Frame) (bool, *value.Exception) {
			p, e := a(f)
			if e != nil {
				return false, e
			}
			q, e := b(f)
			return test(p, q), e
		}}
	}
	op, single := x.Op, s.Single
	return code{f: func(f *Frame) (float64, *value.Exception) {
		p, e := a(f)
		if e != nil {
			return 0, e
		}
		q, e := b(f)
		if e != nil {
			return 0, e
		}
		var n float64
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

// decimalSize is what one decimal costs of the memory budget, in bytes.
const decimalSize = 48

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
	if test := arithmetic.IntegerTest(op, arithmetic.Shape{Bits: 64}); test != nil {
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
		return value.OfObject(d), f.Thread.Budget.Alloc(decimalSize)
	}}
}
