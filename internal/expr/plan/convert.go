package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/plan/arithmetic"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// conversion compiles a conversion.
func (c *compiler) conversion(x *bound.Conversion) code {
	switch x.Kind {
	case bound.Numeric:
		return c.numericConversion(x)
	case bound.Unbox:
		return c.unbox(x)
	case bound.Downcast:
		return c.downcast(x)
	case bound.FromNullable:
		return c.fromNullable(x)
	case bound.UserDefined:
		return c.operator(x, x.Method, x.X)
	case bound.LiftedNullable:
		test := c.notNull(x.X, x.Temp)
		return code{v: choose(test, c.val(x.Inner), func(*Frame) (value.Value, *value.Exception) { return value.Nil, nil })}
	case bound.TupleWise:
		return after(c.storeLocal(x.Temp, x.X), c.expr(x.Inner))
	}
	// Identity, Box, Upcast and ToNullable change the storage at most.
	k := c.expr(x.X)
	if x.T.Storage() == types.Val && k.v == nil {
		return code{v: boxed(k, x.X.Type())}
	}
	if k.v != nil && x.T.Storage() != types.Val {
		return unboxed(k.v, x.T)
	}
	return k
}

func invalidCast(env *object.Env, v value.Value, to *types.Type) *value.Exception {
	from := env.TypeOf(v)
	name := "null"
	if from != nil {
		name = from.FullName()
	}
	return value.BadCast(name, to.FullName())
}

// unbox compiles (T)object for a value type, nullable or not.
func (c *compiler) unbox(x *bound.Conversion) code {
	v, pos, to := c.val(x.X), posOf(x), x.T
	want := to.Underlying()
	nullable := to.NullableElem() != nil
	env := c.env
	enum := want.Kind == types.Enum
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		o, e := v(f)
		switch {
		case e != nil:
			return value.Nil, e
		case o.IsNull() && nullable:
			return value.Nil, nil
		case o.IsNull():
			return value.Nil, at(value.NullReference(), pos)
		}
		have := env.TypeOf(o)
		if have == want || have != nil && plainOf(have) == plainOf(want) {
			return o, nil
		}
		// An enum and its integer type unbox to each other.
		if have != nil && (enum && have == want.Def.Underlying || have.Kind == types.Enum && have.Def.Underlying == want) {
			return value.Boxed(want, o.Bits()), nil
		}
		return value.Nil, at(invalidCast(env, o, want), pos)
	}, to)
}

func plainOf(t *types.Type) *types.Type {
	if t.Plain != nil {
		return t.Plain
	}
	return t
}

func (c *compiler) downcast(x *bound.Conversion) code {
	v, pos, to, env := c.val(x.X), posOf(x), x.T, c.env
	if to.Storage() == types.Str {
		return code{s: func(f *Frame) (value.String, *value.Exception) {
			o, e := v(f)
			if e != nil || o.IsNull() {
				return value.Null, e
			}
			s, ok := o.Str()
			if !ok {
				return value.Null, at(invalidCast(env, o, to), pos)
			}
			return s, nil
		}}
	}
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		o, e := v(f)
		if e != nil || o.IsNull() {
			return value.Nil, e
		}
		if !instance(env, o, to) {
			return value.Nil, at(invalidCast(env, o, to), pos)
		}
		return o, nil
	}, to)
}

// instance reports whether o is of type to. Mostly it is just that.
func instance(env *object.Env, o value.Value, to *types.Type) bool {
	if x, ok := o.Object(); ok {
		if have, _ := x.ObjectType().(*types.Type); have == to {
			return true
		}
	}
	return env.Is(o, to)
}

func (c *compiler) fromNullable(x *bound.Conversion) code {
	v, pos := c.val(x.X), posOf(x)
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		o, e := v(f)
		if e == nil && o.IsNull() {
			e = at(value.InvalidOperation("Nullable object must have a value."), pos)
		}
		return o, e
	}, x.T)
}

