package linq

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// ordered is an IOrderedEnumerable<T>: its source with the keys that it is ordered by.
type ordered struct {
	class value.Type
	from  value.Enumerable
	keys  []orderKey
}

// orderKey is one key of an order.
type orderKey struct {
	selector   *value.Delegate
	comparer   value.OrderComparer
	descending bool
}

var _ value.Enumerable = (*ordered)(nil)

// ObjectType returns the closed type IOrderedEnumerable<T>.
func (o *ordered) ObjectType() value.Type { return o.class }

// orderBy makes OrderBy and OrderByDescending.
func orderBy(descending bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		seq, e := source(c)
		if e != nil {
			return value.Nil, e
		}
		return withKey(c, &ordered{class: c.Result, from: seq}, descending)
	}
}

// thenBy makes ThenBy and ThenByDescending.
func thenBy(descending bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		x, _ := c.Args[0].Object()
		o, ok := x.(*ordered)
		if !ok {
			return value.Nil, value.NullArgument("source")
		}
		keys := append([]orderKey(nil), o.keys...)
		return withKey(c, &ordered{class: c.Result, from: o.from, keys: keys}, descending)
	}
}

func withKey(c *value.Call, o *ordered, descending bool) (value.Value, *value.Exception) {
	d, e := collections.DelegateArg(c, 1, "keySelector")
	if e != nil {
		return value.Nil, e
	}
	k := orderKey{selector: d, descending: descending}
	if len(c.Args) > 2 {
		k.comparer = collections.OrderArg(c.Args[2])
	}
	o.keys = append(o.keys, k)
	return value.OfObject(o), nil
}

// Iterate sorts when the first element is asked for.
func (o *ordered) Iterate(t *value.Thread) value.Iterator {
	var next value.Iterator
	return deeper(t, func() (value.Value, bool, *value.Exception) {
		if next == nil {
			items, e := o.sorted(t)
			if e != nil {
				return end(e)
			}
			next = value.IterateSlice(items)
		}
		return next()
	})
}

// sorted returns the elements in order; elements with equal keys stay in theirs.
func (o *ordered) sorted(t *value.Thread) ([]value.Value, *value.Exception) {
	items, e := collections.Collect(t, o.from)
	if e != nil {
		return nil, e
	}
	rows, e := value.Make[value.Value](t, len(items))
	if e != nil {
		return nil, e
	}
	for i, v := range items {
		if e := t.Budget.Alloc(rowBytes + int64(len(o.keys))*keyBytes); e != nil {
			return nil, e
		}
		r := &row{item: v, keys: make([]value.Value, 0, len(o.keys))}
		for _, k := range o.keys {
			key, e := collections.Invoke(t, k.selector, v)
			if e != nil {
				return nil, e
			}
			r.keys = append(r.keys, key)
		}
		rows[i] = value.OfObject(r)
	}
	if e := collections.Sort(t, rows, o.compare); e != nil {
		return nil, e
	}
	for i, v := range rows {
		items[i] = asRow(v).item
	}
	return items, nil
}

// rowBytes and keyBytes are what an element and each of its keys take of the memory budget while they are sorted.
const (
	rowBytes = 48
	keyBytes = 24
)

// row is an element with its keys, while it is sorted.
type row struct {
	item value.Value
	keys []value.Value
}

// ObjectType returns nil: no expression sees a row.
func (*row) ObjectType() value.Type { return nil }

func asRow(v value.Value) *row {
	x, _ := v.Object()
	r, ok := x.(*row)
	if !ok {
		return &row{}
	}
	return r
}

func (o *ordered) compare(a, b value.Value) (int, *value.Exception) {
	x, y := asRow(a), asRow(b)
	for i, k := range o.keys {
		n, e := collections.SortBy(k.comparer, x.keys[i], y.keys[i])
		if e != nil {
			return 0, e
		}
		if k.descending {
			n = -n
		}
		if n != 0 {
			return n, nil
		}
	}
	return 0, nil
}
