package linq

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// sequence is a lazy sequence: each enumeration starts anew.
type sequence struct {
	class value.Type
	start func(t *value.Thread) value.Iterator
}

var _ value.Enumerable = (*sequence)(nil)

// ObjectType returns the closed type IEnumerable<T>.
func (s *sequence) ObjectType() value.Type { return s.class }

// Iterate starts an enumeration. A sequence over a sequence is one call deeper, for its start and for each element, so
// that neither a long chain nor a sequence that enumerates itself grows the stack.
func (s *sequence) Iterate(t *value.Thread) value.Iterator {
	if e := t.Budget.Enter(); e != nil {
		return func() (value.Value, bool, *value.Exception) { return end(e) }
	}
	next := s.start(t)
	t.Budget.Leave()
	return deeper(t, next)
}

// deeper returns an iterator whose elements are made one call deeper.
func deeper(t *value.Thread, next value.Iterator) value.Iterator {
	return func() (value.Value, bool, *value.Exception) {
		if e := t.Budget.Enter(); e != nil {
			return end(e)
		}
		v, ok, e := next()
		t.Budget.Leave()
		return v, ok, e
	}
}

// lazy returns the sequence that a call yields.
func lazy(c *value.Call, start func(t *value.Thread) value.Iterator) (value.Value, *value.Exception) {
	return value.OfObject(&sequence{class: c.Result, start: start}), nil
}

// source returns the first argument as a sequence.
func source(c *value.Call) (value.Enumerable, *value.Exception) {
	return collections.Source(c.Thread, c.Args[0], "source")
}

// sourceAnd returns the first argument as a sequence and the second as a delegate.
func sourceAnd(c *value.Call, name string) (value.Enumerable, *value.Delegate, *value.Exception) {
	seq, e := source(c)
	if e != nil {
		return nil, nil, e
	}
	d, e := collections.DelegateArg(c, 1, name)
	return seq, d, e
}

// end is what an iterator yields after its last element, or with an exception.
func end(e *value.Exception) (value.Value, bool, *value.Exception) { return value.Nil, false, e }

// each returns an iterator that steps over a sequence: step yields an element, or skips one, or stops.
func each(seq value.Enumerable, begin func(t *value.Thread) step) func(t *value.Thread) value.Iterator {
	return func(t *value.Thread) value.Iterator {
		next, f, done := seq.Iterate(t), begin(t), false
		return func() (value.Value, bool, *value.Exception) {
			for !done {
				v, ok, e := next()
				if e != nil || !ok {
					done = true
					return end(e)
				}
				if e := t.Budget.Step(); e != nil {
					return end(e)
				}
				out, action, e := f(v)
				switch {
				case e != nil:
					return end(e)
				case action == yield:
					return out, true, nil
				case action == stop:
					done = true
				}
			}
			return end(nil)
		}
	}
}

// action says what a step does with an element.
type action uint8

const (
	skip action = iota
	yield
	stop
)

// step works on one element of a sequence.
type step func(v value.Value) (value.Value, action, *value.Exception)

// caller returns a function that calls d with an element, and with its place where d has a parameter for it.
func caller(t *value.Thread, d *value.Delegate) func(v value.Value) (value.Value, *value.Exception) {
	class, _ := d.Class.(*types.Type)
	if class == nil || class.Invoke() == nil || len(class.Invoke().Params) < 2 {
		return func(v value.Value) (value.Value, *value.Exception) { return collections.Invoke(t, d, v) }
	}
	env, i := object.Of(t), int64(-1)
	return func(v value.Value) (value.Value, *value.Exception) {
		i++
		return collections.Invoke(t, d, v, env.Int(i))
	}
}

// elementClass returns T of a closed IEnumerable<T>.
func elementClass(t value.Type) *types.Type { return collections.TypeArg(t, 0) }
