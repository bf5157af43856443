package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// inLoop decides what a loop does when its body has ended: go on, leave the loop, or pass the signal on.
func (s signal) inLoop(f *Frame, label *bound.Label) (leave bool, out signal) {
	switch {
	case s == next, s == continued && f.target == label:
		return false, next
	case s == broke && f.target == label:
		return true, next
	}
	return true, s
}

// loop compiles while, do and for.
func (c *compiler) loop(s *bound.Loop) stmtFunc {
	fresh := c.freshCells(s.Locals)
	init := make([]stmtFunc, len(s.Init))
	for i, x := range s.Init {
		init[i] = c.stmt(x)
	}
	var cond BoolFunc
	if s.Cond != nil {
		cond = c.bool(s.Cond)
	}
	var steps []VoidFunc
	for _, x := range s.Step {
		steps = append(steps, c.void(x))
	}
	body, step, label, post := c.stmt(s.Body), sequence(steps), s.Label, s.Post
	return func(f *Frame) (signal, *value.Exception) {
		if fresh != nil {
			fresh(f)
		}
		for _, x := range init {
			if _, e := x(f); e != nil {
				return next, e
			}
		}
		for first := true; ; first = false {
			if e := f.Thread.Budget.Step(); e != nil {
				return next, e
			}
			if cond != nil && (!post || !first) {
				if ok, e := cond(f); e != nil || !ok {
					return next, e
				}
			}
			sig, e := body(f)
			if e != nil {
				return next, e
			}
			if leave, out := sig.inLoop(f, label); leave {
				return out, nil
			}
			if e := step(f); e != nil {
				return next, e
			}
		}
	}
}

// foreach compiles foreach over arrays, strings and everything that is enumerable.
func (c *compiler) foreach(s *bound.Foreach) stmtFunc {
	fresh := c.freshCells(append([]*bound.Local{s.Var}, s.Locals...))
	start := c.iterator(s.X)
	setItem := c.setLocal(itemLocal(s))
	var split VoidFunc
	if s.Convert != nil {
		split = c.storeLocal(s.Var, s.Convert)
	}
	if s.Split != nil {
		sp := c.void(s.Split)
		if first := split; first != nil {
			split = sequence([]VoidFunc{first, sp})
		} else {
			split = sp
		}
	}
	body, label, pos := c.stmt(s.Body), s.Label, posOf(s.X)
	return func(f *Frame) (signal, *value.Exception) {
		it, e := start(f)
		if e != nil {
			return next, e
		}
		var begun []value.Stop // What the enumeration holds.
		sig := next
		for {
			if e = f.Thread.Budget.Step(); e != nil {
				break
			}
			mark := f.Thread.Begun()
			v, ok, failed := it()
			if f.Thread.Begun() > mark {
				begun = f.Thread.TakeBegun(mark, begun)
			}
			if e = at(failed, pos); e != nil || !ok {
				break
			}
			if fresh != nil {
				fresh(f)
			}
			setItem(f, v)
			if split != nil {
				if e = split(f); e != nil {
					break
				}
			}
			done, thrown := body(f)
			if e = thrown; e != nil {
				break
			}
			if leave, out := done.inLoop(f, label); leave {
				sig = out
				break
			}
		}
		return sig, value.StopAll(begun, e)
	}
}

// itemLocal is the variable that receives each element as enumerated.
func itemLocal(s *bound.Foreach) *bound.Local {
	if s.Convert != nil && s.Item != nil {
		return s.Item
	}
	return s.Var
}

// iterator compiles the start of an enumeration of x.
func (c *compiler) iterator(x bound.Expr) func(*Frame) (value.Iterator, *value.Exception) {
	pos := posOf(x)
	char := c.env.Type(types.Char)
	v := c.val(x)
	return func(f *Frame) (value.Iterator, *value.Exception) {
		o, e := v(f)
		if e != nil {
			return nil, e
		}
		if s, ok := o.Str(); ok {
			n := int64(len(s.Go()))
			if e := f.Thread.Budget.Steps(n >> stepShift); e != nil {
				return nil, at(e, pos)
			}
			return value.IterateString(s.Go(), char), at(f.Thread.Budget.Alloc(2*n), pos)
		}
		obj, _ := o.Object()
		seq, ok := obj.(value.Enumerable)
		if !ok {
			return nil, at(value.NullReference(), pos)
		}
		return seq.Iterate(f.Thread), nil
	}
}
