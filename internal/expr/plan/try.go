package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// handler is one catch block, compiled.
type handler struct {
	matches func(*value.Exception) bool
	enter   func(*Frame)
	set     func(*Frame, value.Value)
	when    BoolFunc
	body    stmtFunc
}

// try compiles try, catch and finally. An exceeded budget is not caught, and no finally runs for it: the run
// has no steps left to run it with.
func (c *compiler) try(s *bound.Try) stmtFunc {
	env := c.env
	body := c.stmt(s.Body)
	var handlers []handler
	for i := range s.Catches {
		handlers = append(handlers, c.catch(&s.Catches[i]))
	}
	var finally stmtFunc
	if s.Finally != nil {
		finally = c.stmt(s.Finally)
	}
	return func(f *Frame) (signal, *value.Exception) {
		if e := f.Thread.Budget.Step(); e != nil {
			return next, e
		}
		sig, e := body(f)
		if e != nil && e.Budget == "" {
			sig, e = handle(f, env.Exception(e), handlers)
		}
		if finally == nil || e != nil && e.Budget != "" {
			return sig, e
		}
		target, bits, str, val := f.target, f.retBits, f.retStr, f.retVal
		if fsig, fe := finally(f); fe != nil || fsig != next {
			return fsig, fe
		}
		f.target, f.retBits, f.retStr, f.retVal = target, bits, str, val
		return sig, e
	}
}

func (c *compiler) catch(k *bound.Catch) handler {
	h := handler{
		matches: func(*value.Exception) bool { return true },
		set:     func(*Frame, value.Value) {},
		enter:   c.freshCells(k.Locals),
	}
	if k.Type != nil {
		env, of := c.env, k.Type
		h.matches = func(e *value.Exception) bool { return env.Is(value.OfObject(e), of) }
	}
	if k.Local != nil {
		h.set = c.setLocal(k.Local)
	}
	if k.When != nil {
		h.when = c.bool(k.When)
	}
	h.body = c.stmt(k.Body)
	return h
}

// handle runs the first handler that fits.
func handle(f *Frame, e *value.Exception, handlers []handler) (signal, *value.Exception) {
	for i := range handlers {
		h := &handlers[i]
		if !h.matches(e) {
			continue
		}
		if h.enter != nil {
			h.enter(f)
		}
		h.set(f, value.OfObject(e))
		if h.when != nil {
			// A filter that throws does not match, as in .NET.
			if ok, fe := h.when(f); fe != nil || !ok {
				if fe != nil && fe.Budget != "" {
					return next, fe
				}
				continue
			}
		}
		outer := f.caught
		f.caught = e
		sig, he := h.body(f)
		f.caught = outer
		return sig, he
	}
	return next, e
}

// Disposer is an object that using disposes of.
type Disposer interface{ Dispose() }

// using compiles using.
func (c *compiler) using(s *bound.Using) stmtFunc {
	fresh := c.freshCells(s.Locals)
	type resource struct {
		open VoidFunc
		get  ValFunc
	}
	var list []resource
	for _, d := range s.Resources {
		r := resource{open: func(*Frame) *value.Exception { return nil }, get: boxed(c.local(d.Local), d.Local.Type)}
		if d.Init != nil {
			r.open = c.storeLocal(d.Local, d.Init)
		}
		list = append(list, r)
	}
	body := c.stmt(s.Body)
	return func(f *Frame) (signal, *value.Exception) {
		if fresh != nil {
			fresh(f)
		}
		opened := 0
		var sig signal
		var e *value.Exception
		for opened < len(list) && e == nil {
			if e = list[opened].open(f); e == nil {
				opened++
			}
		}
		if e == nil {
			sig, e = body(f)
		}
		for i := opened - 1; i >= 0; i-- {
			v, _ := list[i].get(f)
			if o, ok := v.Object(); ok {
				if d, ok := o.(Disposer); ok {
					d.Dispose()
				}
			}
		}
		return sig, e
	}
}
