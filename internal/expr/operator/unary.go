package operator

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/fold"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Unary types + - ! ~ on an operand that is typed already.
func (c *Builder) Unary(e *syntax.UnaryExpr, x bound.Expr) bound.Expr {
	if convert.IsBad(x) {
		return c.Bad(e)
	}
	if IsOperand(x) && !IsNull(x) {
		if n := c.userUnary(e, x); n != nil {
			return n
		}
		if t := c.unaryType(e.Op, x); t != nil {
			return c.unaryOf(e, t, x)
		}
	}
	c.Host.Report(e, "CS0023", "'%s' is not defined for '%s'", Text[e.Op], x.Type().Name())
	return c.Bad(e)
}

// Smallest types -2147483648 and -9223372036854775808, whose digits alone do not fit.
func (c *Builder) Smallest(e *syntax.UnaryExpr) bound.Expr {
	lit, ok := e.X.(*syntax.LiteralExpr)
	if !ok || lit.Kind != syntax.IntLit {
		return nil
	}
	s, bits := types.Int32, uint64(1)<<31
	switch lit.Text {
	case "2147483648":
	case "9223372036854775808", "9223372036854775808L", "9223372036854775808l":
		s, bits = types.Int64, 1<<63
	default:
		return nil
	}
	t := c.Special(s)
	return &bound.Literal{Node: convert.Node(e, t), Value: value.Boxed(t, -bits)}
}

// unaryType is the operand type of a predefined operator, nil where there is none.
func (c *Builder) unaryType(op syntax.Kind, x bound.Expr) *types.Type {
	var list []types.Special
	switch op {
	case syntax.Bang:
		list = []types.Special{types.Boolean}
	case syntax.Tilde:
		if IsEnum(x) {
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
		if t := c.Special(s); c.operandFits(c.under(x), t) {
			return t
		}
	}
	return nil
}

// unaryOf makes a predefined operator, folded where the operand is constant.
func (c *Builder) unaryOf(e *syntax.UnaryExpr, t *types.Type, x bound.Expr) bound.Expr {
	to := c.likeNull(x, t)
	x = c.operandTo(x, to)
	if lit, ok := x.(*bound.Literal); ok && to == t {
		v, outcome := fold.Unary(e.Op, t, lit.Value, c.FoldChecked())
		switch outcome {
		case fold.OK:
			return &bound.Literal{Node: convert.Node(e, t), Value: v}
		case fold.Overflow:
			c.Host.Report(e, "CS0220", "The constant overflows the type '%s'; use unchecked to cut it", t.Name())
			return c.Bad(e)
		}
	}
	return &bound.Unary{Node: convert.Node(e, to), Op: e.Op, X: x, Operand: t, Lifted: to != t, Checked: c.Checked()}
}

// userUnary types a user-defined operator, nil where none applies.
func (c *Builder) userUnary(e *syntax.UnaryExpr, x bound.Expr) bound.Expr {
	args := []overload.Argument{{X: x, At: x}}
	best, lifted := c.userOperator(e, e.Op, args)
	if best == nil {
		return nil
	}
	m := best.M.Origin
	return &bound.Unary{
		Node: convert.Node(e, best.M.Result), Op: e.Op, X: c.Pass(best, 0, args[0]), Operand: m.Params[0].Type, Lifted: lifted, Method: m,
	}
}
