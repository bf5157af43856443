package plan

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/generator"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// sequence returns what the call of an iterator gives. Each enumeration begins with the arguments in f.
func (fn *function) sequence(f *Frame) (value.Value, *value.Exception) {
	return value.OfObject(generator.New(fn.result, func(t *value.Thread, yield func(value.Value) bool) *value.Exception {
		g := &Frame{Thread: t, parent: f.parent, yield: yield}
		g.Bits, g.Strs, g.Vals = slices.Clone(f.Bits), slices.Clone(f.Strs), slices.Clone(f.Vals)
		for i, v := range g.Vals {
			if o, ok := v.Object(); ok {
				if k, ok := o.(*cell); ok {
					g.Vals[i] = value.OfObject(&cell{v: k.v})
				}
			}
		}
		_, e := fn.start(g)
		return e
	})), f.Thread.Budget.Alloc(objectSize)
}

// yield compiles yield return.
func (c *compiler) yield(s *bound.Yield) stmtFunc {
	v := c.val(s.X)
	return func(f *Frame) (signal, *value.Exception) {
		x, e := v(f)
		if e == nil {
			e = f.Thread.Budget.Step()
		}
		if e != nil || f.yield(x) {
			return next, e
		}
		return returned, f.Thread.Ending()
	}
}
