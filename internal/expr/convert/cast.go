package convert

import (
	"strconv"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Cast converts x as a cast does and reports where that cannot be.
func (c *Converter) Cast(x bound.Expr, to *types.Type, where syntax.Node) bound.Expr {
	if f := c.Fits(x, to); f.OK() {
		return c.Converted(x, to, f)
	}
	if n, ok := x.(*bound.NewObject); ok && n.T.Kind == types.Typeless {
		c.CannotConvert(x, to, where)
		return c.Bad(where)
	}
	conv := c.Lib.Explicit(x.Type(), to)
	if lit, ok := x.(*bound.Literal); ok && conv.Kind == types.ToNumber {
		return c.castConstant(lit, to, where)
	}
	if conv.Exists() {
		return c.Apply(x, to, conv)
	}
	switch x.(type) {
	case Shape:
		c.CannotConvert(x, to, where)
	default:
		if x.Type().Kind == types.Null {
			c.Host.Report(where, "CS0037", "null cannot be a value of the type '%s'", to.Name())
			break
		}
		c.Host.Report(where, "CS0030", "No conversion from the type '%s' to '%s'", x.Type().Name(), to.Name())
	}
	return c.Bad(where)
}

// castConstant is cast for a constant and a numeric type.
func (c *Converter) castConstant(x *bound.Literal, to *types.Type, where syntax.Node) bound.Expr {
	return c.number(&bound.Literal{Node: bound.Node{Span: where.Range(), T: x.T}, Value: x.Value}, to)
}

// CannotConvert reports why there is no implicit conversion.
func (c *Converter) CannotConvert(x bound.Expr, to *types.Type, where syntax.Node) {
	from := x.Type()
	switch x := x.(type) {
	case Shape:
		x.Mismatch(to, where)
		return
	case *bound.NewObject:
		if x.T.Kind == types.Typeless {
			c.Host.Report(where, "CS8135", "This tuple does not convert to the type '%s'", to.Name())
			return
		}
		if x.T.Kind == types.Tuple && to.Kind == types.Tuple && len(x.Values) == len(to.Args) {
			c.elementsMismatch(x, to)
			return
		}
	case *bound.Literal:
		if c.literalMismatch(x, to, where) {
			return
		}
	}
	if conv := c.Lib.Explicit(from, to); conv.Exists() {
		c.Host.Report(where, "CS0266", "The type '%s' converts to '%s' only with a cast", from.Name(), to.Name())
		return
	}
	c.Host.Report(where, "CS0029", "The type '%s' does not convert to '%s'", from.Name(), to.Name())
}

// elementsMismatch reports the elements of a tuple as it is written that do not convert to those of a type.
func (c *Converter) elementsMismatch(x *bound.NewObject, to *types.Type) {
	for i, v := range x.Values {
		if !c.Fits(v, to.Args[i]).OK() {
			c.CannotConvert(v, to.Args[i], v)
		}
	}
}

// literalMismatch reports the errors that only constants have.
func (c *Converter) literalMismatch(x *bound.Literal, to *types.Type, where syntax.Node) bool {
	s := x.T.Special()
	switch {
	case x.T.Kind == types.Null:
		c.Host.Report(where, "CS0037", "null cannot be a value of the type '%s'", to.Name())
	case (s == types.Int32 || s == types.Int64 && to.Special() == types.UInt64) && to.IsInteger():
		c.Host.Report(where, "CS0031", "The constant '%s' does not fit into the type '%s'", constantText(x), to.Name())
	case s == types.Double && to.Special() == types.Decimal:
		c.Host.Report(where, "CS0664", "A double literal does not convert to 'decimal'; write it with the suffix m")
	case s == types.Double && to.Special() == types.Single:
		c.Host.Report(where, "CS0664", "A double literal does not convert to 'float'; write it with the suffix f")
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