// numericConversion compiles conversions between numbers, characters and enums.
func (c *compiler) numericConversion(x *bound.Conversion) code {
	from, to, pos := arithmetic.Of(x.X.Type()), arithmetic.Of(x.T), posOf(x)
	switch {
	case from.Decimal || to.Decimal:
		return c.decimalConversion(x, from, to, pos)
	case from.Storage == types.Int && to.Storage == types.Int:
		return c.integerConversion(x, from, to, pos)
	case from.Storage == types.Int:
		n := c.int(x.X)
		wide, single := from.Unsigned && from.Bits == 64, to.Single
		return code{f: func(f *Frame) (float64, *value.Exception) {
			v, e := n(f)
			switch {
			case single && wide:
				return float64(float32(uint64(v))), e
			case single:
				return float64(float32(v)), e
			case wide:
				return float64(uint64(v)), e
			}
			return float64(v), e
		}}
	case to.Storage == types.Int:
		n, checked := c.float(x.X), x.Checked
		return code{i: func(f *Frame) (int64, *value.Exception) {
			v, e := n(f)
			if e != nil {
				return 0, e
			}
			r, e := arithmetic.Truncate(v, to, checked)
			return r, at(e, pos)
		}}
	}
	n := c.float(x.X)
	if !to.Single {
		return code{f: n}
	}
	return code{f: func(f *Frame) (float64, *value.Exception) {
		v, e := n(f)
		return float64(float32(v)), e
	}}
}

func (c *compiler) integerConversion(x *bound.Conversion, from, to arithmetic.Shape, pos int32) code {
	n := c.int(x.X)
	if !x.Checked {
		if from.Bits < to.Bits && !(to.Unsigned && !from.Unsigned) {
			return code{i: n}
		}
		return code{i: func(f *Frame) (int64, *value.Exception) {
			v, e := n(f)
			return to.Wrap(v), e
		}}
	}
	return code{i: func(f *Frame) (int64, *value.Exception) {
		v, e := n(f)
		if e != nil {
			return 0, e
		}
		negative := v < 0 && !(from.Unsigned && from.Bits == 64)
		huge := v < 0 && !negative
		if to.Wrap(v) != v || negative && to.Unsigned || huge && !(to.Unsigned && to.Bits == 64) {
			return 0, at(value.Overflow(""), pos)
		}
		return v, nil
	}}
}

func (c *compiler) decimalConversion(x *bound.Conversion, from, to arithmetic.Shape, pos int32) code {
	class := x.T
	switch {
	case from.Storage == types.Int:
		n, wide := c.int(x.X), from.Unsigned && from.Bits == 64
		return code{v: func(f *Frame) (value.Value, *value.Exception) {
			v, e := n(f)
			return value.OfObject(value.DecimalOfInt(class, v, wide)), e
		}}
	case from.Storage == types.Float:
		n, single := c.float(x.X), from.Single
		return code{v: func(f *Frame) (value.Value, *value.Exception) {
			v, e := n(f)
			if e != nil {
				return value.Nil, e
			}
			d, e := value.DecimalOfFloat(class, v, single)
			if e != nil {
				return value.Nil, at(e, pos)
			}
			return value.OfObject(d), nil
		}}
	}
	d := c.val(x.X)
	if to.Storage == types.Float {
		single := to.Single
		return code{f: func(f *Frame) (float64, *value.Exception) {
			v, e := d(f)
			n := value.AsDecimal(v).Float()
			if single {
				n = float64(float32(n))
			}
			return n, e
		}}
	}
	if to.Decimal {
		return code{v: d}
	}
	return code{i: func(f *Frame) (int64, *value.Exception) {
		v, e := d(f)
		if e != nil {
			return 0, e
		}
		n, ok := value.AsDecimal(v).Int(to.Unsigned && to.Bits == 64)
		if !ok || to.Wrap(n) != n || to.Unsigned && to.Bits < 64 && n < 0 {
			return 0, at(value.Overflow("Value was either too large or too small for "+article(class)+"."), pos)
		}
		return n, nil
	}}
}

func article(t *types.Type) string {
	name := t.Def.Name
	if name[0] == 'I' {
		return "an " + name
	}
	return "a " + name
}
