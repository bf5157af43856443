package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/dispatch"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// targetState is what the target of an assignment has evaluated before its value is.
type targetState struct {
	x     value.Value
	index []int64
	args  []value.Value
}

// target is a compiled target of an assignment other than a plain variable.
type target struct {
	prepare func(*Frame, *targetState) *value.Exception
	get     func(*Frame, *targetState) (value.Value, *value.Exception)
	set     func(*Frame, *targetState, value.Value) *value.Exception
}

func nothing(*Frame, *targetState) *value.Exception { return nil }

// target compiles x as a target.
func (c *compiler) target(x bound.Expr) target {
	switch x := x.(type) {
	case *bound.LocalRef:
		set, get := c.setLocal(x.Local), boxed(c.local(x.Local), x.T)
		return target{
			prepare: nothing,
			get:     func(f *Frame, _ *targetState) (value.Value, *value.Exception) { return get(f) },
			set:     func(f *Frame, _ *targetState, v value.Value) *value.Exception { set(f, v); return nil },
		}
	case *bound.PropertyRef:
		return c.memberTarget(x, x.Property, x.X, nil)
	case *bound.FieldRef:
		return c.memberTarget(x, x.Field, x.X, nil)
	case *bound.IndexerRef:
		return c.memberTarget(x, x.Indexer, x.X, x.Args)
	case *bound.ElementRef:
		return c.elementTarget(x)
	case *bound.AnonymousRef:
		return c.recordTarget(x)
	}
	c.fail(x)
	return target{}
}

func (c *compiler) elementTarget(x *bound.ElementRef) target {
	pos := posOf(x)
	arr, index, static := c.checked(x.X, pos), c.indices(x.Index), x.T
	return target{
		prepare: func(f *Frame, t *targetState) (e *value.Exception) {
			if t.x, e = arr(f); e != nil {
				return e
			}
			t.index, e = index(f)
			return e
		},
		get: func(_ *Frame, t *targetState) (value.Value, *value.Exception) {
			a, i, e := locate(t.x, t.index)
			if e != nil {
				return value.Nil, at(e, pos)
			}
			return a.At(i), nil
		},
		set: func(_ *Frame, t *targetState, v value.Value) *value.Exception {
			a, i, e := locate(t.x, t.index)
			if e != nil {
				return at(e, pos)
			}
			if e := storable(c.env, a, static, v); e != nil {
				return at(e, pos)
			}
			a.Set(i, v)
			return nil
		},
	}
}

// storable reports a value that the array itself cannot hold: an array of strings may stand where one of objects
// is expected.
func storable(env *object.Env, a value.Settable, static *types.Type, v value.Value) *value.Exception {
	x, ok := a.(*value.Array)
	if !ok || v.IsNull() || x.Elem == value.Type(static) {
		return nil
	}
	if elem, ok := x.Elem.(*types.Type); !ok || env.Is(v, elem) {
		return nil
	}
	return value.Throw("System.ArrayTypeMismatchException", "Attempted to access an element as a type incompatible with the array.")
}

// recordTarget assigns to an element of a tuple: a copy of the tuple takes its place.
func (c *compiler) recordTarget(x *bound.AnonymousRef) target {
	outer, i := c.target(x.X), x.Index
	return target{
		prepare: outer.prepare,
		get: func(f *Frame, t *targetState) (value.Value, *value.Exception) {
			v, e := outer.get(f, t)
			if r := record(v); e == nil && r != nil {
				return r.Items[i], nil
			}
			return value.Nil, e
		},
		set: func(f *Frame, t *targetState, v value.Value) *value.Exception {
			old, e := outer.get(f, t)
			r := record(old)
			if e != nil || r == nil {
				return e
			}
			n := &value.Record{Class: r.Class, Names: r.Names, Items: append([]value.Value(nil), r.Items...)}
			n.Items[i] = v
			return outer.set(f, t, value.OfObject(n))
		},
	}
}

func record(v value.Value) *value.Record {
	o, _ := v.Object()
	r, _ := o.(*value.Record)
	return r
}

