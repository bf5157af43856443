package linq

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const (
	noElements    = "Sequence contains no elements"
	noMatch       = "Sequence contains no matching element"
	manyElements  = "Sequence contains more than one element"
	manyMatches   = "Sequence contains more than one matching element"
	predicateName = "predicate"
)

// pick says which element First, Last and Single take.
type pick uint8

const (
	first pick = iota
	last
	single
)

// element makes First, Last, Single and their OrDefault forms.
func element(which pick, orDefault bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		seq, e := source(c)
		if e != nil {
			return value.Nil, e
		}
		match, def, e := elementArgs(c)
		if e != nil {
			return value.Nil, e
		}
		v, n, e := choose(c.Thread, seq, match, which)
		switch {
		case e != nil:
			return value.Nil, e
		case n == 0 && orDefault:
			return def, nil
		case n == 0 && match != nil:
			return value.Nil, value.InvalidOperation(noMatch)
		case n == 0:
			return value.Nil, value.InvalidOperation(noElements)
		case n > 1 && which == single && match != nil:
			return value.Nil, value.InvalidOperation(manyMatches)
		case n > 1 && which == single:
			return value.Nil, value.InvalidOperation(manyElements)
		}
		return v, nil
	}
}

// elementArgs are the predicate, which may be nil, and the default: that of the type, or one given.
func elementArgs(c *value.Call) (*value.Delegate, value.Value, *value.Exception) {
	result, _ := c.Result.(*types.Type)
	def := object.Zero(result)
	if len(c.Args) == 1 {
		return nil, def, nil
	}
	match, e := collections.DelegateArg(c, 1, predicateName)
	return match, def, e
}

// choose returns the element, and how many there are as far as it matters.
func choose(t *value.Thread, seq value.Enumerable, match *value.Delegate, which pick) (value.Value, int, *value.Exception) {
	if v, ok := seq.(value.Vector); ok && match == nil && which == last && v.Count() > 0 {
		return v.At(v.Count() - 1), 1, nil
	}
	found, n := value.Nil, 0
	e := collections.Each(t, seq, func(v value.Value) (bool, *value.Exception) {
		if match != nil {
			ok, e := collections.Invoke(t, match, v)
			if e != nil || !ok.Bool() {
				return true, e
			}
		}
		found = v
		n++
		return which == last || which == single && n < 2, nil
	})
	return found, n, e
}

// elementAt makes ElementAt and ElementAtOrDefault.
func elementAt(orDefault bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		seq, e := source(c)
		if e != nil {
			return value.Nil, e
		}
		at, found, out := c.Args[1].Int(), false, value.Nil
		i := int64(-1)
		e = collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
			i++
			if found = i == at; found {
				out = v
			}
			return !found, nil
		})
		switch {
		case e != nil || found:
			return out, e
		case orDefault:
			result, _ := c.Result.(*types.Type)
			return object.Zero(result), nil
		}
		return value.Nil, value.OutOfRange("index", "Index was out of range. Must be non-negative and less than the size of the collection.")
	}
}

func anyElement(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	match, _, e := elementArgs(c)
	if e != nil {
		return value.Nil, e
	}
	_, n, e := choose(c.Thread, seq, match, first)
	return object.Of(c.Thread).Bool(n > 0), e
}

func all(c *value.Call) (value.Value, *value.Exception) {
	seq, match, e := sourceAnd(c, predicateName)
	if e != nil {
		return value.Nil, e
	}
	ok := true
	e = collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		r, e := collections.Invoke(c.Thread, match, v)
		ok = r.Bool()
		return ok, e
	})
	return object.Of(c.Thread).Bool(ok), e
}

func count(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	match, _, e := elementArgs(c)
	if e != nil {
		return value.Nil, e
	}
	n := int64(0)
	if k, ok := seq.(value.Counted); ok && match == nil {
		n = int64(k.Count())
	} else {
		e = collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
			if match != nil {
				ok, e := collections.Invoke(c.Thread, match, v)
				if e != nil || !ok.Bool() {
					return true, e
				}
			}
			n++
			return true, nil
		})
	}
	return value.Boxed(c.Result, uint64(n)), e
}

