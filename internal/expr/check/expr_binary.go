package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/operator"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// binary types x op y.
func (c *checker) binary(e *syntax.BinaryExpr) bound.Expr {
	if e.Op == syntax.QuestionQuestion {
		return c.coalesce(e)
	}
	x, y := c.expr(e.X), c.expr(e.Y)
	if e.Op == syntax.AmpAmp || e.Op == syntax.PipePipe {
		return c.Logical(e, e.Op, x, y)
	}
	if e.Op == syntax.EqEq || e.Op == syntax.NotEq {
		switch {
		case operator.IsNull(y):
			c.onlyTested(x)
		case operator.IsNull(x):
			c.onlyTested(y)
		}
	}
	if isDefault(x) || isDefault(y) {
		return c.withDefault(e, x, y)
	}
	return c.Binary(e, e.Op, x, y)
}

func isDefault(x bound.Expr) bool { return x.Type().Kind == types.DefaultLiteral }

// withDefault types an operator on the literal default, which has the type of the other side where they are compared.
func (c *checker) withDefault(e *syntax.BinaryExpr, x, y bound.Expr) bound.Expr {
	switch {
	case convert.IsBad(x) || convert.IsBad(y):
		return c.Bad(e)
	case e.Op != syntax.EqEq && e.Op != syntax.NotEq:
		c.report(e, "CS8310", "'%s' is not defined for 'default'", operator.Text[e.Op])
	case isDefault(x) && isDefault(y):
		c.report(e, "CS8315", "'%s' is ambiguous between 'default' and 'default'", operator.Text[e.Op])
	case isDefault(x) && convert.Plain(y.Type()):
		return c.Binary(e, e.Op, c.DefaultOf(e.X, y.Type()), y)
	case isDefault(y) && convert.Plain(x.Type()):
		return c.Binary(e, e.Op, x, c.DefaultOf(e.Y, x.Type()))
	default:
		return c.NoOperator(e, e.Op, x, y)
	}
	return c.Bad(e)
}

// unary types a prefix or postfix operator.
func (c *checker) unary(e *syntax.UnaryExpr) bound.Expr {
	switch e.Op {
	case syntax.PlusPlus, syntax.MinusMinus:
		return c.increment(e)
	case syntax.Star:
		if !convert.IsBad(c.expr(e.X)) {
			c.report(e, "CS0193", "A policy expression has no pointers that '*' could follow")
		}
		return c.Bad(e)
	case syntax.Amp:
		c.report(e, "CS0214", "A policy expression cannot be unsafe: pointers are not allowed")
		return c.Bad(e)
	case syntax.Minus:
		if x := c.Smallest(e); x != nil {
			return x
		}
	}
	return c.Unary(e, c.expr(e.X))
}
