package linq

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func where(c *value.Call) (value.Value, *value.Exception) {
	seq, d, e := sourceAnd(c, "predicate")
	if e != nil {
		return value.Nil, e
	}
	return lazy(c, each(seq, func(t *value.Thread) step {
		call := caller(t, d)
		return func(v value.Value) (value.Value, action, *value.Exception) {
			ok, e := call(v)
			if ok.Bool() {
				return v, yield, e
			}
			return v, skip, e
		}
	}))
}

func project(c *value.Call) (value.Value, *value.Exception) {
	seq, d, e := sourceAnd(c, "selector")
	if e != nil {
		return value.Nil, e
	}
	return lazy(c, each(seq, func(t *value.Thread) step {
		call := caller(t, d)
		return func(v value.Value) (value.Value, action, *value.Exception) {
			out, e := call(v)
			return out, yield, e
		}
	}))
}

func takeWhile(c *value.Call) (value.Value, *value.Exception) {
	seq, d, e := sourceAnd(c, "predicate")
	if e != nil {
		return value.Nil, e
	}
	return lazy(c, each(seq, func(t *value.Thread) step {
		call := caller(t, d)
		return func(v value.Value) (value.Value, action, *value.Exception) {
			ok, e := call(v)
			if ok.Bool() {
				return v, yield, e
			}
			return v, stop, e
		}
	}))
}

func skipWhile(c *value.Call) (value.Value, *value.Exception) {
	seq, d, e := sourceAnd(c, "predicate")
	if e != nil {
		return value.Nil, e
	}
	return lazy(c, each(seq, func(t *value.Thread) step {
		call, open := caller(t, d), false
		return func(v value.Value) (value.Value, action, *value.Exception) {
			if !open {
				ok, e := call(v)
				if e != nil || ok.Bool() {
					return v, skip, e
				}
				open = true
			}
			return v, yield, nil
		}
	}))
}

func take(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	n := c.Args[1].Int()
	return lazy(c, func(t *value.Thread) value.Iterator {
		next, left := seq.Iterate(t), n
		return func() (value.Value, bool, *value.Exception) {
			if left <= 0 {
				return end(nil)
			}
			left--
			return next()
		}
	})
}

func skipFirst(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	n := c.Args[1].Int()
	return lazy(c, each(seq, func(*value.Thread) step {
		left := n
		return func(v value.Value) (value.Value, action, *value.Exception) {
			if left > 0 {
				left--
				return v, skip, nil
			}
			return v, yield, nil
		}
	}))
}

// ends makes TakeLast and SkipLast, which need all elements first.
func ends(cut func(items []value.Value, n int) []value.Value) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		seq, e := source(c)
		if e != nil {
			return value.Nil, e
		}
		n := int(max(c.Args[1].Int(), 0))
		return collected(c, seq, func(_ *value.Thread, items []value.Value) ([]value.Value, *value.Exception) {
			return cut(items, min(n, len(items))), nil
		})
	}
}

// collected returns a sequence that collects its source when its enumeration begins, and changes it.
func collected(c *value.Call, seq value.Enumerable, change func(t *value.Thread, items []value.Value) ([]value.Value, *value.Exception)) (value.Value, *value.Exception) {
	return lazy(c, func(t *value.Thread) value.Iterator {
		var next value.Iterator
		return func() (value.Value, bool, *value.Exception) {
			if next == nil {
				items, e := collections.Collect(t, seq)
				if e == nil {
					items, e = change(t, items)
				}
				if e != nil {
					return end(e)
				}
				next = value.IterateSlice(items)
			}
			return next()
		}
	})
}

func reverse(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	return collected(c, seq, func(_ *value.Thread, items []value.Value) ([]value.Value, *value.Exception) {
		out := make([]value.Value, len(items))
		for i, v := range items {
			out[len(items)-1-i] = v
		}
		return out, nil
	})
}

// selectMany is all four overloads: with the place of the element, and with a selector of the result.
func selectMany(c *value.Call) (value.Value, *value.Exception) {
	seq, d, e := sourceAnd(c, "selector")
	if e != nil {
		return value.Nil, e
	}
	var result *value.Delegate
	if len(c.Args) > 2 {
		if result, e = collections.DelegateArg(c, 2, "resultSelector"); e != nil {
			return value.Nil, e
		}
	}
	return lazy(c, func(t *value.Thread) value.Iterator {
		return flatten(t, seq.Iterate(t), caller(t, d), result)
	})
}

func flatten(t *value.Thread, outer value.Iterator, inner func(value.Value) (value.Value, *value.Exception), result *value.Delegate) value.Iterator {
	var next value.Iterator
	var item value.Value
	return func() (value.Value, bool, *value.Exception) {
		for {
			if next != nil {
				v, ok, e := next()
				if ok && e == nil && result != nil {
					v, e = collections.Invoke(t, result, item, v)
				}
				if ok || e != nil {
					return v, e == nil, e
				}
				next = nil
			}
			v, ok, e := outer()
			if e != nil || !ok {
				return end(e)
			}
			item = v
			many, e := inner(v)
			if e != nil {
				return end(e)
			}
			if many.IsNull() {
				return end(value.NullReference())
			}
			seq, e := collections.Source(t, many, "source")
			if e != nil {
				return end(e)
			}
			next = seq.Iterate(t)
		}
	}
}

// cast is Cast<T>: a wrong element is InvalidCastException; ofType leaves it out.
func cast(c *value.Call) (value.Value, *value.Exception)   { return typed(c, false) }
func ofType(c *value.Call) (value.Value, *value.Exception) { return typed(c, true) }

func typed(c *value.Call, filter bool) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	to := elementClass(c.Result)
	return lazy(c, each(seq, func(t *value.Thread) step {
		env := object.Of(t)
		return func(v value.Value) (value.Value, action, *value.Exception) {
			switch {
			case v.IsNull() && filter:
				return v, skip, nil
			case v.IsNull() && to.AcceptsNull(), !v.IsNull() && env.Is(v, to):
				return v, yield, nil
			case filter:
				return v, skip, nil
			case v.IsNull():
				return v, skip, value.NullReference()
			}
			return v, skip, value.BadCast(env.TypeOf(v).FullName(), to.FullName())
		}
	}))
}
