package linq

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func toList(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	items, e := collections.Collect(c.Thread, seq)
	return value.OfObject(collections.NewList(c.Result, items)), e
}

func toArray(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	items, e := collections.Collect(c.Thread, seq)
	if e != nil {
		return value.Nil, e
	}
	class, _ := c.Result.(*types.Type)
	return object.ArrayOf(class, items), nil
}

func toHashSet(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	s, e := collections.NewSet(c.Thread, c.Result, seq, comparerArg(c, 1))
	return value.OfObject(s), e
}

func toDictionary(c *value.Call) (value.Value, *value.Exception) {
	a, e := readGroupArgs(c)
	if e != nil {
		return value.Nil, e
	}
	d := collections.NewDictionary(c.Thread, c.Result, a.comparer)
	e = collections.Each(c.Thread, a.seq, func(v value.Value) (bool, *value.Exception) {
		k, e := collections.Invoke(c.Thread, a.key, v)
		if e == nil && a.element != nil {
			v, e = collections.Invoke(c.Thread, a.element, v)
		}
		if e != nil {
			return false, e
		}
		return true, d.Insert(c.Thread, k, v)
	})
	if e != nil {
		return value.Nil, e
	}
	return value.OfObject(d), nil
}
