package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/operator"
	"github.com/sallyport/sallyport/internal/expr/syntax"
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
	return c.Binary(e, e.Op, x, y)
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
