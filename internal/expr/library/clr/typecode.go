package clr

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// The numbers of TypeCode that are no type of the language's own.
const (
	codeEmpty  = 0
	codeObject = 1
)

// codes are the numbers of TypeCode by type.
var codes = map[types.Special]int64{
	types.Boolean: 3, types.Char: 4, types.SByte: 5, types.Byte: 6, types.Int16: 7, types.UInt16: 8, types.Int32: 9, types.UInt32: 10,
	types.Int64: 11, types.UInt64: 12, types.Single: 13, types.Double: 14, types.Decimal: 15, types.DateTime: 16, types.String: 18,
}

// typeCodeEntry is GetTypeCode of the types that have one.
var typeCodeEntry = types.Entry{Sig: "TypeCode GetTypeCode()", Impl: types.Func(typeCode)}

// typeCode is x.GetTypeCode() and Convert.GetTypeCode(x).
func typeCode(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return c.ReturnInt(codeEmpty)
	}
	t := object.Of(c.Thread).TypeOf(c.Args[0])
	if t.Kind == types.Enum {
		return c.ReturnInt(codes[types.Int32])
	}
	if code, ok := codes[t.Special()]; ok {
		return c.ReturnInt(code)
	}
	return c.ReturnInt(codeObject)
}

// changeTypeCode is Convert.ChangeType(value, TypeCode[, provider]).
func changeTypeCode(c *value.Call) (value.Value, *value.Exception) {
	v, code := c.Args[0], c.Int(1)
	if v.IsNull() && (code == codeEmpty || code == codes[types.String] || code == codeObject) {
		return value.Nil, nil
	}
	if v.IsNull() || !convertible(c.Thread, v) {
		return value.Nil, value.Throw(value.InvalidCastException, "Object must implement IConvertible.")
	}
	if code == codeObject {
		return v, nil
	}
	for special, n := range codes {
		if n == code {
			return ChangeType(c.Thread, v, object.Of(c.Thread).Type(special))
		}
	}
	return value.Nil, value.Throw(value.InvalidCastException, "Object cannot be cast to Empty.")
}

// convertible reports whether a value is IConvertible.
func convertible(t *value.Thread, v value.Value) bool {
	if o, ok := v.Object(); ok {
		if _, ok := o.(Convertible); ok {
			return true
		}
	}
	class := object.Of(t).TypeOf(v)
	_, has := codes[class.Special()]
	return has || class.Kind == types.Enum
}
