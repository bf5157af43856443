package linq

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// grouping is an IGrouping<TKey, TElement>.
type grouping struct {
	class value.Type
	key   value.Value
	items []value.Value
}

var _ value.Vector = (*grouping)(nil)

// ObjectType returns the closed type IGrouping<TKey, TElement>.
func (g *grouping) ObjectType() value.Type { return g.class }

// Count returns the number of elements.
func (g *grouping) Count() int { return len(g.items) }

// At returns the i-th element.
func (g *grouping) At(i int) value.Value { return g.items[i] }

// Iterate enumerates the elements.
func (g *grouping) Iterate(*value.Thread) value.Iterator { return value.IterateSlice(g.items) }

func groupKey(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	g, ok := o.(*grouping)
	if !ok {
		return value.Nil, value.NullReference()
	}
	return g.key, nil
}

// groups are the groupings of a sequence in the order of their first elements.
type groups struct {
	index *collections.Index
	list  []*grouping
}

// groupBytes is what a group without its elements takes of the memory budget.
const groupBytes = 80

// groupAll groups a sequence; element may be nil.
func groupAll(t *value.Thread, seq value.Enumerable, key, element *value.Delegate, cmp value.EqualityComparer, class value.Type) (*groups, *value.Exception) {
	g := &groups{index: collections.NewIndex(cmp)}
	e := collections.Each(t, seq, func(v value.Value) (bool, *value.Exception) {
		k, e := collections.Invoke(t, key, v)
		if e == nil && element != nil {
			v, e = collections.Invoke(t, element, v)
		}
		if e != nil {
			return false, e
		}
		return true, g.add(t, k, v, class)
	})
	return g, e
}

func (g *groups) add(t *value.Thread, k, v value.Value, class value.Type) *value.Exception {
	at, added, e := g.index.Add(t, k)
	if e != nil {
		return e
	}
	if added {
		if e := t.Budget.Alloc(groupBytes); e != nil {
			return e
		}
		if g.list, e = value.Append(t, g.list, &grouping{class: class, key: k}); e != nil {
			return e
		}
	}
	items, e := value.Append(t, g.list[at].items, v)
	g.list[at].items = items
	return e
}

// groupArgs are the arguments of a GroupBy or ToLookup: key, then element and result selectors by the number
// of their parameters, then a comparer.
type groupArgs struct {
	seq                  value.Enumerable
	key, element, result *value.Delegate
	comparer             value.EqualityComparer
}

func readGroupArgs(c *value.Call) (groupArgs, *value.Exception) {
	var a groupArgs
	var e *value.Exception
	if a.seq, a.key, e = sourceAnd(c, "keySelector"); e != nil {
		return a, e
	}
	for i := 2; i < len(c.Args); i++ {
		o, _ := c.Args[i].Object()
		switch x := o.(type) {
		case *value.Delegate:
			if class, ok := x.Class.(*types.Type); ok && len(class.Invoke().Params) == 2 {
				a.result = x
			} else {
				a.element = x
			}
		case value.EqualityComparer:
			a.comparer = x
		}
	}
	return a, nil
}

func groupBy(c *value.Call) (value.Value, *value.Exception) {
	a, e := readGroupArgs(c)
	if e != nil {
		return value.Nil, e
	}
	class := groupingClass(c, a)
	return lazy(c, func(t *value.Thread) value.Iterator {
		var g *groups
		i := -1
		return func() (value.Value, bool, *value.Exception) {
			if g == nil {
				var e *value.Exception
				if g, e = groupAll(t, a.seq, a.key, a.element, a.comparer, class); e != nil {
					return end(e)
				}
			}
			if i+1 >= len(g.list) {
				return end(nil)
			}
			i++
			if a.result == nil {
				return value.OfObject(g.list[i]), true, nil
			}
			v, e := collections.Invoke(t, a.result, g.list[i].key, value.OfObject(g.list[i]))
			return v, e == nil, e
		}
	})
}

// groupingClass is the type of the groups: where a result selector hides it, one of objects will do.
func groupingClass(c *value.Call, a groupArgs) value.Type {
	if a.result == nil {
		return elementClass(c.Result)
	}
	in := collections.TypeArg(a.result.Class, 1)
	key := collections.TypeArg(a.result.Class, 0)
	if in == nil || len(in.Args) == 0 {
		return c.Result
	}
	return object.Of(c.Thread).Generic("System.Linq.IGrouping", key, in.Args[0])
}

