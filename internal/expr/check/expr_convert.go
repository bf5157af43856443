package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/fold"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// form says what about an expression makes it convert to a type.
type form uint8

const (
	noForm     form = iota
	byType          // The static types say so.
	byConstant      // A constant that fits.
	byShape         // A lambda, a method group, a throw expression, a tuple of such: the expression itself fits.
)

// fit is how one expression converts to one type.
type fit struct {
	form form
	conv types.Conversion
}

// ok reports whether there is a conversion.
func (f fit) ok() bool { return f.form != noForm }

// fits classifies the implicit conversion of an expression.
func (c *checker) fits(x bound.Expr, to *types.Type) fit {
	if isBad(x) || to.Kind == types.Invalid {
		return fit{form: byType, conv: types.Conversion{Kind: types.ToSame}}
	}
	switch x := x.(type) {
	case *lambdaExpr:
		return shaped(c.lambdaConverts(x, to))
	case *groupExpr:
		return shaped(c.groupFits(x, to))
	case *bound.Throw:
		return shaped(to.Kind != types.Void)
	case *bound.NewObject:
		if x.T.Kind == types.Typeless || to.Kind == types.Tuple && x.T.Kind == types.Tuple && x.T.Plain != to.Plain {
			return shaped(c.tupleFits(x, to))
		}
	}
	if conv := c.lib.Implicit(x.Type(), to); conv.Exists() {
		return fit{form: byType, conv: conv}
	}
	if lit, ok := x.(*bound.Literal); ok && constantFits(lit, to.Underlying()) {
		return fit{form: byConstant, conv: types.Conversion{Kind: types.ToNumber}}
	}
	return fit{}
}

func shaped(ok bool) fit {
	if ok {
		return fit{form: byShape}
	}
	return fit{}
}

// constantFits reports whether a constant converts to a type to which its own type does not: an int to a
// smaller integer type that holds it, a long to ulong, 0 to an enum.
func constantFits(x *bound.Literal, to *types.Type) bool {
	s := x.T.Special()
	switch {
	case !x.T.IsInteger():
		return false
	case to.Kind == types.Enum:
		return x.Value.Bits() == 0
	case s == types.Int32:
		return to.IsInteger() && fold.Fits(x.Value.Int(), false, to)
	case s == types.Int64:
		return to.Special() == types.UInt64 && x.Value.Int() >= 0
	default:
		return false
	}
}

// tupleFits compares a tuple literal with a tuple type, element by element.
func (c *checker) tupleFits(x *bound.NewObject, to *types.Type) bool {
	to = to.Underlying()
	if to.Kind != types.Tuple || len(to.Args) != len(x.Values) {
		return false
	}
	for i, v := range x.Values {
		if !c.fits(v, to.Args[i]).ok() {
			return false
		}
	}
	return true
}

// convert converts x implicitly to a type and reports where that cannot be.
func (c *checker) convert(x bound.Expr, to *types.Type, at syntax.Node) bound.Expr {
	if isBad(x) || to == nil || to.Kind == types.Invalid {
		return c.retyped(x, to, at)
	}
	x = c.valueOf(x, at)
	if isBad(x) {
		return c.retyped(x, to, at)
	}
	f := c.fits(x, to)
	if !f.ok() {
		c.cannotConvert(x, to, at)
		return c.bad(at)
	}
	return c.converted(x, to, f)
}

// retyped keeps an error quiet.
func (c *checker) retyped(x bound.Expr, to *types.Type, at syntax.Node) bound.Expr {
	if x == nil || to == nil || to.Kind != types.Invalid {
		return c.bad(at)
	}
	return x
}

// converted makes the nodes of a conversion that there is.
func (c *checker) converted(x bound.Expr, to *types.Type, f fit) bound.Expr {
	if f.form != byShape {
		return c.apply(x, to, f.conv)
	}
	switch x := x.(type) {
	case *lambdaExpr:
		if lam, ok := c.lambda(x.syntax, to); ok {
			return lam
		}
		return c.bad(x)
	case *groupExpr:
		return c.groupTo(x, to)
	case *bound.Throw:
		return &bound.Throw{Node: c.node(x, to), X: x.X}
	case *bound.NewObject:
		return c.tupleTo(x, to)
	default:
		return c.bad(x)
	}
}

// tupleTo converts the elements of a tuple literal.
func (c *checker) tupleTo(x *bound.NewObject, to *types.Type) bound.Expr {
	elem := to.Underlying()
	n := &bound.NewObject{Node: c.node(x, elem)}
	for i, v := range x.Values {
		n.Values = append(n.Values, c.convert(v, elem.Args[i], v))
	}
	if elem != to {
		return &bound.Conversion{Node: c.node(x, to), Kind: bound.ToNullable, X: n}
	}
	return n
}

