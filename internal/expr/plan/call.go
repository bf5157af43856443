package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// invocation is one use of a member of the library: a call, a constructor, a getter, an operator.
type invocation struct {
	node      bound.Expr
	m         *types.Member
	impl      types.Impl
	x         bound.Expr
	args      []bound.Expr
	order     []int
	typeArgs  []*types.Type
	declaring *types.Type
}

func implOf(m *types.Member) types.Impl {
	if m.Impl == nil && m.Origin != nil {
		return m.Origin.Impl
	}
	return m.Impl
}

func setImplOf(m *types.Member) types.Impl {
	if m.SetImpl == nil && m.Origin != nil {
		return m.Origin.SetImpl
	}
	return m.SetImpl
}

func (c *compiler) call(x *bound.Call) code {
	if x.X != nil && x.X.Type().Kind == types.Delegate && x.Method.Name == "Invoke" {
		return c.invoke(&bound.Invoke{Node: x.Node, X: x.X, Args: x.Args})
	}
	k := c.member(invocation{
		node: x, m: x.Method, impl: implOf(x.Method), x: x.X, args: x.Args, order: x.Order,
		typeArgs: x.TypeArgs, declaring: x.Method.Declaring,
	})
	for _, p := range x.Method.Params {
		if s := p.Type.Special(); s == types.EnumerableT || s == types.Enumerable {
			return code{b: stopping(k.b), i: stopping(k.i), f: stopping(k.f), s: stopping(k.s), v: stopping(k.v), n: k.n}
		}
	}
	return k
}

// stopping makes the call of a method that enumerates end what it has left in the middle, as First and Any do.
func stopping[T any](fn func(*Frame) (T, *value.Exception)) func(*Frame) (T, *value.Exception) {
	if fn == nil {
		return nil
	}
	return func(f *Frame) (T, *value.Exception) {
		mark := f.Thread.Begun()
		x, e := fn(f)
		if f.Thread.Begun() > mark {
			e = f.Thread.StopSince(mark, e)
		}
		return x, e
	}
}

// operands are the receiver, if any, and the arguments.
func (in *invocation) operands() []bound.Expr {
	if in.x == nil {
		return in.args
	}
	return append([]bound.Expr{in.x}, in.args...)
}

// member compiles the use of a member by the convention of its implementation.
func (c *compiler) member(in invocation) code {
	if in.impl == nil {
		return c.fail(in.m.Text)
	}
	in = c.bind(in)
	if fn, ok := in.impl.(types.Func); ok {
		return unboxed(c.general(in, fn), in.node.Type())
	}
	if in.order != nil { // Typed conventions have no effects that an order could show.
		in.order = nil
	}
	native := c.typed(in, in.operands())
	return adapt(native, in.m.Result, in.node.Type())
}

// adapt boxes the result of a typed convention where the closed type is kept in another storage.
func adapt(k code, declared, t *types.Type) code {
	have := types.None
	switch {
	case k.b != nil:
		have = types.Bool
	case k.i != nil:
		have = types.Int
	case k.f != nil:
		have = types.Float
	case k.s != nil:
		have = types.Str
	case k.v != nil:
		have = types.Val
	}
	switch want := t.Storage(); {
	case want == have:
		return k
	case have == types.Val:
		return unboxed(k.v, t)
	case want == types.Val:
		return code{v: boxed(k, declared)}
	}
	return k
}

// checked compiles a receiver that must not be null.
func (c *compiler) checked(x bound.Expr, pos int32) ValFunc {
	v := c.val(x)
	if !c.nullable(x) {
		return v
	}
	return func(f *Frame) (value.Value, *value.Exception) {
		o, e := v(f)
		if e == nil && o.IsNull() {
			e = at(value.NullReference(), pos)
		}
		return o, e
	}
}

// nullable reports whether a receiver can be null.
func (*compiler) nullable(x bound.Expr) bool {
	_, context := x.(*bound.ContextRef)
	return !context && x.Type().IsReference()
}

// presentStr compiles a string that must not be null.
func (c *compiler) presentStr(x bound.Expr, pos int32) func(*Frame) (string, *value.Exception) {
	s := c.str(x)
	return func(f *Frame) (string, *value.Exception) {
		v, e := s(f)
		if e == nil && v.IsNull() {
			e = at(value.NullReference(), pos)
		}
		return v.Go(), e
	}
}

// checkedStr compiles a string that must not be null for a function that may look at all of it.
func (c *compiler) checkedStr(x bound.Expr, pos int32) func(*Frame) (string, *value.Exception) {
	s := c.presentStr(x, pos)
	return func(f *Frame) (string, *value.Exception) {
		v, e := s(f)
		if e == nil && len(v) > longString {
			e = at(f.Thread.Budget.Steps(int64(len(v)>>stepShift)), pos)
		}
		return v, e
	}
}

// frameCall is a call with room for its arguments, so that both are one allocation.
type frameCall struct {
	call value.Call
	buf  [4]value.Value
	next *frameCall // where it is spare
}

// maxKept is the number of calls that a frame keeps for the next run.
const maxKept = 16

