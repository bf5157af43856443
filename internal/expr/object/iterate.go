package object

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Iterate starts the enumeration of anything that is an IEnumerable, and reports whether v is one.
func Iterate(t *value.Thread, v value.Value) (value.Iterator, bool) {
	if s, ok := v.Str(); ok {
		return value.IterateString(s.Go(), Of(t).Type(types.Char)), true
	}
	o, _ := v.Object()
	if seq, ok := o.(value.Enumerable); ok {
		return seq.Iterate(t), true
	}
	return nil, false
}

// List returns all elements of an enumerable, charged to the budget. Null is no element at all.
func List(t *value.Thread, v value.Value) ([]value.Value, *value.Exception) {
	it, ok := Iterate(t, v)
	if !ok {
		return nil, nil
	}
	var list []value.Value
	if o, ok := v.Object(); ok {
		if n, ok := o.(value.Counted); ok {
			var e *value.Exception
			if list, e = value.Make[value.Value](t, n.Count()); e != nil {
				return nil, e
			}
			list = list[:0]
		}
	}
	for {
		x, ok, e := it()
		if e != nil {
			return nil, e
		}
		if !ok {
			return list, nil
		}
		if e := t.Budget.Step(); e != nil {
			return nil, e
		}
		if list, e = value.Append(t, list, x); e != nil {
			return nil, e
		}
	}
}

// ElementSize is what one element of a collection costs of the memory budget, in bytes.
const ElementSize = 24

// Strings returns the elements of an array or sequence of strings; null elements are "".
func Strings(t *value.Thread, v value.Value) ([]string, *value.Exception) {
	list, e := List(t, v)
	if e != nil {
		return nil, e
	}
	out, e := value.Make[string](t, len(list))
	if e != nil {
		return nil, e
	}
	for i, x := range list {
		s, e := TextIn(t, x)
		if e != nil {
			return nil, e
		}
		out[i] = s.Go()
	}
	return out, nil
}

// Invoke calls a delegate that may be null.
func Invoke(t *value.Thread, d value.Value, args ...value.Value) (value.Value, *value.Exception) {
	o, _ := d.Object()
	fn, ok := o.(*value.Delegate)
	if !ok {
		return value.Nil, value.NullReference()
	}
	if e := t.Budget.Step(); e != nil {
		return value.Nil, e
	}
	return fn.Fn(t, args)
}
