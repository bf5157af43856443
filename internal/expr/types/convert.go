package types

// ConversionKind says which of C#'s conversions leads from one type to another.
type ConversionKind uint8

// The kinds of conversions.
const (
	// NoConversion says that there is none.
	NoConversion ConversionKind = iota
	// ToSame is the identity, between tuples of other element names too.
	ToSame
	// ToNumber goes between numeric types and enums.
	ToNumber
	// ToNullable goes from T or T? to U? or U, where T converts to U.
	ToNullable
	// ToNull gives null, or a default literal, a type.
	ToNull
	// ToBase goes to a base class or interface, and between variant types.
	ToBase
	// ToObject boxes, FromObject unboxes.
	ToObject
	FromObject
	// ToDerived tests the run-time type.
	ToDerived
	// ToTuple converts each element.
	ToTuple
	// ToUser calls an operator.
	ToUser
)

// Conversion is how a value of one type becomes one of another.
type Conversion struct {
	// Kind is the kind; the zero value is no conversion.
	Kind ConversionKind
	// Explicit says that only a cast does it.
	Explicit bool
	// Method is the operator of a user-defined conversion. From and To are its types, nullable where
	// Lifted makes it one of nullables.
	Method   *Member
	From, To *Type
	Lifted   bool
}

// Exists reports whether there is a conversion.
func (c Conversion) Exists() bool { return c.Kind != NoConversion }

// Implicit returns the implicit conversion between two types, user-defined ones included. What depends on
// the expression, constants, lambdas and method groups, is the checker's.
func (l *Library) Implicit(from, to *Type) Conversion {
	if c := l.Standard(from, to); c.Exists() {
		return c
	}
	return l.userConversion(from, to, false)
}

// Explicit returns the conversion that a cast does, implicit ones included.
func (l *Library) Explicit(from, to *Type) Conversion {
	if c := l.Standard(from, to); c.Exists() {
		return c
	}
	if c := l.standardExplicit(from, to); c.Exists() {
		c.Explicit = true
		return c
	}
	if c := l.userConversion(from, to, false); c.Exists() {
		return c
	}
	c := l.userConversion(from, to, true)
	c.Explicit = true
	return c
}

// widening has for each numeric type the set of types to which it converts implicitly.
var widening = map[Special]uint64{
	SByte:  set(Int16, Int32, Int64, Single, Double, Decimal),
	Byte:   set(Int16, UInt16, Int32, UInt32, Int64, UInt64, Single, Double, Decimal),
	Int16:  set(Int32, Int64, Single, Double, Decimal),
	UInt16: set(Int32, UInt32, Int64, UInt64, Single, Double, Decimal),
	Int32:  set(Int64, Single, Double, Decimal),
	UInt32: set(Int64, UInt64, Single, Double, Decimal),
	Int64:  set(Single, Double, Decimal),
	UInt64: set(Single, Double, Decimal),
	Char:   set(UInt16, Int32, UInt32, Int64, UInt64, Single, Double, Decimal),
	Single: set(Double),
}

func set(list ...Special) uint64 {
	n := uint64(0)
	for _, s := range list {
		n |= 1 << s
	}
	return n
}

// Standard returns the implicit conversion between two types that no operator defines.
func (l *Library) Standard(from, to *Type) Conversion {
	switch {
	case from.Kind == Invalid || to.Kind == Invalid, from.Plain == to.Plain:
		return Conversion{Kind: ToSame}
	case from.Kind == Void || to.Kind == Void || from.Kind == Typeless:
		return Conversion{}
	case from.Kind == DefaultLiteral:
		return Conversion{Kind: ToNull}
	case from.Kind == Null:
		if to.AcceptsNull() {
			return Conversion{Kind: ToNull}
		}
		return Conversion{}
	case widening[from.Special()]&(1<<to.Special()) != 0:
		return Conversion{Kind: ToNumber}
	}
	if elem := to.NullableElem(); elem != nil {
		return l.toNullable(from, elem)
	}
	if from.Kind == Tuple && to.Kind == Tuple {
		return l.tupleWise(from, to, l.Implicit)
	}
	return l.toBase(from, to)
}

