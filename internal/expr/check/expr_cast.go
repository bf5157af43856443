package check

import (
	"strconv"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// castExpr types (T)x.
func (c *checker) castExpr(e *syntax.CastExpr) bound.Expr {
	to := c.resolveType(e.Type)
	x := c.expr(e.X)
	if to.Kind == types.Invalid || isBad(x) {
		return c.bad(e)
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

// cast converts x as a cast does and reports where that cannot be.
func (c *checker) cast(x bound.Expr, to *types.Type, where syntax.Node) bound.Expr {
	if f := c.fits(x, to); f.ok() {
		return c.converted(x, to, f)
	}
	if n, ok := x.(*bound.NewObject); ok && n.T.Kind == types.Typeless {
		c.cannotConvert(x, to, where)
		return c.bad(where)
	}
	conv := c.lib.Explicit(x.Type(), to)
	if lit, ok := x.(*bound.Literal); ok && conv.Kind == types.ToNumber {
		return c.castConstant(lit, to, where)
	}
	if conv.Exists() {
		return c.apply(x, to, conv)
	}
	switch x.(type) {
	case *lambdaExpr, *groupExpr:
		c.cannotConvert(x, to, where)
	default:
		if x.Type().Kind == types.Null {
			c.report(where, "CS0037", "null cannot be a value of the type '%s'", to.Name())
			break
		}
		c.report(where, "CS0030", "No conversion from the type '%s' to '%s'", x.Type().Name(), to.Name())
	}
	return c.bad(where)
}

// castConstant is cast for a constant and a numeric type.
func (c *checker) castConstant(x *bound.Literal, to *types.Type, where syntax.Node) bound.Expr {
	return c.number(&bound.Literal{Node: bound.Node{Span: where.Range(), T: x.T}, Value: x.Value}, to)
}

// asExpr types x as T.
func (c *checker) asExpr(e *syntax.AsExpr) bound.Expr {
	x := c.expr(e.X)
	to := c.resolveType(e.Type)
	if isBad(x) || to.Kind == types.Invalid {
		return c.bad(e)
	}
	from := x.Type()
	switch {
	case to.IsValueType() && to.NullableElem() == nil:
		c.report(e, "CS0077", "'as' needs a reference or nullable type; '%s' is neither", to.Name())
		return c.bad(e)
	case from.Kind == types.Typeless || from.Kind == types.Void:
		c.report(e, "CS0837", "'as' cannot follow a lambda or a method")
		return c.bad(e)
	case from.Kind == types.Null:
		return &bound.Literal{Node: c.node(e, to)}
	}
	conv := c.lib.Explicit(from, to)
	switch conv.Kind {
	case types.NoConversion, types.ToUser, types.ToNumber:
		c.report(e, "CS0039", "No value of the type '%s' can be of the type '%s'", from.Name(), to.Name())
		return c.bad(e)
	case types.ToNullable:
		if from.NullableElem() != to.NullableElem() && from != to.NullableElem() {
			c.report(e, "CS0039", "No value of the type '%s' can be of the type '%s'", from.Name(), to.Name())
			return c.bad(e)
		}
		return c.apply(x, to, conv)
	case types.ToSame, types.ToBase, types.ToObject:
		return c.apply(x, to, conv)
	default:
		return &bound.As{Node: c.node(e, to), X: x, To: to}
	}
}

// cannotConvert reports why there is no implicit conversion.
func (c *checker) cannotConvert(x bound.Expr, to *types.Type, where syntax.Node) {
	from := x.Type()
	switch x := x.(type) {
	case *lambdaExpr:
		c.lambdaMismatch(x, to)
		return
	case *groupExpr:
		c.groupMismatch(x, to, where)
		return
	case *bound.NewObject:
		if x.T.Kind == types.Typeless {
			c.report(where, "CS8135", "This tuple does not convert to the type '%s'", to.Name())
			return
		}
	case *bound.Literal:
		if c.literalMismatch(x, to, where) {
			return
		}
	}
	if conv := c.lib.Explicit(from, to); conv.Exists() {
		c.report(where, "CS0266", "The type '%s' converts to '%s' only with a cast", from.Name(), to.Name())
		return
	}
	c.report(where, "CS0029", "The type '%s' does not convert to '%s'", from.Name(), to.Name())
}

// literalMismatch reports the errors that only constants have.
func (c *checker) literalMismatch(x *bound.Literal, to *types.Type, where syntax.Node) bool {
	s := x.T.Special()
	switch {
	case x.T.Kind == types.Null:
		c.report(where, "CS0037", "null cannot be a value of the type '%s'", to.Name())
	case (s == types.Int32 || s == types.Int64 && to.Special() == types.UInt64) && to.IsInteger():
		c.report(where, "CS0031", "The constant '%s' does not fit into the type '%s'", constantText(x), to.Name())
	case s == types.Double && to.Special() == types.Decimal:
		c.report(where, "CS0664", "A double literal does not convert to 'decimal'; write it with the suffix m")
	case s == types.Double && to.Special() == types.Single:
		c.report(where, "CS0664", "A double literal does not convert to 'float'; write it with the suffix f")
	default:
		return false
	}
	return true
}

// constantText is a constant as a message shows it.
func constantText(x *bound.Literal) string {
	switch {
	case x.T.Special() == types.UInt64:
		return strconv.FormatUint(x.Value.Bits(), 10)
	case x.T.Storage() == types.Int:
		return strconv.FormatInt(x.Value.Int(), 10)
	case x.T.Storage() == types.Float:
		return strconv.FormatFloat(x.Value.Float(), 'g', -1, 64)
	default:
		return x.T.Name()
	}
}
