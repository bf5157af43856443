package convert

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/fold"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Form says what about an expression makes it convert to a type.
type Form uint8

// The forms.
const (
	// NoForm is no conversion.
	NoForm Form = iota
	// ByType is a conversion of the static types.
	ByType
	// ByConstant is one of a constant that fits.
	ByConstant
	// ByShape is one of the expression itself: a lambda, a method group, a throw, a tuple of such.
	ByShape
)

// Fit is how one expression converts to one type.
type Fit struct {
	// Form says why there is a conversion.
	Form Form
	// Conv is the conversion of the types.
	Conv types.Conversion
}

// OK reports whether there is a conversion.
func (f Fit) OK() bool { return f.Form != NoForm }

// Fits classifies the implicit conversion of an expression.
func (c *Converter) Fits(x bound.Expr, to *types.Type) Fit {
	if IsBad(x) || to.Kind == types.Invalid {
		return Fit{Form: ByType, Conv: types.Conversion{Kind: types.ToSame}}
	}
	switch x := x.(type) {
	case Shape:
		return shaped(x.FitsTo(to))
	case *bound.Throw:
		return shaped(to.Kind != types.Void)
	case *bound.NewObject:
		if x.T.Kind == types.Typeless || to.Kind == types.Tuple && x.T.Kind == types.Tuple && x.T.Plain != to.Plain {
			return shaped(c.tupleFits(x, to))
		}
	}
	if conv := c.Lib.Implicit(x.Type(), to); conv.Exists() {
		return Fit{Form: ByType, Conv: conv}
	}
	if lit, ok := x.(*bound.Literal); ok && constantFits(lit, to.Underlying()) {
		return Fit{Form: ByConstant, Conv: types.Conversion{Kind: types.ToNumber}}
	}
	return Fit{}
}

func shaped(ok bool) Fit {
	if ok {
		return Fit{Form: ByShape}
	}
	return Fit{}
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
func (c *Converter) tupleFits(x *bound.NewObject, to *types.Type) bool {
	to = to.Underlying()
	if to.Kind != types.Tuple || len(to.Args) != len(x.Values) {
		return false
	}
	for i, v := range x.Values {
		if !c.Fits(v, to.Args[i]).OK() {
			return false
		}
	}
	return true
}

// Convert converts x implicitly to a type and reports where that cannot be.
func (c *Converter) Convert(x bound.Expr, to *types.Type, at syntax.Node) bound.Expr {
	if IsBad(x) || to == nil || to.Kind == types.Invalid {
		return c.retyped(x, to, at)
	}
	f := c.Fits(x, to)
	if !f.OK() {
		c.CannotConvert(x, to, at)
		return c.Bad(at)
	}
	return c.Converted(x, to, f)
}

// retyped keeps an error quiet.
func (c *Converter) retyped(x bound.Expr, to *types.Type, at syntax.Node) bound.Expr {
	if x == nil || to == nil || to.Kind != types.Invalid {
		return c.Bad(at)
	}
	return x
}

// Converted makes the nodes of a conversion that there is.
func (c *Converter) Converted(x bound.Expr, to *types.Type, f Fit) bound.Expr {
	if f.Form != ByShape {
		return c.Apply(x, to, f.Conv)
	}
	switch x := x.(type) {
	case Shape:
		return x.To(to)
	case *bound.Throw:
		return &bound.Throw{Node: Node(x, to), X: x.X}
	case *bound.NewObject:
		return c.tupleTo(x, to)
	default:
		return c.Bad(x)
	}
}

// tupleTo converts the elements of a tuple literal.
func (c *Converter) tupleTo(x *bound.NewObject, to *types.Type) bound.Expr {
	elem := to.Underlying()
	n := &bound.NewObject{Node: Node(x, elem)}
	for i, v := range x.Values {
		n.Values = append(n.Values, c.Convert(v, elem.Args[i], v))
	}
	if elem != to {
		return &bound.Conversion{Node: Node(x, to), Kind: bound.ToNullable, X: n}
	}
	return n
}

// Apply makes the nodes of a conversion between types.
func (c *Converter) Apply(x bound.Expr, to *types.Type, conv types.Conversion) bound.Expr {
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
		return c.DefaultOf(x, to)
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
		return c.Bad(x)
	}
}

func (c *Converter) conversion(kind bound.ConversionKind, x bound.Expr, to *types.Type) bound.Expr {
	return &bound.Conversion{Node: Node(x, to), Kind: kind, X: x, Checked: c.Checked()}
}