// lookupTable is an ILookup<TKey, TElement>.
type lookupTable struct {
	class value.Type
	*groups
}

var _ value.Counted = (*lookupTable)(nil)

// ObjectType returns the closed type ILookup<TKey, TElement>.
func (l *lookupTable) ObjectType() value.Type { return l.class }

// Count returns the number of keys.
func (l *lookupTable) Count() int { return len(l.list) }

// Iterate enumerates the groups.
func (l *lookupTable) Iterate(*value.Thread) value.Iterator {
	i := -1
	return func() (value.Value, bool, *value.Exception) {
		if i+1 >= len(l.list) {
			return end(nil)
		}
		i++
		return value.OfObject(l.list[i]), true, nil
	}
}

func toLookup(c *value.Call) (value.Value, *value.Exception) {
	a, e := readGroupArgs(c)
	if e != nil {
		return value.Nil, e
	}
	class := object.Of(c.Thread).Generic("System.Linq.IGrouping", collections.TypeArg(c.Result, 0), collections.TypeArg(c.Result, 1))
	g, e := groupAll(c.Thread, a.seq, a.key, a.element, a.comparer, class)
	if e != nil {
		return value.Nil, e
	}
	return value.OfObject(&lookupTable{class: c.Result, groups: g}), nil
}

func lookupGet(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	l, ok := o.(*lookupTable)
	if !ok {
		return value.Nil, value.NullReference()
	}
	if at := l.index.Find(c.Args[1]); at >= 0 {
		return value.OfObject(l.list[at]), nil
	}
	return empty(c)
}

func lookupContains(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	l, ok := o.(*lookupTable)
	return object.Of(c.Thread).Bool(ok && l.index.Find(c.Args[1]) >= 0), nil
}

func lookupCount(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	x, _ := o.Object()
	if l, ok := x.(*lookupTable); ok {
		return int64(len(l.list)), nil
	}
	return 0, value.NullReference()
}

func join(c *value.Call) (value.Value, *value.Exception)      { return joined(c, false) }
func groupJoin(c *value.Call) (value.Value, *value.Exception) { return joined(c, true) }

// joined pairs each element of the outer sequence with the inner elements of the same key, or with all of
// them as a group.
func joined(c *value.Call, asGroup bool) (value.Value, *value.Exception) {
	outer, e := collections.Source(c.Thread, c.Args[0], "outer")
	if e != nil {
		return value.Nil, e
	}
	inner, e := collections.Source(c.Thread, c.Args[1], "inner")
	if e != nil {
		return value.Nil, e
	}
	var d [3]*value.Delegate
	for i, name := range []string{"outerKeySelector", "innerKeySelector", "resultSelector"} {
		if d[i], e = collections.DelegateArg(c, 2+i, name); e != nil {
			return value.Nil, e
		}
	}
	cmp := comparerArg(c, 5)
	var class value.Type = elementClass(c.Result)
	if in := collections.TypeArg(d[2].Class, 1); asGroup && in != nil {
		class = in
	}
	return lazy(c, func(t *value.Thread) value.Iterator {
		return joinRows(t, outer, inner, d, cmp, class, asGroup)
	})
}

func joinRows(t *value.Thread, outer, inner value.Enumerable, d [3]*value.Delegate, cmp value.EqualityComparer, class value.Type, asGroup bool) value.Iterator {
	var g *groups
	next := outer.Iterate(t)
	var left value.Value
	var rest []value.Value
	return func() (value.Value, bool, *value.Exception) {
		for {
			if len(rest) > 0 {
				right := rest[0]
				rest = rest[1:]
				v, e := collections.Invoke(t, d[2], left, right)
				return v, e == nil, e
			}
			v, ok, e := next()
			if e != nil || !ok {
				return end(e)
			}
			if g == nil {
				if g, e = groupAll(t, inner, d[1], nil, cmp, class); e != nil {
					return end(e)
				}
			}
			key, e := collections.Invoke(t, d[0], v)
			if e != nil {
				return end(e)
			}
			left, rest = v, g.matches(key, class, asGroup)
		}
	}
}

// matches are the elements with a key, or one group of them, which may be empty. A null key matches nothing.
func (g *groups) matches(key value.Value, class value.Type, asGroup bool) []value.Value {
	group := &grouping{class: class, key: key}
	if at := g.index.Find(key); at >= 0 && !key.IsNull() {
		group = g.list[at]
	}
	if asGroup {
		return []value.Value{value.OfObject(group)}
	}
	return group.items
}
