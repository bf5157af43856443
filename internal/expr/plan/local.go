package plan

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// inCell reports whether a variable lives in a cell.
func inCell(l *bound.Local) bool { return l.Captured || l.ByRef }

// place returns how many functions out a variable's frame is, and its slot there.
func (c *compiler) place(l *bound.Local) (hops, slot int) {
	s := c.fn
	for l.Owner != nil && s.bound != l.Owner && s.parent != nil {
		s = s.parent
		hops++
	}
	slot, ok := s.slots[l]
	if ok {
		return hops, slot
	}
	n := &s.out.vals
	if !inCell(l) {
		switch l.Type.Storage() {
		case types.Bool, types.Int, types.Float:
			n = &s.out.bits
		case types.Str:
			n = &s.out.strs
		}
	}
	slot = *n
	*n++
	s.slots[l] = slot
	return hops, slot
}

// local reads a variable.
func (c *compiler) local(l *bound.Local) code {
	hops, slot := c.place(l)
	if inCell(l) {
		return unboxed(func(f *Frame) (value.Value, *value.Exception) {
			return f.up(hops).cell(slot).v, nil
		}, l.Type)
	}
	switch l.Type.Storage() {
	case types.Bool:
		return code{b: func(f *Frame) (bool, *value.Exception) { return f.Bits[slot] != 0, nil }}
	case types.Int:
		return code{i: func(f *Frame) (int64, *value.Exception) { return int64(f.Bits[slot]), nil }}
	case types.Float:
		return code{f: func(f *Frame) (float64, *value.Exception) { return bitsFloat(f.Bits[slot]), nil }}
	case types.Str:
		return code{s: func(f *Frame) (value.String, *value.Exception) { return f.Strs[slot], nil }}
	}
	return code{v: func(f *Frame) (value.Value, *value.Exception) { return f.Vals[slot], nil }}
}

// setLocal returns a function that stores a boxed value of the variable's type.
func (c *compiler) setLocal(l *bound.Local) func(*Frame, value.Value) {
	hops, slot := c.place(l)
	if inCell(l) {
		return func(f *Frame, v value.Value) { f.up(hops).cell(slot).v = v }
	}
	switch l.Type.Storage() {
	case types.Bool, types.Int, types.Float:
		return func(f *Frame, v value.Value) { f.Bits[slot] = v.Bits() }
	case types.Str:
		return func(f *Frame, v value.Value) { f.Strs[slot] = v.StringOrNull() }
	}
	return func(f *Frame, v value.Value) { f.Vals[slot] = v }
}

// storeLocal compiles l = x as a statement.
func (c *compiler) storeLocal(l *bound.Local, x bound.Expr) VoidFunc {
	return c.storeCode(l, c.expr(x), x.Type())
}

// storeCode stores the result of code whose static type is t.
func (c *compiler) storeCode(l *bound.Local, k code, t *types.Type) VoidFunc {
	if inCell(l) {
		v, set := boxed(k, t), c.setLocal(l)
		return func(f *Frame) *value.Exception {
			x, e := v(f)
			if e == nil {
				set(f, x)
			}
			return e
		}
	}
	_, slot := c.place(l)
	switch {
	case k.b != nil:
		return func(f *Frame) *value.Exception {
			x, e := k.b(f)
			f.Bits[slot] = boolBits(x)
			return e
		}
	case k.i != nil:
		return func(f *Frame) *value.Exception {
			x, e := k.i(f)
			f.Bits[slot] = uint64(x)
			return e
		}
	case k.f != nil:
		return func(f *Frame) *value.Exception {
			x, e := k.f(f)
			f.Bits[slot] = floatBits(x)
			return e
		}
	case k.s != nil:
		return func(f *Frame) *value.Exception {
			x, e := k.s(f)
			f.Strs[slot] = x
			return e
		}
	}
	set := c.setLocal(l)
	v := boxed(k, t)
	return func(f *Frame) *value.Exception {
		x, e := v(f)
		if e == nil {
			set(f, x)
		}
		return e
	}
}

// freshCells gives the captured ones of these variables new cells, as entering their scope does. Parameters have
// theirs from the call.
func (c *compiler) freshCells(locals []*bound.Local) func(*Frame) {
	var slots []int
	for _, l := range locals {
		if l.Captured && (l.Owner == nil || l.Owner == c.fn.bound) && !slices.Contains(c.fn.bound.Params, l) {
			_, slot := c.place(l)
			slots = append(slots, slot)
		}
	}
	if slots == nil {
		return nil
	}
	return func(f *Frame) {
		for _, s := range slots {
			f.Vals[s] = value.OfObject(&cell{})
		}
	}
}