// newCall returns a call with room for n arguments.
func (f *Frame) newCall(n int, transient bool) *frameCall {
	k := f.spare
	switch {
	case transient && k != nil:
		f.spare, k.next = k.next, nil
	case !transient && f.used < len(f.calls):
		k = f.calls[f.used]
		f.used++
	default:
		k = &frameCall{}
		if f.keeps && !transient && f.used < maxKept {
			f.calls = append(f.calls, k)
			f.used++
		}
	}
	if n <= len(k.buf) {
		k.call.Args = k.buf[:n]
	} else {
		k.call.Args = make([]value.Value, n)
	}
	return k
}

// reuse empties a call that nothing refers to any more.
func (f *Frame) reuse(k *frameCall) {
	*k = frameCall{next: f.spare}
	f.spare = k
}

// recycle empties the calls of a run that has ended.
func (f *Frame) recycle() {
	for _, k := range f.calls[:f.used] {
		*k = frameCall{}
	}
	f.used = 0
}

// objectSize is what an object that a method or constructor returns costs of the memory budget, in bytes, beside
// what the implementation charges for its content.
const objectSize = 128

// A string of more than longString bytes costs one step for each 1<<stepShift of them where it is an argument:
// a library function may look at all of it.
const (
	longString = 1024
	stepShift  = 8
)

// stepsOf is the number of steps that a call with these arguments costs.
func stepsOf(args []value.Value) int64 {
	n := int64(1)
	for i := range args {
		if s, ok := args[i].Str(); ok && len(s.Go()) > longString {
			n += int64(len(s.Go()) >> stepShift)
		}
	}
	return n
}

// general compiles a call in the general convention.
func (c *compiler) general(in invocation, fn types.Func) ValFunc {
	pos := posOf(in.node)
	var args []ValFunc
	var outs []outArg
	var recv ValFunc
	if in.x != nil {
		recv = c.checked(in.x, pos)
	}
	for i, a := range in.args {
		if o, ok := a.(*bound.OutArg); ok {
			outs = append(outs, c.outArg(o, i))
			args = append(args, c.outValue(o))
			continue
		}
		args = append(args, c.val(a))
	}
	typeArgs := make([]value.Type, len(in.typeArgs))
	for i, t := range in.typeArgs {
		typeArgs[i] = t
	}
	var declaring value.Type = in.declaring
	var result value.Type = in.node.Type()
	order, first := in.order, 0
	if recv != nil {
		first = 1
	}
	n := first + len(args)
	makes := in.m.Kind == syntax.MethodMember || in.m.Kind == syntax.ConstructorMember || in.m.Static
	transient := in.m.Transient
	return func(f *Frame) (value.Value, *value.Exception) {
		k := f.newCall(n, transient)
		k.call.Thread, k.call.TypeArgs, k.call.Declaring, k.call.Result = f.Thread, typeArgs, declaring, result
		if e := evaluate(f, k.call.Args, recv, args, order); e != nil {
			return value.Nil, e
		}
		if e := f.Thread.Budget.Steps(stepsOf(k.call.Args)); e != nil {
			return value.Nil, at(e, pos)
		}
		v, e := fn(&k.call)
		if e != nil {
			return value.Nil, at(e, pos)
		}
		if _, ok := v.Object(); ok && makes {
			if e := f.Thread.Budget.Alloc(objectSize); e != nil {
				return value.Nil, at(e, pos)
			}
		}
		for _, o := range outs {
			if e := o.store(f, k.call.Args[first+o.index]); e != nil {
				return value.Nil, e
			}
		}
		if transient {
			f.reuse(k)
		}
		return v, nil
	}
}

// evaluate computes the receiver and the arguments in their order.
func evaluate(f *Frame, into []value.Value, recv ValFunc, args []ValFunc, order []int) (e *value.Exception) {
	first := 0
	if recv != nil {
		if into[0], e = recv(f); e != nil {
			return e
		}
		first = 1
	}
	if order == nil {
		for i, a := range args {
			if into[first+i], e = a(f); e != nil {
				return e
			}
		}
		return nil
	}
	for _, i := range order {
		if into[first+i], e = args[i](f); e != nil {
			return e
		}
	}
	return nil
}

// outArg stores what a call has left in an out or ref argument.
type outArg struct {
	index int
	store func(*Frame, value.Value) *value.Exception
}

func (c *compiler) outArg(o *bound.OutArg, index int) outArg {
	if o.Target == nil {
		return outArg{index: index, store: func(*Frame, value.Value) *value.Exception { return nil }}
	}
	if l, ok := o.Target.(*bound.LocalRef); ok {
		set := c.setLocal(l.Local)
		return outArg{index: index, store: func(f *Frame, v value.Value) *value.Exception { set(f, v); return nil }}
	}
	p := c.target(o.Target)
	return outArg{index: index, store: func(f *Frame, v value.Value) *value.Exception {
		var t targetState
		if e := p.prepare(f, &t); e != nil {
			return e
		}
		return p.set(f, &t, v)
	}}
}

// outValue is what an out or ref argument passes in.
func (c *compiler) outValue(o *bound.OutArg) ValFunc {
	if o.Target == nil || o.Mode == syntax.KwOut {
		zero := value.Nil
		if o.T != nil {
			zero = object.Zero(o.T)
		}
		return func(*Frame) (value.Value, *value.Exception) { return zero, nil }
	}
	return c.val(o.Target)
}
