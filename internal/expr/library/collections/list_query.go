package collections

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// search returns the place of the first element, or the last, that a predicate accepts, -1 for none.
func search(c *value.Call, fromEnd bool) (int, *value.Exception) {
	l := self(c)
	match, e := DelegateArg(c, 1, "match")
	if e != nil {
		return -1, e
	}
	for n := range l.items {
		i := n
		if fromEnd {
			i = len(l.items) - 1 - n
		}
		v, e := Invoke(c.Thread, match, l.items[i])
		if e != nil || v.Bool() {
			return i, e
		}
	}
	return -1, nil
}

func listFind(c *value.Call) (value.Value, *value.Exception)     { return found(c, false) }
func listFindLast(c *value.Call) (value.Value, *value.Exception) { return found(c, true) }

func found(c *value.Call, fromEnd bool) (value.Value, *value.Exception) {
	i, e := search(c, fromEnd)
	if e != nil || i < 0 {
		return object.Zero(TypeArg(c.Declaring, 0)), e
	}
	return self(c).items[i], nil
}

func listFindIndex(c *value.Call) (value.Value, *value.Exception) {
	i, e := search(c, false)
	return object.Of(c.Thread).Int(int64(i)), e
}

func listFindLastIndex(c *value.Call) (value.Value, *value.Exception) {
	i, e := search(c, true)
	return object.Of(c.Thread).Int(int64(i)), e
}

func listExists(c *value.Call) (value.Value, *value.Exception) {
	i, e := search(c, false)
	return object.Of(c.Thread).Bool(i >= 0), e
}

func listFindAll(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	match, e := DelegateArg(c, 1, "match")
	if e != nil {
		return value.Nil, e
	}
	out := &List{class: l.class}
	for _, item := range l.items {
		v, e := Invoke(c.Thread, match, item)
		if e != nil {
			return value.Nil, e
		}
		if v.Bool() {
			if e := out.add(c.Thread, item); e != nil {
				return value.Nil, e
			}
		}
	}
	return value.OfObject(out), nil
}

func listRemoveAll(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	match, e := DelegateArg(c, 1, "match")
	if e != nil {
		return value.Nil, e
	}
	var kept []value.Value
	for _, item := range l.items {
		v, e := Invoke(c.Thread, match, item)
		if e != nil {
			return value.Nil, e
		}
		if !v.Bool() {
			kept = append(kept, item)
		}
	}
	n := len(l.items) - len(kept)
	l.items = kept
	l.version++
	return object.Of(c.Thread).Int(int64(n)), nil
}

func listTrueForAll(c *value.Call) (value.Value, *value.Exception) {
	env := object.Of(c.Thread)
	match, e := DelegateArg(c, 1, "match")
	if e != nil {
		return value.Nil, e
	}
	for _, item := range self(c).items {
		v, e := Invoke(c.Thread, match, item)
		if e != nil || !v.Bool() {
			return env.Bool(false), e
		}
	}
	return env.Bool(true), nil
}

func listForEach(c *value.Call) (value.Value, *value.Exception) {
	action, e := DelegateArg(c, 1, "action")
	if e != nil {
		return value.Nil, e
	}
	l := self(c)
	version := l.version
	for i := range l.items {
		if version != l.version {
			return value.Nil, modified()
		}
		if _, e := Invoke(c.Thread, action, l.items[i]); e != nil {
			return value.Nil, e
		}
	}
	return value.Nil, nil
}

func listConvertAll(c *value.Call) (value.Value, *value.Exception) {
	convert, e := DelegateArg(c, 1, "converter")
	if e != nil {
		return value.Nil, e
	}
	out := &List{class: c.Result}
	for _, item := range self(c).items {
		v, e := Invoke(c.Thread, convert, item)
		if e != nil {
			return value.Nil, e
		}
		if e := out.add(c.Thread, v); e != nil {
			return value.Nil, e
		}
	}
	return value.OfObject(out), nil
}

func listLastIndexOf(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	for i, v := range slices.Backward(l.items) {
		if object.Equal(v, c.Args[1]) {
			return object.Of(c.Thread).Int(int64(i)), nil
		}
	}
	return object.Of(c.Thread).Int(-1), nil
}

// listBinarySearch returns the place of an element in a sorted list, or the complement of where it would be.
func listBinarySearch(c *value.Call) (value.Value, *value.Exception) {
	l := self(c)
	lo, hi := 0, len(l.items)-1
	for lo <= hi {
		mid := (lo + hi) / 2
		n, e := object.Compare(l.items[mid], c.Args[1])
		switch {
		case e != nil:
			return value.Nil, e
		case n == 0:
			return object.Of(c.Thread).Int(int64(mid)), nil
		case n < 0:
			lo = mid + 1
		default:
			hi = mid - 1
		}
	}
	return object.Of(c.Thread).Int(int64(^lo)), nil
}

func listCapacity(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	x, _ := o.Object()
	l, ok := x.(*List)
	if !ok {
		return 0, nil
	}
	n := int64(0)
	for len(l.items) > int(n) {
		n = max(4, 2*n)
	}
	return n, nil
}

func ignore(*value.Call) (value.Value, *value.Exception) { return value.Nil, nil }