// toNullable is the implicit conversion from T or T? to elem?.
func (l *Library) toNullable(from, elem *Type) Conversion {
	switch l.Standard(from.Underlying(), elem).Kind {
	case ToSame, ToNumber, ToTuple:
		return Conversion{Kind: ToNullable}
	default:
		return Conversion{}
	}
}

// toBase is the implicit conversion to a base class or an interface: upcast or boxing.
func (l *Library) toBase(from, to *Type) Conversion {
	switch {
	case from.IsValueType():
		if to.Kind == Class && from.Inherits(to) || to.Kind == Interface && from.Underlying().Inherits(to) {
			return Conversion{Kind: ToObject}
		}
	case from.Kind == Param:
		if to.Special() == Object {
			return Conversion{Kind: ToObject}
		}
	case from.Inherits(to):
		return Conversion{Kind: ToBase}
	}
	return Conversion{}
}

// tupleWise converts tuples element by element.
func (l *Library) tupleWise(from, to *Type, convert func(a, b *Type) Conversion) Conversion {
	if len(from.Args) != len(to.Args) {
		return Conversion{}
	}
	for i, a := range from.Args {
		if !convert(a, to.Args[i]).Exists() {
			return Conversion{}
		}
	}
	return Conversion{Kind: ToTuple}
}

// standardExplicit returns the conversion that needs a cast and no operator.
func (l *Library) standardExplicit(from, to *Type) Conversion {
	switch {
	case from.Kind == Void || to.Kind == Void || from.Kind == Typeless || from.Kind == Null:
		return Conversion{}
	case numberLike(from) && numberLike(to):
		return Conversion{Kind: ToNumber}
	}
	f, t := from.Underlying(), to.Underlying()
	if f != from || t != to {
		if c := l.Explicit(f, t); c.Kind == ToSame || c.Kind == ToNumber || c.Kind == ToTuple {
			return Conversion{Kind: ToNullable}
		}
	}
	if from.Kind == Tuple && to.Kind == Tuple {
		return l.tupleWise(from, to, l.Explicit)
	}
	if to.IsValueType() || to.Kind == Param {
		return fromObject(from, to)
	}
	if !from.IsValueType() && downcasts(from, to) {
		return Conversion{Kind: ToDerived}
	}
	return Conversion{}
}

func numberLike(t *Type) bool { return t.IsNumeric() || t.Kind == Enum }

// fromObject is unboxing.
func fromObject(from, to *Type) Conversion {
	if from.IsValueType() {
		return Conversion{}
	}
	isBase := from.Kind == Class && to.Inherits(from) || from.Kind == Interface && to.Underlying().Inherits(from)
	if isBase || to.Kind == Param && from.Special() == Object || from.Kind == Param {
		return Conversion{Kind: FromObject}
	}
	return Conversion{}
}

// downcasts reports whether a reference of type from may be one of type to at run time.
func downcasts(from, to *Type) bool {
	if from.Kind == Param || to.Kind == Param {
		return from.Special() == Object || to.Special() == Object
	}
	if to.Inherits(from) {
		return true
	}
	switch {
	case from.Kind == Array && to.Kind == Array:
		return from.Rank == to.Rank && !from.Elem.IsValueType() && !to.Elem.IsValueType() && downcasts(from.Elem, to.Elem)
	case from.Kind == Interface && to.Kind == Array, from.Kind == Array && to.Kind == Interface:
		return len(from.Args)+len(to.Args) == 1 && arrayCasts(from, to)
	case from.Kind == Interface:
		return to.Kind == Interface || to.Kind == Class && !to.Def.Sealed
	case to.Kind == Interface:
		return from.Kind == Class && !from.Def.Sealed
	case from.Kind == Delegate && to.Kind == Delegate:
		return from.Def == to.Def
	default:
		return false
	}
}

// arrayCasts reports whether an array of some element type may implement the generic interface.
func arrayCasts(from, to *Type) bool {
	arr, iface := from, to
	if arr.Kind != Array {
		arr, iface = to, from
	}
	return !arr.Elem.IsValueType() && !iface.Args[0].IsValueType() &&
		(downcasts(arr.Elem, iface.Args[0]) || downcasts(iface.Args[0], arr.Elem))
}