// apply makes the nodes of a conversion between types.
func (c *checker) apply(x bound.Expr, to *types.Type, conv types.Conversion) bound.Expr {
	from := x.Type()
	if from == to {
		return x
	}
	switch conv.Kind {
	case types.ToSame:
		return c.sameAs(x, to)
	case types.ToNumber:
		return c.number(x, to)
	case types.ToNullable:
		return c.nullable(x, to)
	case types.ToNull:
		return c.defaultOf(x, to)
	case types.ToBase:
		return c.conversion(bound.Upcast, x, to)
	case types.ToObject:
		return c.conversion(bound.Box, x, to)
	case types.FromObject:
		return c.conversion(bound.Unbox, x, to)
	case types.ToDerived:
		return c.conversion(bound.Downcast, x, to)
	case types.ToTuple:
		return c.eachElement(x, to)
	case types.ToUser:
		return c.byOperator(x, to, conv)
	default:
		return c.bad(x)
	}
}

func (c *checker) conversion(kind bound.ConversionKind, x bound.Expr, to *types.Type) bound.Expr {
	return &bound.Conversion{Node: c.node(x, to), Kind: kind, X: x, Checked: c.checked}
}

// sameAs changes only the static type.
func (c *checker) sameAs(x bound.Expr, to *types.Type) bound.Expr {
	if lit, ok := x.(*bound.Literal); ok {
		return &bound.Literal{Node: c.node(x, to), Value: lit.Value}
	}
	return c.conversion(bound.Identity, x, to)
}

// number converts between numeric types and enums; constants are converted here.
func (c *checker) number(x bound.Expr, to *types.Type) bound.Expr {
	if elem := to.NullableElem(); elem != nil {
		return c.conversion(bound.ToNullable, c.number(x, elem), to)
	}
	if lit, ok := x.(*bound.Literal); ok {
		v, outcome := fold.Convert(lit.Value, lit.T, to, !c.unchecked)
		switch outcome {
		case fold.OK:
			return &bound.Literal{Node: c.node(x, to), Value: v}
		case fold.Overflow:
			c.report(x, "CS0221", "The constant '%s' does not fit into the type '%s'; use unchecked to cut it", constantText(lit), to.Name())
			return c.bad(x)
		}
	}
	return c.conversion(bound.Numeric, x, to)
}

// nullable converts T or T? to U? or U.
func (c *checker) nullable(x bound.Expr, to *types.Type) bound.Expr {
	from, elem := x.Type().NullableElem(), to.NullableElem()
	switch {
	case elem == nil:
		return c.cast(c.conversion(bound.FromNullable, x, from), to, x)
	case from == nil:
		return c.conversion(bound.ToNullable, c.cast(x, elem, x), to)
	}
	temp := c.temp(from)
	inner := c.cast(c.readTemp(x, temp), elem, x)
	return &bound.Conversion{Node: c.node(x, to), Kind: bound.LiftedNullable, X: x, Temp: temp, Inner: inner}
}

// readTemp reads a temporary.
func (c *checker) readTemp(at syntax.Node, temp *bound.Local) bound.Expr {
	return &bound.LocalRef{Node: c.node(at, temp.Type), Local: temp}
}

// eachElement converts a tuple element by element.
func (c *checker) eachElement(x bound.Expr, to *types.Type) bound.Expr {
	temp := c.temp(x.Type())
	inner := &bound.NewObject{Node: c.node(x, to)}
	for i, t := range to.Args {
		item := &bound.AnonymousRef{Node: c.node(x, x.Type().Args[i]), X: c.readTemp(x, temp), Index: i}
		inner.Values = append(inner.Values, c.cast(item, t, x))
	}
	return &bound.Conversion{Node: c.node(x, to), Kind: bound.TupleWise, X: x, Temp: temp, Inner: inner}
}

// byOperator converts by a user-defined operator, with the conversions before and after it.
func (c *checker) byOperator(x bound.Expr, to *types.Type, conv types.Conversion) bound.Expr {
	c.uses(conv.Method)
	x = c.cast(x, conv.From, x)
	if conv.Lifted {
		temp := c.temp(conv.From.Underlying())
		inner := &bound.Conversion{
			Node: c.node(x, conv.To.Underlying()), Kind: bound.UserDefined, X: c.readTemp(x, temp), Method: conv.Method,
		}
		x = &bound.Conversion{Node: c.node(x, conv.To), Kind: bound.LiftedNullable, X: x, Temp: temp, Inner: inner}
	} else {
		x = &bound.Conversion{Node: c.node(x, conv.To), Kind: bound.UserDefined, X: x, Method: conv.Method}
	}
	return c.cast(x, to, x)
}

// defaultOf is default(t) at the place of x.
func (c *checker) defaultOf(at syntax.Node, t *types.Type) bound.Expr {
	switch {
	case t.AcceptsNull(), t.Kind == types.Null:
		return &bound.Literal{Node: c.node(at, t), Value: value.Nil}
	case t.Special() == types.Decimal:
		return &bound.Literal{Node: c.node(at, t), Value: value.OfObject(value.DecimalOfInt(t, 0, false))}
	case t.Storage() == types.Val || t.Storage() == types.None:
		return &bound.Default{Node: c.node(at, t)}
	default:
		return &bound.Literal{Node: c.node(at, t), Value: value.Boxed(t, 0)}
	}
}
