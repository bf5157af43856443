package clr

import (
	"math/big"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// integerWidths are the integer types by their special type.
var integerWidths = map[types.Special]integerType{
	types.SByte: {bits: 8}, types.Byte: {bits: 8, unsigned: true},
	types.Int16: {bits: 16}, types.UInt16: {bits: 16, unsigned: true},
	types.Int32: {bits: 32}, types.UInt32: {bits: 32, unsigned: true},
	types.Int64: {bits: 64}, types.UInt64: {bits: 64, unsigned: true},
}

// ChangeType returns what Convert.ChangeType(v, to) returns in the invariant culture. Null stays null where
// the type has it, and is InvalidCastException otherwise.
func ChangeType(t *value.Thread, v value.Value, to *types.Type) (value.Value, *value.Exception) {
	env := object.Of(t)
	switch {
	case v.IsNull() && to.AcceptsNull():
		return v, nil
	case v.IsNull():
		return v, value.Throw(value.InvalidCastException, "Null object cannot be converted to a value type.")
	case env.Is(v, to):
		return v, nil
	}
	special := to.Special()
	if w, ok := integerWidths[special]; ok {
		return target{integer: w, special: special}.convert(t, to, v)
	}
	switch special {
	case types.Boolean, types.Single, types.Double, types.Decimal, types.Char:
		return target{special: special}.convert(t, to, v)
	case types.String:
		s, e := object.Text(v)
		return value.OfString(s), e
	case types.DateTime:
		if s, ok := v.Str(); ok {
			bits, e := date.Parse(s.Go(), 0, t.Now())
			return value.Boxed(to, uint64(bits)), e
		}
	}
	return v, badCast(t, v, to)
}

// changeType is Convert.ChangeType, which knows no nullable types.
func changeType(c *value.Call) (value.Value, *value.Exception) {
	r, ok := c.Object(1).(*value.TypeRef)
	if !ok {
		return value.Nil, value.NullArgument("conversionType")
	}
	to, ok := r.Of.(*types.Type)
	if !ok || to.NullableElem() != nil {
		return value.Nil, value.Throw(value.InvalidCastException, "Invalid cast to '"+r.Of.FullName()+"'.")
	}
	v := c.Args[0]
	if !v.IsNull() && !convertible(c.Thread, v) && value.Type(object.Of(c.Thread).TypeOf(v)) != value.Type(to) {
		return value.Nil, value.Throw(value.InvalidCastException, "Object must implement IConvertible.")
	}
	return ChangeType(c.Thread, v, to)
}

// IntegerOf returns a whole number as a value of an integer type, or its OverflowException.
func IntegerOf(n *big.Int, to *types.Type) (value.Value, *value.Exception) {
	i, e := integerWidths[to.Special()].ofBig(n)
	return value.Boxed(to, uint64(i)), e
}

// ParseNamed makes a value of a type from a text by the type's constructor that takes one string: Guid, Uri.
func ParseNamed(t *value.Thread, text string, to *types.Type) (value.Value, *value.Exception) {
	if to.Def != nil {
		for _, m := range to.Def.Members {
			fn, ok := m.Impl.(types.Func)
			if ok && m.Name == ".ctor" && len(m.Params) == 1 && m.Params[0].Type.Special() == types.String {
				return fn(&value.Call{Thread: t, Args: []value.Value{value.OfGo(text)}, Declaring: to, Result: to})
			}
		}
	}
	return value.Nil, badCast(t, value.OfGo(text), to)
}

// FormatText returns what string.Format(text, args) returns.
func FormatText(t *value.Thread, text string, args []value.Value) (string, *value.Exception) {
	return format(t, text, args)
}
