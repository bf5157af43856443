package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/fold"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// unary types a prefix or postfix operator.
func (c *checker) unary(e *syntax.UnaryExpr) bound.Expr {
	switch e.Op {
	case syntax.PlusPlus, syntax.MinusMinus:
		return c.increment(e)
	case syntax.Amp, syntax.Star:
		c.report(e, "CS0214", "A policy expression cannot be unsafe: pointers are not allowed")
		return c.bad(e)
	case syntax.Minus:
		if x := c.smallest(e); x != nil {
			return x
		}
	}
	x := c.expr(e.X)
	if isBad(x) {
		return c.bad(e)
	}
	if operand(x) && !isNull(x) {
		if n := c.userUnary(e, x); n != nil {
			return n
		}
		if t := c.unaryType(e.Op, x); t != nil {
			return c.unaryOf(e, t, x)
		}
	}
	c.report(e, "CS0023", "'%s' is not defined for '%s'", operatorText[e.Op], x.Type().Name())
	return c.bad(e)
}

// smallest types -2147483648 and -9223372036854775808, whose digits alone do not fit.
func (c *checker) smallest(e *syntax.UnaryExpr) bound.Expr {
	lit, ok := e.X.(*syntax.LiteralExpr)
	if !ok || lit.Kind != syntax.IntLit {
		return nil
	}
	s := types.NotSpecial
	bits := uint64(1) << 31
	switch lit.Text {
	case "2147483648":
		s = types.Int32
	case "9223372036854775808", "9223372036854775808L", "9223372036854775808l":
		s, bits = types.Int64, 1<<63
	default:
		return nil
	}
	t := c.special(s)
	return &bound.Literal{Node: c.node(e, t), Value: value.Boxed(t, -bits)}
}

// unaryType is the operand type of a predefined operator, nil where there is none.
func (c *checker) unaryType(op syntax.Kind, x bound.Expr) *types.Type {
	var list []types.Special
	switch op {
	case syntax.Bang:
		list = []types.Special{types.Boolean}
	case syntax.Tilde:
		if isEnum(x) {
			return x.Type().Underlying()
		}
		list = integerTypes
	case syntax.Plus:
		list = arithmeticTypes
	case syntax.Minus:
		if x.Type().Underlying().Special() == types.UInt64 {
			return nil
		}
		list = []types.Special{types.Int32, types.Int64, types.Single, types.Double, types.Decimal}
	}
	for _, s := range list {
		if t := c.special(s); c.operandFits(c.under(x), t) {
			return t
		}
	}
	return nil
}

// unaryOf makes a predefined operator, folded where the operand is constant.
func (c *checker) unaryOf(e *syntax.UnaryExpr, t *types.Type, x bound.Expr) bound.Expr {
	to := c.likeNull(x, t)
	x = c.operandTo(x, to)
	if lit, ok := x.(*bound.Literal); ok && to == t {
		v, outcome := fold.Unary(e.Op, t, lit.Value, !c.unchecked)
		switch outcome {
		case fold.OK:
			return &bound.Literal{Node: c.node(e, t), Value: v}
		case fold.Overflow:
			c.report(e, "CS0220", "The constant overflows the type '%s'; use unchecked to cut it", t.Name())
			return c.bad(e)
		}
	}
	return &bound.Unary{Node: c.node(e, to), Op: e.Op, X: x, Operand: t, Lifted: to != t, Checked: c.checked}
}

// userUnary types a user-defined operator, nil where none applies.
func (c *checker) userUnary(e *syntax.UnaryExpr, x bound.Expr) bound.Expr {
	args := []argument{{x: x, at: x}}
	best, lifted := c.userOperator(e, e.Op, args)
	if best == nil {
		return nil
	}
	m := best.m.Origin
	return &bound.Unary{
		Node: c.node(e, best.m.Result), Op: e.Op, X: c.pass(best, 0, args[0]), Operand: m.Params[0].Type, Lifted: lifted, Method: m,
	}
}
