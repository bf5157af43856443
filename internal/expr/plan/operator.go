package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/plan/arithmetic"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// unary compiles + - ! ~.
func (c *compiler) unary(x *bound.Unary) code {
	if x.Lifted {
		inner := *x
		inner.Lifted = false
		inner.T = x.T.Underlying()
		return c.lift(x.X, nil, func(a, _ bound.Expr) code {
			k := inner
			k.X = a
			return c.unary(&k)
		}, x.T)
	}
	if x.Method != nil {
		return c.operator(x, x.Method, x.X)
	}
	return c.plainUnary(x)
}

// operator compiles the use of a user-defined operator or conversion.
func (c *compiler) operator(node bound.Expr, m *types.Member, args ...bound.Expr) code {
	return c.member(invocation{node: node, m: m, impl: implOf(m), args: args, declaring: m.Declaring})
}

func (c *compiler) plainUnary(x *bound.Unary) code {
	if x.Op == syntax.Plus {
		return c.expr(x.X)
	}
	s, pos := arithmetic.Of(x.Operand), posOf(x)
	switch {
	case s.Storage == types.Bool:
		b := c.bool(x.X)
		return code{b: func(f *Frame) (bool, *value.Exception) {
			v, e := b(f)
			return !v, e
		}}
	case s.Storage == types.Int:
		n, op, left := c.int(x.X), arithmetic.IntegerOp(syntax.Minus, s, x.Checked), int64(0)
		if x.Op == syntax.Tilde {
			op, left = arithmetic.IntegerOp(syntax.Caret, s, false), -1
		}
		return code{i: func(f *Frame) (int64, *value.Exception) {
			v, e := n(f)
			if e != nil {
				return 0, e
			}
			v, e = op(left, v)
			return v, at(e, pos)
		}}
	case s.Storage == types.Float:
		n := c.float(x.X)
		return code{f: func(f *Frame) (float64, *value.Exception) {
			v, e := n(f)
			return -v, e
		}}
	}
	v := c.val(x.X)
	return code{v: func(f *Frame) (value.Value, *value.Exception) {
		d, e := v(f)
		if e != nil {
			return value.Nil, e
		}
		return value.OfObject(value.AsDecimal(d).Negated()), nil
	}}
}

// temp is an expression whose value is in a frame slot: what a lifted operator computes with.
func temp(l *bound.Local) bound.Expr {
	return &bound.LocalRef{Node: bound.Node{T: l.Type}, Local: l}
}

// lift compiles an operator on nullables: null where an operand is, else the operator on their values. For a
// comparison, whose result t is bool, null gives false.
func (c *compiler) lift(x, y bound.Expr, op func(a, b bound.Expr) code, t *types.Type) code {
	lx := &bound.Local{Type: x.Type().Underlying(), Owner: c.fn.bound}
	vx, setX := c.val(x), c.setLocal(lx)
	vy, setY := ValFunc(nil), func(*Frame, value.Value) {}
	var b bound.Expr
	if y != nil {
		ly := &bound.Local{Type: y.Type().Underlying(), Owner: c.fn.bound}
		vy, setY = c.val(y), c.setLocal(ly)
		b = temp(ly)
	}
	both := func(f *Frame) (ok bool, e *value.Exception) {
		p, e := vx(f)
		if e != nil {
			return false, e
		}
		q := p
		if vy != nil {
			if q, e = vy(f); e != nil {
				return false, e
			}
		}
		if p.IsNull() || q.IsNull() {
			return false, nil
		}
		setX(f, p)
		setY(f, q)
		return true, nil
	}
	inner := op(temp(lx), b)
	if t.Storage() == types.Bool && inner.b != nil {
		return code{b: choose(both, inner.b, func(*Frame) (bool, *value.Exception) { return false, nil })}
	}
	return code{v: choose(both, boxed(inner, t.Underlying()), func(*Frame) (value.Value, *value.Exception) { return value.Nil, nil })}
}

// binary compiles arithmetic, bitwise, relational and equality operators.
func (c *compiler) binary(x *bound.Binary) code {
	if x.Lifted {
		return c.liftedBinary(x)
	}
	if x.Method != nil {
		return c.operator(x, x.Method, x.X, x.Y)
	}
	s := arithmetic.Of(x.Operand)
	switch {
	case s.Storage == types.Int:
		return c.integerBinary(x, s)
	case s.Storage == types.Float:
		return c.floatBinary(x, s)
	case s.Storage == types.Bool:
		return c.boolBinary(x)
	case s.Decimal:
		return c.decimalBinary(x)
	case s.Storage == types.Str:
		return code{b: c.stringEquality(x)}
	}
	return code{b: c.reference(x)}
}

