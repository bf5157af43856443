package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// signal says how a statement ended.
type signal uint8

const (
	// next goes on with the statement behind.
	next signal = iota
	// returned leaves the function; the result is in the frame.
	returned
	// broke, continued and jumped go to the frame's target.
	broke
	continued
	jumped
)

// stmtFunc runs a statement.
type stmtFunc = func(*Frame) (signal, *value.Exception)

// stmt compiles a statement. Each takes a step of the budget.
func (c *compiler) stmt(s bound.Stmt) stmtFunc {
	switch s := s.(type) {
	case *bound.Block:
		return c.block(s.List, s.Locals)
	case *bound.Declare:
		if s.Init == nil {
			return func(*Frame) (signal, *value.Exception) { return next, nil }
		}
		return effect(c.storeLocal(s.Local, s.Init))
	case *bound.ExprStmt:
		return effect(c.void(s.X))
	case *bound.If:
		return c.ifStmt(s)
	case *bound.Return:
		return c.returnStmt(s)
	case *bound.Yield:
		return c.yield(s)
	case *bound.ThrowStmt:
		return c.throwStmt(s)
	case *bound.Loop:
		return c.loop(s)
	case *bound.Foreach:
		return c.foreach(s)
	case *bound.Switch:
		return c.switchStmt(s)
	case *bound.Try:
		return c.try(s)
	case *bound.Using:
		return c.using(s)
	case *bound.Labeled:
		return c.stmt(s.Body)
	}
	return c.jump(s)
}

// effect makes a statement of an expression.
func effect(do VoidFunc) stmtFunc {
	return func(f *Frame) (signal, *value.Exception) {
		if e := f.Thread.Budget.Step(); e != nil {
			return next, e
		}
		return next, do(f)
	}
}

func (c *compiler) jump(s bound.Stmt) stmtFunc {
	to := func(l *bound.Label, sig signal) stmtFunc {
		return func(f *Frame) (signal, *value.Exception) {
			f.target = l
			return sig, f.Thread.Budget.Step()
		}
	}
	switch s := s.(type) {
	case *bound.Break:
		return to(s.Target, broke)
	case *bound.Continue:
		return to(s.Target, continued)
	case *bound.Goto:
		return to(s.Target, jumped)
	}
	c.fail(s)
	return nil
}

// block compiles a list of statements; a goto to one of its labels stays inside.
func (c *compiler) block(list []bound.Stmt, locals []*bound.Local) stmtFunc {
	fresh := c.freshCells(locals)
	fns := make([]stmtFunc, len(list))
	labels := map[*bound.Label]int{}
	for i, s := range list {
		for l, ok := s.(*bound.Labeled); ok; l, ok = l.Body.(*bound.Labeled) {
			labels[l.Label] = i
		}
		fns[i] = c.stmt(s)
	}
	if fresh == nil && len(labels) == 0 {
		if len(fns) == 1 {
			return fns[0]
		}
		return straight(fns)
	}
	return func(f *Frame) (signal, *value.Exception) {
		if fresh != nil {
			fresh(f)
		}
		for i := 0; i < len(fns); i++ {
			sig, e := fns[i](f)
			if e != nil {
				return next, e
			}
			if sig == jumped {
				if to, ok := labels[f.target]; ok {
					i = to - 1
					continue
				}
			}
			if sig != next {
				return sig, nil
			}
		}
		return next, nil
	}
}

// straight runs statements that nothing jumps to.
func straight(fns []stmtFunc) stmtFunc {
	return func(f *Frame) (signal, *value.Exception) {
		for _, fn := range fns {
			if sig, e := fn(f); sig != next || e != nil {
				return sig, e
			}
		}
		return next, nil
	}
}

func (c *compiler) ifStmt(s *bound.If) stmtFunc {
	cond, then := c.bool(s.Cond), c.stmt(s.Then)
	var other stmtFunc
	if s.Else != nil {
		other = c.stmt(s.Else)
	}
	return func(f *Frame) (signal, *value.Exception) {
		if e := f.Thread.Budget.Step(); e != nil {
			return next, e
		}
		ok, e := cond(f)
		switch {
		case e != nil:
			return next, e
		case ok:
			return then(f)
		case other != nil:
			return other(f)
		}
		return next, nil
	}
}

// returnStmt stores the result in the frame by the storage of the function's result.
func (c *compiler) returnStmt(s *bound.Return) stmtFunc {
	if s.X == nil {
		return func(*Frame) (signal, *value.Exception) { return returned, nil }
	}
	k := c.expr(s.X)
	if c.fn.bound.Result.Storage() == types.Val {
		v := boxed(k, s.X.Type())
		return func(f *Frame) (signal, *value.Exception) {
			x, e := v(f)
			f.retVal = x
			return returned, e
		}
	}
	switch {
	case k.b != nil:
		return func(f *Frame) (signal, *value.Exception) {
			x, e := k.b(f)
			f.retBits = boolBits(x)
			return returned, e
		}
	case k.i != nil:
		return func(f *Frame) (signal, *value.Exception) {
			x, e := k.i(f)
			f.retBits = uint64(x)
			return returned, e
		}
	case k.f != nil:
		return func(f *Frame) (signal, *value.Exception) {
			x, e := k.f(f)
			f.retBits = floatBits(x)
			return returned, e
		}
	case k.s != nil:
		return func(f *Frame) (signal, *value.Exception) {
			x, e := k.s(f)
			f.retStr = x
			return returned, e
		}
	}
	do := c.void(s.X)
	return func(f *Frame) (signal, *value.Exception) { return returned, do(f) }
}

func (c *compiler) throwStmt(s *bound.ThrowStmt) stmtFunc {
	pos := posOf(s)
	if s.X == nil {
		return func(f *Frame) (signal, *value.Exception) {
			if f.caught == nil {
				return next, at(value.NullReference(), pos)
			}
			return next, f.caught
		}
	}
	v := c.val(s.X)
	return func(f *Frame) (signal, *value.Exception) { return next, thrown(f, v, pos) }
}
