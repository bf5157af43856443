// Package generator makes sequences of iterators: local functions with yield, which run when they are enumerated, up
// to the next element each time.
package generator

import (
	"iter"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// Body runs an iterator from its beginning. It hands each element to yield and ends where yield returns false.
type Body func(t *value.Thread, yield func(value.Value) bool) *value.Exception

// Sequence is what the call of an iterator gives: nothing has run yet, and each enumeration runs it anew.
type Sequence struct {
	class value.Type
	body  Body
}

// New returns the sequence of an iterator; class is its type.
func New(class value.Type, body Body) *Sequence { return &Sequence{class: class, body: body} }

// ObjectType returns the sequence's type.
func (s *Sequence) ObjectType() value.Type { return s.class }

// startSize is what an enumeration costs of the memory budget, in bytes: a stack of its own.
const startSize = 8 << 10

// Iterate starts an enumeration. What it holds is given back when it has ended, when the loop or the call that
// enumerates is left, or else when the run ends.
func (s *Sequence) Iterate(t *value.Thread) value.Iterator {
	var next func() (value.Value, bool)
	var failed *value.Exception
	return func() (value.Value, bool, *value.Exception) {
		if next == nil {
			if e := t.Budget.Alloc(startSize); e != nil {
				return value.Nil, false, e
			}
			var stop func()
			next, stop = iter.Pull(func(yield func(value.Value) bool) { failed = s.body(t, yield) })
			t.AtEnd(stop)
			t.Begin(func() *value.Exception {
				stop()
				e := failed
				failed = nil
				return e
			})
		}
		v, ok := next()
		if !ok && failed != nil {
			e := failed
			failed = nil
			return value.Nil, false, e
		}
		return v, ok, nil
	}
}
