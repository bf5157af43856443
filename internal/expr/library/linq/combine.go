package linq

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// two returns the first two arguments as sequences.
func two(c *value.Call) (first, second value.Enumerable, e *value.Exception) {
	if first, e = collections.Source(c.Thread, c.Args[0], "first"); e != nil {
		return nil, nil, e
	}
	second, e = collections.Source(c.Thread, c.Args[1], "second")
	return first, second, e
}

func concat(c *value.Call) (value.Value, *value.Exception) {
	first, second, e := two(c)
	if e != nil {
		return value.Nil, e
	}
	return lazy(c, func(t *value.Thread) value.Iterator { return chain(t, first, second) })
}

// chain enumerates one sequence after the other.
func chain(t *value.Thread, list ...value.Enumerable) value.Iterator {
	var next value.Iterator
	i := 0
	return func() (value.Value, bool, *value.Exception) {
		for {
			if next == nil {
				if i == len(list) {
					return end(nil)
				}
				next = list[i].Iterate(t)
				i++
			}
			v, ok, e := next()
			if ok || e != nil {
				return v, ok, e
			}
			next = nil
		}
	}
}

// one is a sequence of one element.
func one(class value.Type, v value.Value) value.Enumerable {
	return &sequence{class: class, start: func(*value.Thread) value.Iterator {
		return value.IterateSlice([]value.Value{v})
	}}
}

func appendOne(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	last := one(c.Result, c.Args[1])
	return lazy(c, func(t *value.Thread) value.Iterator { return chain(t, seq, last) })
}

func prepend(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	first := one(c.Result, c.Args[1])
	return lazy(c, func(t *value.Thread) value.Iterator { return chain(t, first, seq) })
}

// comparerArg returns the n-th argument as a comparer, nil where there is none.
func comparerArg(c *value.Call, n int) value.EqualityComparer {
	if n >= len(c.Args) {
		return nil
	}
	return collections.EqualityArg(c.Args[n])
}

func distinct(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	cmp := comparerArg(c, 1)
	return lazy(c, each(seq, func(t *value.Thread) step { return unseen(t, collections.NewIndex(cmp)) }))
}

// unseen yields the elements that are not in an index yet, and adds them.
func unseen(t *value.Thread, seen *collections.Index) step {
	return func(v value.Value) (value.Value, action, *value.Exception) {
		_, added, e := seen.Add(t, v)
		if added {
			return v, yield, e
		}
		return v, skip, e
	}
}

func union(c *value.Call) (value.Value, *value.Exception) {
	first, second, e := two(c)
	if e != nil {
		return value.Nil, e
	}
	both := &sequence{class: c.Result, start: func(t *value.Thread) value.Iterator { return chain(t, first, second) }}
	cmp := comparerArg(c, 2)
	return lazy(c, each(both, func(t *value.Thread) step { return unseen(t, collections.NewIndex(cmp)) }))
}

func except(c *value.Call) (value.Value, *value.Exception)    { return filtered(c, false) }
func intersect(c *value.Call) (value.Value, *value.Exception) { return filtered(c, true) }

// filtered yields the different elements of the first sequence that are, or are not, in the second.
func filtered(c *value.Call, keep bool) (value.Value, *value.Exception) {
	first, second, e := two(c)
	if e != nil {
		return value.Nil, e
	}
	cmp := comparerArg(c, 2)
	return lazy(c, each(first, func(t *value.Thread) step {
		var other *collections.Index
		fresh := unseen(t, collections.NewIndex(cmp))
		return func(v value.Value) (value.Value, action, *value.Exception) {
			if other == nil {
				other = collections.NewIndex(cmp)
				e := collections.Each(t, second, func(x value.Value) (bool, *value.Exception) {
					_, _, e := other.Add(t, x)
					return true, e
				})
				if e != nil {
					return v, stop, e
				}
			}
			if (other.Find(v) >= 0) != keep {
				return v, skip, nil
			}
			return fresh(v)
		}
	}))
}

func zip(c *value.Call) (value.Value, *value.Exception) {
	first, second, e := two(c)
	if e != nil {
		return value.Nil, e
	}
	var d *value.Delegate
	if len(c.Args) > 2 {
		if d, e = collections.DelegateArg(c, 2, "resultSelector"); e != nil {
			return value.Nil, e
		}
	}
	class := elementClass(c.Result)
	return lazy(c, func(t *value.Thread) value.Iterator {
		a, b := first.Iterate(t), second.Iterate(t)
		return func() (value.Value, bool, *value.Exception) {
			x, ok, e := a()
			if e != nil || !ok {
				return end(e)
			}
			y, ok, e := b()
			if e != nil || !ok {
				return end(e)
			}
			if d == nil {
				return value.OfObject(&value.Record{Class: class, Items: []value.Value{x, y}}), true, nil
			}
			v, e := collections.Invoke(t, d, x, y)
			return v, e == nil, e
		}
	})
}

func defaultIfEmpty(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	def := object.Zero(elementClass(c.Result))
	if len(c.Args) > 1 {
		def = c.Args[1]
	}
	return lazy(c, func(t *value.Thread) value.Iterator {
		next, any, done := seq.Iterate(t), false, false
		return func() (value.Value, bool, *value.Exception) {
			if done {
				return end(nil)
			}
			v, ok, e := next()
			if !ok && !any && e == nil {
				done = true
				return def, true, nil
			}
			any = true
			return v, ok, e
		}
	})
}

func rangeOf(c *value.Call) (value.Value, *value.Exception) {
	start, n := c.Args[0].Int(), c.Args[1].Int()
	if n < 0 || start+n-1 > 1<<31-1 {
		return value.Nil, value.OutOfRange("count", "")
	}
	return lazy(c, func(t *value.Thread) value.Iterator {
		env, i := object.Of(t), int64(-1)
		return func() (value.Value, bool, *value.Exception) {
			if i+1 >= n {
				return end(nil)
			}
			i++
			return env.Int(start + i), true, t.Budget.Step()
		}
	})
}

func repeat(c *value.Call) (value.Value, *value.Exception) {
	v, n := c.Args[0], c.Args[1].Int()
	if n < 0 {
		return value.Nil, value.OutOfRange("count", "")
	}
	return lazy(c, func(t *value.Thread) value.Iterator {
		left := n
		return func() (value.Value, bool, *value.Exception) {
			if left == 0 {
				return end(nil)
			}
			left--
			return v, true, t.Budget.Step()
		}
	})
}

// empty is Empty<T>() and what a lookup has for a key that is missing: an array.
func empty(c *value.Call) (value.Value, *value.Exception) {
	class, ok := c.Result.(*types.Type)
	if !ok || len(class.Args) == 0 {
		return lazy(c, func(*value.Thread) value.Iterator { return value.IterateSlice(nil) })
	}
	return value.OfObject(object.NewArray(object.Of(c.Thread).Lib.ArrayOf(class.Args[0], 1), 0)), nil
}

func asEnumerable(c *value.Call) (value.Value, *value.Exception) { return c.Args[0], nil }
