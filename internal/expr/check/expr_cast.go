package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// castExpr types (T)x.
func (c *checker) castExpr(e *syntax.CastExpr) bound.Expr {
	to := c.types.Type(e.Type)
	x := c.expr(e.X)
	if to.Kind == types.Invalid || convert.IsBad(x) {
		return c.Bad(e)
	}
	return at(c.cast(x, to, e), e)
}

// at gives a node that was just made for a cast the cast's own place.
func at(x bound.Expr, e syntax.Node) bound.Expr {
	switch x := x.(type) {
	case *bound.Conversion:
		x.Span = e.Range()
	case *bound.Literal:
		return &bound.Literal{Node: bound.Node{Span: e.Range(), T: x.T}, Value: x.Value}
	}
	return x
}

// asExpr types x as T.
func (c *checker) asExpr(e *syntax.AsExpr) bound.Expr {
	x := c.expr(e.X)
	to := c.types.Type(e.Type)
	if convert.IsBad(x) || to.Kind == types.Invalid {
		return c.Bad(e)
	}
	from := x.Type()
	switch {
	case to.IsValueType() && to.NullableElem() == nil:
		c.report(e, "CS0077", "'as' needs a reference or nullable type; '%s' is neither", to.Name())
		return c.Bad(e)
	case from.Kind == types.Typeless || from.Kind == types.Void:
		c.report(e, "CS0837", "'as' cannot follow a lambda or a method")
		return c.Bad(e)
	case from.Kind == types.Null:
		return &bound.Literal{Node: convert.Node(e, to)}
	}
	conv := c.lib.Explicit(from, to)
	switch conv.Kind {
	case types.NoConversion, types.ToUser, types.ToNumber:
		c.report(e, "CS0039", "No value of the type '%s' can be of the type '%s'", from.Name(), to.Name())
		return c.Bad(e)
	case types.ToNullable:
		if from.NullableElem() != to.NullableElem() && from != to.NullableElem() {
			c.report(e, "CS0039", "No value of the type '%s' can be of the type '%s'", from.Name(), to.Name())
			return c.Bad(e)
		}
		return c.Apply(x, to, conv)
	case types.ToSame, types.ToBase, types.ToObject:
		return c.Apply(x, to, conv)
	default:
		return &bound.As{Node: convert.Node(e, to), X: x, To: to}
	}
}
