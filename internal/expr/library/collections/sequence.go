package collections

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Source returns an argument as a sequence, or ArgumentNullException. A string is one of characters.
func Source(t *value.Thread, v value.Value, name string) (value.Enumerable, *value.Exception) {
	if s, ok := v.Str(); ok {
		return characters{s: s, char: object.Of(t).Type(types.Char)}, nil
	}
	o, ok := v.Object()
	if !ok {
		return nil, value.NullArgument(name)
	}
	seq, ok := o.(value.Enumerable)
	if !ok {
		return nil, value.BadCast(o.ObjectType().FullName(), "System.Collections.IEnumerable")
	}
	return seq, nil
}

// characters is a string as a sequence.
type characters struct {
	s    value.String
	char *types.Type
}

// ObjectType returns the type char, which nothing asks for.
func (c characters) ObjectType() value.Type { return c.char }

// Iterate enumerates the UTF-16 code units.
func (c characters) Iterate(*value.Thread) value.Iterator {
	return value.IterateString(c.s.Go(), c.char)
}

// Each calls f with each element of a sequence and takes a step of the budget for each.
func Each(t *value.Thread, seq value.Enumerable, f func(v value.Value) (more bool, e *value.Exception)) *value.Exception {
	next := seq.Iterate(t)
	for {
		v, ok, e := next()
		if e != nil || !ok {
			return e
		}
		if e := t.Budget.Step(); e != nil {
			return e
		}
		more, e := f(v)
		if e != nil || !more {
			return e
		}
	}
}

// valueBytes is what one element takes of the memory budget.
const valueBytes = 24

// Collect returns all elements of a sequence.
func Collect(t *value.Thread, seq value.Enumerable) ([]value.Value, *value.Exception) {
	var items []value.Value
	if n, ok := seq.(value.Counted); ok {
		var e *value.Exception
		if items, e = value.Make[value.Value](t, n.Count()); e != nil {
			return nil, e
		}
		items = items[:0]
	}
	e := Each(t, seq, func(v value.Value) (bool, *value.Exception) {
		var e *value.Exception
		items, e = value.Append(t, items, v)
		return e == nil, e
	})
	return items, e
}

// TypeArg returns the i-th type argument of a closed type, or nil.
func TypeArg(t value.Type, i int) *types.Type {
	tt, ok := t.(*types.Type)
	if !ok || i >= len(tt.Args) {
		return nil
	}
	return tt.Args[i]
}

// Enumerator is an IEnumerator<T> over any sequence.
type Enumerator struct {
	class value.Type
	next  value.Iterator
	cur   value.Value
}

// NewEnumerator returns an enumerator whose type is class.
func NewEnumerator(class value.Type, next value.Iterator) value.Value {
	return value.OfObject(&Enumerator{class: class, next: next})
}

// ObjectType returns the enumerator's type.
func (n *Enumerator) ObjectType() value.Type { return n.class }

// Iterate goes on where the enumerator is: that is what foreach does with the result of GetEnumerator.
func (n *Enumerator) Iterate(*value.Thread) value.Iterator { return n.next }

func getEnumerator(c *value.Call) (value.Value, *value.Exception) {
	seq, e := Source(c.Thread, c.Args[0], "source")
	if e != nil {
		return value.Nil, e
	}
	return NewEnumerator(c.Result, seq.Iterate(c.Thread)), nil
}

func moveNext(t *value.Thread, o value.Value) (bool, *value.Exception) {
	n, ok := asEnumerator(o)
	if !ok {
		return false, value.NotSupported("The object is no enumerator.")
	}
	v, more, e := n.next()
	n.cur = v
	if e == nil {
		e = t.Budget.Step()
	}
	return more, e
}

func current(c *value.Call) (value.Value, *value.Exception) {
	n, ok := asEnumerator(c.Args[0])
	if !ok {
		return value.Nil, value.NotSupported("The object is no enumerator.")
	}
	return n.cur, nil
}

func asEnumerator(v value.Value) (*Enumerator, bool) {
	o, _ := v.Object()
	n, ok := o.(*Enumerator)
	return n, ok
}

func dispose(*value.Call) (value.Value, *value.Exception) { return value.Nil, nil }