// memberTarget assigns to a property, a field or an indexer.
func (c *compiler) memberTarget(node bound.Expr, m *types.Member, recv bound.Expr, args []bound.Expr) target {
	pos := posOf(node)
	var x ValFunc
	if recv != nil {
		x = c.checked(recv, pos)
	}
	vals := make([]ValFunc, len(args))
	for i, a := range args {
		vals[i] = c.val(a)
	}
	get, set := implOf(m), setImplOf(m)
	run := func(f *Frame, impl types.Impl, t *targetState, extra ...value.Value) (value.Value, *value.Exception) {
		list := make([]value.Value, 0, len(t.args)+2)
		if x != nil {
			list = append(list, t.x)
		}
		list = append(append(list, t.args...), extra...)
		if e := f.Thread.Budget.Step(); e != nil {
			return value.Nil, at(e, pos)
		}
		v, e := dispatch.Boxed(impl, &value.Call{Thread: f.Thread, Args: list, Declaring: m.Declaring, Result: m.Result})
		return v, at(e, pos)
	}
	return target{
		prepare: func(f *Frame, t *targetState) (e *value.Exception) {
			if x != nil {
				if t.x, e = x(f); e != nil {
					return e
				}
			}
			if len(vals) > 0 {
				t.args = make([]value.Value, len(vals))
			}
			return evaluate(f, t.args, nil, vals, nil)
		},
		get: func(f *Frame, t *targetState) (value.Value, *value.Exception) { return run(f, get, t) },
		set: func(f *Frame, t *targetState, v value.Value) *value.Exception {
			_, e := run(f, set, t, v)
			return e
		},
	}
}

// assignment compiles =, op=, ++, -- and deconstruction.
func (c *compiler) assignment(x bound.Expr) code {
	switch x := x.(type) {
	case *bound.Assign:
		if l, ok := x.X.(*bound.LocalRef); ok {
			return c.assignLocal(l.Local, x)
		}
		return c.assign(x)
	case *bound.Compound:
		return c.compound(x)
	case *bound.Deconstruct:
		return c.deconstruct(x)
	}
	return c.fail(x)
}

// assignLocal compiles v = y for a variable.
func (c *compiler) assignLocal(l *bound.Local, x *bound.Assign) code {
	store, read := c.storeLocal(l, x.Y), c.local(l)
	return after(store, read)
}

// after runs first and then yields what k does.
func after(first VoidFunc, k code) code {
	switch {
	case k.b != nil:
		return code{b: func(f *Frame) (bool, *value.Exception) {
			if e := first(f); e != nil {
				return false, e
			}
			return k.b(f)
		}}
	case k.i != nil:
		return code{i: func(f *Frame) (int64, *value.Exception) {
			if e := first(f); e != nil {
				return 0, e
			}
			return k.i(f)
		}}
	case k.f != nil:
		return code{f: func(f *Frame) (float64, *value.Exception) {
			if e := first(f); e != nil {
				return 0, e
			}
			return k.f(f)
		}}
	case k.s != nil:
		return code{s: func(f *Frame) (value.String, *value.Exception) {
			if e := first(f); e != nil {
				return value.Null, e
			}
			return k.s(f)
		}}
	case k.v != nil:
		return code{v: func(f *Frame) (value.Value, *value.Exception) {
			if e := first(f); e != nil {
				return value.Nil, e
			}
			return k.v(f)
		}}
	}
	return code{n: func(f *Frame) *value.Exception {
		if e := first(f); e != nil {
			return e
		}
		return k.n(f)
	}}
}

func (c *compiler) assign(x *bound.Assign) code {
	t, y := c.target(x.X), c.val(x.Y)
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		var s targetState
		if e := t.prepare(f, &s); e != nil {
			return value.Nil, e
		}
		v, e := y(f)
		if e != nil {
			return value.Nil, e
		}
		return v, t.set(f, &s, v)
	}, x.T)
}

// compound compiles x op= y, ++x and x++.
func (c *compiler) compound(x *bound.Compound) code {
	if l, ok := x.X.(*bound.LocalRef); ok && !x.Postfix {
		old := c.storeLocal(x.Old, x.X)
		return after(old, after(c.storeLocal(l.Local, x.Value), c.local(l.Local)))
	}
	t, setOld, val := c.target(x.X), c.setLocal(x.Old), c.val(x.Value)
	postfix := x.Postfix
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		var s targetState
		if e := t.prepare(f, &s); e != nil {
			return value.Nil, e
		}
		old, e := t.get(f, &s)
		if e != nil {
			return value.Nil, e
		}
		setOld(f, old)
		v, e := val(f)
		if e != nil {
			return value.Nil, e
		}
		if e := t.set(f, &s, v); e != nil {
			return value.Nil, e
		}
		if postfix {
			return old, nil
		}
		return v, nil
	}, x.T)
}

// deconstruct compiles (a, b) = y.
func (c *compiler) deconstruct(x *bound.Deconstruct) code {
	store := c.storeLocal(x.Temp, x.Y)
	steps := []VoidFunc{store}
	if x.Split != nil {
		steps = append(steps, c.void(x.Split))
	}
	for _, a := range x.Assigns {
		steps = append(steps, c.void(a))
	}
	all := func(f *Frame) *value.Exception {
		for _, s := range steps {
			if e := s(f); e != nil {
				return e
			}
		}
		return nil
	}
	if x.T.Storage() == types.None {
		return code{n: all}
	}
	return after(all, c.local(x.Temp))
}