// sameAs changes only the static type.
func (c *Converter) sameAs(x bound.Expr, to *types.Type) bound.Expr {
	if lit, ok := x.(*bound.Literal); ok {
		return &bound.Literal{Node: Node(x, to), Value: lit.Value}
	}
	return c.conversion(bound.Identity, x, to)
}

// number converts between numeric types and enums; constants are converted here.
func (c *Converter) number(x bound.Expr, to *types.Type) bound.Expr {
	if elem := to.NullableElem(); elem != nil {
		return c.conversion(bound.ToNullable, c.number(x, elem), to)
	}
	if lit, ok := x.(*bound.Literal); ok {
		v, outcome := fold.Convert(lit.Value, lit.T, to, c.FoldChecked())
		switch outcome {
		case fold.OK:
			return &bound.Literal{Node: Node(x, to), Value: v}
		case fold.Overflow:
			if lit.T.Special() == types.Decimal || to.Special() == types.Decimal {
				c.Host.Report(x, "CS0031", "The constant '%s' does not fit into the type '%s'", constantText(lit), to.Name())
				return c.Bad(x)
			}
			c.Host.Report(x, "CS0221", "The constant '%s' does not fit into the type '%s'; use unchecked to cut it", constantText(lit), to.Name())
			return c.Bad(x)
		}
	}
	return c.conversion(bound.Numeric, x, to)
}

// nullable converts T or T? to U? or U.
func (c *Converter) nullable(x bound.Expr, to *types.Type) bound.Expr {
	from, elem := x.Type().NullableElem(), to.NullableElem()
	switch {
	case elem == nil:
		return c.Cast(c.conversion(bound.FromNullable, x, from), to, x)
	case from == nil:
		return c.conversion(bound.ToNullable, c.Cast(x, elem, x), to)
	}
	temp := c.Host.Temp(from)
	inner := c.Cast(ReadTemp(x, temp), elem, x)
	return &bound.Conversion{Node: Node(x, to), Kind: bound.LiftedNullable, X: x, Temp: temp, Inner: inner}
}

// ReadTemp reads a temporary.
func ReadTemp(at syntax.Node, temp *bound.Local) bound.Expr {
	return &bound.LocalRef{Node: Node(at, temp.Type), Local: temp}
}

// eachElement converts a tuple element by element.
func (c *Converter) eachElement(x bound.Expr, to *types.Type) bound.Expr {
	temp := c.Host.Temp(x.Type())
	inner := &bound.NewObject{Node: Node(x, to)}
	for i, t := range to.Args {
		item := &bound.AnonymousRef{Node: Node(x, x.Type().Args[i]), X: ReadTemp(x, temp), Index: i}
		inner.Values = append(inner.Values, c.Cast(item, t, x))
	}
	return &bound.Conversion{Node: Node(x, to), Kind: bound.TupleWise, X: x, Temp: temp, Inner: inner}
}

// byOperator converts by a user-defined operator, with the conversions before and after it.
func (c *Converter) byOperator(x bound.Expr, to *types.Type, conv types.Conversion) bound.Expr {
	c.Host.Uses(conv.Method)
	x = c.Cast(x, conv.From, x)
	if conv.Lifted {
		temp := c.Host.Temp(conv.From.Underlying())
		inner := &bound.Conversion{
			Node: Node(x, conv.To.Underlying()), Kind: bound.UserDefined, X: ReadTemp(x, temp), Method: conv.Method,
		}
		x = &bound.Conversion{Node: Node(x, conv.To), Kind: bound.LiftedNullable, X: x, Temp: temp, Inner: inner}
	} else {
		x = &bound.Conversion{Node: Node(x, conv.To), Kind: bound.UserDefined, X: x, Method: conv.Method}
	}
	return c.Cast(x, to, x)
}

// DefaultOf is default(t) at the place of x.
func (c *Converter) DefaultOf(at syntax.Node, t *types.Type) bound.Expr {
	switch {
	case t.AcceptsNull(), t.Kind == types.Null:
		return &bound.Literal{Node: Node(at, t), Value: value.Nil}
	case t.Special() == types.Decimal:
		return &bound.Literal{Node: Node(at, t), Value: value.OfObject(value.DecimalOfInt(t, 0, false))}
	case t.Storage() == types.Val || t.Storage() == types.None:
		return &bound.Default{Node: Node(at, t)}
	default:
		return &bound.Literal{Node: Node(at, t), Value: value.Boxed(t, 0)}
	}
}

// Always reports whether a value of one type that is not null is one of the other in any case.
func (c *Converter) Always(from, to *types.Type) bool {
	switch c.Lib.Standard(from.Underlying(), to).Kind {
	case types.ToSame, types.ToBase, types.ToObject:
		return true
	default:
		return false
	}
}