func (c *compiler) liftedBinary(x *bound.Binary) code {
	inner := *x
	inner.Lifted = false
	inner.T = x.T.Underlying()
	op := func(a, b bound.Expr) code {
		k := inner
		k.X, k.Y = a, b
		return c.binary(&k)
	}
	switch {
	case x.Op == syntax.EqEq || x.Op == syntax.NotEq:
		return code{b: c.liftedEquality(x, op)}
	case x.Operand.Special() == types.Boolean && (x.Op == syntax.Amp || x.Op == syntax.Pipe):
		return code{v: c.threeValued(x)}
	}
	return c.lift(x.X, x.Y, op, x.T)
}

// liftedEquality compiles == and != of nullables: null equals null.
func (c *compiler) liftedEquality(x *bound.Binary, op func(a, b bound.Expr) code) BoolFunc {
	lx := &bound.Local{Type: x.X.Type().Underlying(), Owner: c.fn.bound}
	ly := &bound.Local{Type: x.Y.Type().Underlying(), Owner: c.fn.bound}
	vx, vy, setX, setY := c.val(x.X), c.val(x.Y), c.setLocal(lx), c.setLocal(ly)
	inner, not := op(temp(lx), temp(ly)).b, x.Op == syntax.NotEq
	return func(f *Frame) (bool, *value.Exception) {
		p, e := vx(f)
		if e != nil {
			return false, e
		}
		q, e := vy(f)
		if e != nil {
			return false, e
		}
		if p.IsNull() || q.IsNull() {
			return (p.IsNull() && q.IsNull()) != not, nil
		}
		setX(f, p)
		setY(f, q)
		return inner(f)
	}
}

// threeValued compiles & and | of bool?.
func (c *compiler) threeValued(x *bound.Binary) ValFunc {
	vx, vy, or := c.val(x.X), c.val(x.Y), x.Op == syntax.Pipe
	env := c.env
	return func(f *Frame) (value.Value, *value.Exception) {
		p, e := vx(f)
		if e != nil {
			return value.Nil, e
		}
		q, e := vy(f)
		if e != nil {
			return value.Nil, e
		}
		switch {
		case !p.IsNull() && p.Bool() == or, !q.IsNull() && q.Bool() == or:
			return env.Bool(or), nil
		case p.IsNull() || q.IsNull():
			return value.Nil, nil
		}
		return env.Bool(!or), nil
	}
}

func (c *compiler) boolBinary(x *bound.Binary) code {
	a, b, op := c.bool(x.X), c.bool(x.Y), x.Op
	return code{b: func(f *Frame) (bool, *value.Exception) {
		p, e := a(f)
		if e != nil {
			return false, e
		}
		q, e := b(f)
		switch op {
		case syntax.Amp:
			return p && q, e
		case syntax.Pipe:
			return p || q, e
		case syntax.EqEq:
			return p == q, e
		}
		return p != q, e
	}}
}

func (c *compiler) stringEquality(x *bound.Binary) BoolFunc {
	not := x.Op == syntax.NotEq
	if l, ok := x.Y.(*bound.Literal); ok {
		a, want := c.str(x.X), l.Value.StringOrNull()
		if want.IsNull() {
			return func(f *Frame) (bool, *value.Exception) {
				s, e := a(f)
				return s.IsNull() != not, e
			}
		}
		text := want.Go()
		return func(f *Frame) (bool, *value.Exception) {
			s, e := a(f)
			return (s.Go() == text && !s.IsNull()) != not, e
		}
	}
	a, b := c.str(x.X), c.str(x.Y)
	return func(f *Frame) (bool, *value.Exception) {
		p, e := a(f)
		if e != nil {
			return false, e
		}
		q, e := b(f)
		return p.Equal(q) != not, e
	}
}

// reference compiles == and != of references: two boxes of a number are never the same.
func (c *compiler) reference(x *bound.Binary) BoolFunc {
	not := x.Op == syntax.NotEq
	if isNullLiteral(x.Y) {
		test := c.isNull(x.X)
		return func(f *Frame) (bool, *value.Exception) {
			ok, e := test(f)
			return ok != not, e
		}
	}
	a, b := c.val(x.X), c.val(x.Y)
	return func(f *Frame) (bool, *value.Exception) {
		p, e := a(f)
		if e != nil {
			return false, e
		}
		q, e := b(f)
		return same(p, q) != not, e
	}
}

func isNullLiteral(x bound.Expr) bool {
	l, ok := x.(*bound.Literal)
	return ok && l.Value.IsNull() && l.T.Storage() != types.Int
}

// same is reference equality. Strings are the same where they are one object: equal literals, or a variable
// and its copies, but not a header and a literal of the same content.
func same(p, q value.Value) bool {
	if s, ok := p.Str(); ok {
		t, ok := q.Str()
		return ok && value.SameString(s.Go(), t.Go())
	}
	o, ok := p.Object()
	if !ok {
		return p.IsNull() && q.IsNull()
	}
	r, _ := q.Object()
	return o == r
}
