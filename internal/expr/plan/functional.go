package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/dispatch"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// functional compiles what has to do with delegates and local functions.
func (c *compiler) functional(x bound.Expr) code {
	switch x := x.(type) {
	case *bound.Invoke:
		return c.invoke(x)
	case *bound.LocalCall:
		return c.localCall(x)
	case *bound.Lambda:
		return code{v: c.closure(c.function(x.Function), 0, x.T)}
	case *bound.MethodGroup:
		if x.Function != nil {
			return code{v: c.closure(c.function(x.Function), c.hopsTo(x.Function.Parent), x.T)}
		}
		return code{v: c.methodGroup(x)}
	}
	return c.fail(x)
}

// hopsTo returns how many functions out the function fn is.
func (c *compiler) hopsTo(fn *bound.Function) int {
	n := 0
	for s := c.fn; s != nil && s.bound != fn && s.parent != nil; s = s.parent {
		n++
	}
	return n
}

// function compiles a lambda or a local function once.
func (c *compiler) function(fn *bound.Function) *function {
	if out, ok := c.funcs[fn]; ok {
		return out
	}
	out := &function{result: fn.Result, iterator: fn.Yields != nil}
	c.funcs[fn] = out
	outer := c.fn
	parent := outer
	for parent.parent != nil && fn.Parent != nil && parent.bound != fn.Parent {
		parent = parent.parent
	}
	c.fn = &scope{parent: parent, bound: fn, out: out, slots: map[*bound.Local]int{}}
	for _, p := range fn.Params {
		out.params = append(out.params, c.parameter(p))
	}
	out.run = c.stmt(fn.Body)
	c.fn = outer
	return out
}

// parameter returns the function that stores an argument: a captured parameter gets a cell of its own.
func (c *compiler) parameter(p *bound.Local) func(*Frame, value.Value) {
	if inCell(p) {
		_, slot := c.place(p)
		return func(f *Frame, v value.Value) { f.Vals[slot] = value.OfObject(&cell{v: v}) }
	}
	return c.setLocal(p)
}

// closure compiles the making of a delegate. The delegate keeps one frame and uses it again where it is not
// under way already, since nothing refers to a frame after its call.
func (c *compiler) closure(fn *function, hops int, t *types.Type) ValFunc {
	return func(f *Frame) (value.Value, *value.Exception) {
		if e := f.Thread.Budget.Alloc(closureSize); e != nil {
			return value.Nil, e
		}
		parent := f.up(hops).snapshot()
		var free *Frame
		return value.OfObject(&value.Delegate{Class: t, Fn: func(th *value.Thread, args []value.Value) (value.Value, *value.Exception) {
			g := free
			free = nil
			if g == nil || fn.iterator {
				g = fn.newFrame(th, parent)
			} else {
				g.reset()
				g.Thread = th
			}
			for i, set := range fn.params {
				set(g, args[i])
			}
			v, e := fn.call(g)
			free = g
			return v, e
		}}), nil
	}
}

// closureSize is what one delegate costs of the memory budget, in bytes.
const closureSize = 384

// invoke compiles the call of a delegate.
func (c *compiler) invoke(x *bound.Invoke) code {
	pos := posOf(x)
	d := c.checked(x.X, pos)
	args := make([]ValFunc, len(x.Args))
	for i, a := range x.Args {
		args[i] = c.val(a)
	}
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		v, e := d(f)
		if e != nil {
			return value.Nil, e
		}
		list := make([]value.Value, len(args))
		if e := evaluate(f, list, nil, args, nil); e != nil {
			return value.Nil, e
		}
		o, _ := v.Object()
		fn, ok := o.(*value.Delegate)
		if !ok {
			return value.Nil, at(value.NullReference(), pos)
		}
		r, e := fn.Fn(f.Thread, list)
		return r, at(e, pos)
	}, x.T)
}

// localCall compiles the call of a local function.
func (c *compiler) localCall(x *bound.LocalCall) code {
	pos := posOf(x)
	hops := c.hopsTo(x.Function.Parent)
	fn := c.function(x.Function)
	args := make([]ValFunc, len(x.Args))
	var outs []outArg
	for i, a := range x.Args {
		if o, ok := a.(*bound.OutArg); ok {
			outs = append(outs, c.outArg(o, i))
			args[i] = c.outValue(o)
			continue
		}
		args[i] = c.val(a)
	}
	order := x.Order
	read := readBack(x.Function)
	return unboxed(func(f *Frame) (value.Value, *value.Exception) {
		list := make([]value.Value, len(args))
		if e := evaluate(f, list, nil, args, order); e != nil {
			return value.Nil, e
		}
		g := fn.newFrame(f.Thread, f.up(hops))
		for i, set := range fn.params {
			set(g, list[i])
		}
		v, e := fn.call(g)
		if e != nil {
			return value.Nil, at(e, pos)
		}
		for _, o := range outs {
			if e := o.store(f, read(g, o.index)); e != nil {
				return value.Nil, e
			}
		}
		return v, nil
	}, x.T)
}

// readBack returns a function that reads a ref or out parameter after the call. Parameters have the first slots
// of their function, in order.
func readBack(fn *bound.Function) func(*Frame, int) value.Value {
	slots := map[int]int{}
	n := 0
	for i, p := range fn.Params {
		if p.ByRef {
			slots[i] = n
		}
		if inCell(p) || p.Type.Storage() == types.Val {
			n++
		}
	}
	return func(g *Frame, i int) value.Value { return g.cell(slots[i]).v }
}

// methodGroup compiles a library method as a delegate.
func (c *compiler) methodGroup(x *bound.MethodGroup) ValFunc {
	impl, m := implOf(x.Method), x.Method
	if impl == nil {
		c.fail(x)
		return nil
	}
	var recv ValFunc
	if x.X != nil {
		recv = c.checked(x.X, posOf(x))
	}
	typeArgs := make([]value.Type, len(x.TypeArgs))
	for i, t := range x.TypeArgs {
		typeArgs[i] = t
	}
	params := make([]*types.Type, len(m.TypeParams))
	copy(params, m.TypeParams)
	result := c.env.Lib.Substitute(m.Result, params, x.TypeArgs)
	t := x.T
	return func(f *Frame) (value.Value, *value.Exception) {
		var first []value.Value
		if recv != nil {
			v, e := recv(f)
			if e != nil {
				return value.Nil, e
			}
			first = []value.Value{v}
		}
		return value.OfObject(&value.Delegate{Class: t, Fn: func(th *value.Thread, args []value.Value) (value.Value, *value.Exception) {
			if e := th.Budget.Step(); e != nil {
				return value.Nil, e
			}
			all := append(append(make([]value.Value, 0, len(first)+len(args)), first...), args...)
			return dispatch.Boxed(impl, &value.Call{Thread: th, Args: all, TypeArgs: typeArgs, Declaring: m.Declaring, Result: result})
		}}), nil
	}
}