func contains(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	cmp, found := comparerArg(c, 2), false
	if list, ok := seq.(value.Vector); ok {
		for i := 0; i < list.Count() && !found && e == nil; i++ {
			e = c.Thread.Budget.Step()
			found = collections.EqualBy(cmp, list.At(i), c.Args[1])
		}
		return object.Of(c.Thread).Bool(found), e
	}
	return containsIn(c, seq, cmp)
}

// bindContains looks for a string without boxing it.
func bindContains(u *types.Use) types.Impl {
	if u.TypeArgs[0].Special() != types.String || u.Args[0].Known {
		return nil
	}
	if !u.Args[1].Known {
		return types.ObjStrBool(containsText)
	}
	want := u.Args[1].Value.StringOrNull()
	return types.ObjBool(func(t *value.Thread, o value.Value) (bool, *value.Exception) { return containsText(t, o, want) })
}

// stepBytes is how many bytes of strings of one length are compared in one step of the budget.
const stepBytes = 256

// containsText looks for a string.
func containsText(t *value.Thread, o value.Value, want value.String) (bool, *value.Exception) {
	a, ok := value.As[*value.Array](o)
	if !ok || a.Dims != nil {
		v, e := contains(&value.Call{Thread: t, Args: []value.Value{o, value.OfString(want)}})
		return v.Bool(), e
	}
	cost := int64(1 + len(want.Go())/stepBytes)
	for i := range a.Items {
		if e := t.Budget.Steps(cost); e != nil {
			return false, e
		}
		if a.Items[i].StringOrNull().Equal(want) {
			return true, nil
		}
	}
	return false, nil
}

// containsIn looks for the second argument in a sequence that has no index.
func containsIn(c *value.Call, seq value.Enumerable, cmp value.EqualityComparer) (value.Value, *value.Exception) {
	found := false
	e := collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		found = collections.EqualBy(cmp, v, c.Args[1])
		return !found, nil
	})
	return object.Of(c.Thread).Bool(found), e
}

func sequenceEqual(c *value.Call) (value.Value, *value.Exception) {
	x, y, e := two(c)
	if e != nil {
		return value.Nil, e
	}
	env, cmp := object.Of(c.Thread), comparerArg(c, 2)
	a, b := x.Iterate(c.Thread), y.Iterate(c.Thread)
	for {
		v, ok1, e := a()
		if e != nil {
			return value.Nil, e
		}
		w, ok2, e := b()
		if e != nil {
			return value.Nil, e
		}
		if !ok1 || !ok2 {
			return env.Bool(ok1 == ok2), nil
		}
		if !collections.EqualBy(cmp, v, w) {
			return env.Bool(false), nil
		}
		if e := c.Thread.Budget.Step(); e != nil {
			return value.Nil, e
		}
	}
}

// aggregate is all three overloads: without seed, with one, and with a selector of the result.
func aggregate(c *value.Call) (value.Value, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return value.Nil, e
	}
	seeded := len(c.Args) > 2
	at, acc := 1, value.Nil
	if seeded {
		at, acc = 2, c.Args[1]
	}
	f, e := collections.DelegateArg(c, at, "func")
	if e != nil {
		return value.Nil, e
	}
	some := seeded
	e = collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		if !some {
			acc, some = v, true
			return true, nil
		}
		r, e := collections.Invoke(c.Thread, f, acc, v)
		acc = r
		return true, e
	})
	switch {
	case e != nil:
		return value.Nil, e
	case !some:
		return value.Nil, value.InvalidOperation(noElements)
	case len(c.Args) > 3:
		result, e := collections.DelegateArg(c, 3, "resultSelector")
		if e != nil {
			return value.Nil, e
		}
		return collections.Invoke(c.Thread, result, acc)
	}
	return acc, nil
}
