package object

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Zero returns default(t).
func Zero(t *types.Type) value.Value {
	switch {
	case t == nil, !t.IsValueType(), t.NullableElem() != nil:
		return value.Nil
	}
	switch t.Storage() {
	case types.Int, types.Bool, types.Float:
		return value.Boxed(t, 0)
	}
	if t.Kind == types.Tuple {
		r := &value.Record{Class: t, Items: make([]value.Value, len(t.Args))}
		for i, a := range t.Args {
			r.Items[i] = Zero(a)
		}
		return value.OfObject(r)
	}
	if t.Special() == types.Decimal {
		return value.OfObject(&value.Decimal{Class: t})
	}
	switch t.Def.Name {
	case "Guid":
		return value.OfObject(&Guid{Class: t})
	case "DateTimeOffset":
		return value.OfObject(&Offset{Class: t})
	case "KeyValuePair":
		return value.OfObject(&Pair{Class: t, Key: Zero(t.Args[0]), Value: Zero(t.Args[1])})
	}
	return value.Nil
}

// NewArray returns an array of n default elements; class is its type.
func NewArray(class *types.Type, n int) value.Settable {
	if class.Elem.Special() == types.Byte {
		return &value.Bytes{Class: class, Elem: class.Elem, Data: make([]byte, n)}
	}
	a := &value.Array{Class: class, Elem: class.Elem, Items: make([]value.Value, n)}
	if zero := Zero(class.Elem); !zero.IsNull() {
		for i := range a.Items {
			a.Items[i] = zero
		}
	}
	return a
}

// ArrayOf returns an array of rank 1 with these elements.
func ArrayOf(class *types.Type, items []value.Value) value.Value {
	if class.Elem.Special() == types.Byte {
		b := &value.Bytes{Class: class, Elem: class.Elem, Data: make([]byte, len(items))}
		for i, v := range items {
			b.Data[i] = byte(v.Bits())
		}
		return value.OfObject(b)
	}
	return value.OfObject(&value.Array{Class: class, Elem: class.Elem, Items: items})
}
