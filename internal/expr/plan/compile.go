package plan

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// code is a compiled expression: the closure of its storage is set, and no other.
type code struct {
	b BoolFunc
	i IntFunc
	f FloatFunc
	s StrFunc
	v ValFunc
	n VoidFunc
}

// compiler holds the state of one compilation.
type compiler struct {
	env *object.Env
	fn  *scope
	err error
	// labels numbers the functions that have been compiled, local functions by their declaration.
	funcs map[*bound.Function]*function
}

// scope is one function while it is compiled: where its variables are.
type scope struct {
	parent *scope
	bound  *bound.Function
	out    *function
	slots  map[*bound.Local]int
}

func compile(env *object.Env, p *bound.Program) (*Program, error) {
	c := &compiler{env: env, funcs: map[*bound.Function]*function{}}
	main := &function{result: p.Main.Result}
	c.fn = &scope{bound: p.Main, out: main, slots: map[*bound.Local]int{}}
	prog := &Program{Type: p.Main.Result, env: env, main: main, pool: &framePool{}}
	c.entry(prog, p.Main)
	if c.err != nil {
		return nil, fmt.Errorf("planning an expression: %w", c.err)
	}
	prog.reuse = prog.Type.Storage() != types.Val
	return prog, nil
}

// entry compiles the program's body into the forms that the gateway asks for.
func (c *compiler) entry(p *Program, fn *bound.Function) {
	var body code
	if len(fn.Body.List) == 1 && len(fn.Body.Functions) == 0 {
		if r, ok := fn.Body.List[0].(*bound.Return); ok && r.X != nil {
			body = c.expr(r.X)
			c.programForms(p, body, r.X.Type())
			return
		}
	}
	p.main.run = c.stmt(fn.Body)
	body = c.bodyCode(p.main)
	c.programForms(p, body, p.Type)
}

// bodyCode returns the code that runs a function's statements and yields its result.
func (c *compiler) bodyCode(fn *function) code {
	run := func(f *Frame) *value.Exception {
		_, e := fn.run(f)
		return e
	}
	switch fn.result.Storage() {
	case types.Bool:
		return code{b: func(f *Frame) (bool, *value.Exception) { e := run(f); return f.retBits != 0, e }}
	case types.Int:
		return code{i: func(f *Frame) (int64, *value.Exception) { e := run(f); return int64(f.retBits), e }}
	case types.Float:
		return code{f: func(f *Frame) (float64, *value.Exception) { e := run(f); return bitsFloat(f.retBits), e }}
	case types.Str:
		return code{s: func(f *Frame) (value.String, *value.Exception) { e := run(f); return f.retStr, e }}
	case types.None:
		return code{n: run}
	}
	return code{v: func(f *Frame) (value.Value, *value.Exception) { e := run(f); return f.retVal, e }}
}

// fail notes a node that cannot be compiled.
func (c *compiler) fail(what any) code {
	if c.err == nil {
		c.err = fmt.Errorf("no code for %T", what)
	}
	return code{v: func(*Frame) (value.Value, *value.Exception) { return value.Nil, nil }}
}

// expr compiles an expression into the storage of its type.
func (c *compiler) expr(x bound.Expr) code {
	switch x := x.(type) {
	case *bound.Literal:
		return c.literal(x.Value, x.T)
	case *bound.Default:
		return c.literal(object.Zero(x.T), x.T)
	case *bound.LocalRef:
		return c.local(x.Local)
	case *bound.ContextRef:
		return code{v: contextValue}
	case *bound.FieldRef, *bound.PropertyRef, *bound.IndexerRef, *bound.ElementRef, *bound.AnonymousRef:
		return c.access(x)
	case *bound.Call:
		return c.call(x)
	case *bound.New:
		return c.member(invocation{node: x, m: x.Ctor, args: x.Args, order: x.Order, impl: implOf(x.Ctor), declaring: x.T})
	case *bound.Invoke, *bound.LocalCall, *bound.Lambda, *bound.MethodGroup:
		return c.functional(x)
	case *bound.NewArray, *bound.NewObject, *bound.Initialized, *bound.TypeOf:
		return c.create(x)
	case *bound.Concat:
		return code{s: c.concat(x)}
	case *bound.Interpolation:
		return code{s: c.interpolation(x)}
	case *bound.Unary:
		return c.unary(x)
	case *bound.Binary:
		return c.binary(x)
	case *bound.Conversion:
		return c.conversion(x)
	case *bound.Assign, *bound.Compound, *bound.Deconstruct:
		return c.assignment(x)
	case *bound.As:
		return c.as(x)
	case *bound.Is:
		return code{b: c.is(x)}
	}
	return c.control(x)
}

// literal compiles a constant.
func (c *compiler) literal(v value.Value, t *types.Type) code {
	switch t.Storage() {
	case types.Bool:
		b := v.Bool()
		return code{b: func(*Frame) (bool, *value.Exception) { return b, nil }}
	case types.Int:
		n := v.Int()
		return code{i: func(*Frame) (int64, *value.Exception) { return n, nil }}
	case types.Float:
		n := v.Float()
		return code{f: func(*Frame) (float64, *value.Exception) { return n, nil }}
	case types.Str:
		s := v.StringOrNull()
		if !s.IsNull() {
			s = value.Str(c.env.Intern(s.Go())).Measured()
		}
		return code{s: func(*Frame) (value.String, *value.Exception) { return s, nil }}
	}
	return code{v: func(*Frame) (value.Value, *value.Exception) { return v, nil }}
}

// bool, int, float and str compile an expression whose storage is known.
func (c *compiler) bool(x bound.Expr) BoolFunc {
	if k := c.expr(x); k.b != nil {
		return k.b
	}
	c.fail(x)
	return nil
}

func (c *compiler) int(x bound.Expr) IntFunc {
	if k := c.expr(x); k.i != nil {
		return k.i
	}
	c.fail(x)
	return nil
}

func (c *compiler) float(x bound.Expr) FloatFunc {
	if k := c.expr(x); k.f != nil {
		return k.f
	}
	c.fail(x)
	return nil
}

func (c *compiler) str(x bound.Expr) StrFunc {
	k := c.expr(x)
	if k.s != nil {
		return k.s
	}
	if k.v != nil {
		return func(f *Frame) (value.String, *value.Exception) {
			v, e := k.v(f)
			return v.StringOrNull(), e
		}
	}
	c.fail(x)
	return nil
}

// val compiles an expression of any storage and boxes what is not a Val.
func (c *compiler) val(x bound.Expr) ValFunc { return boxed(c.expr(x), x.Type()) }

// boxed makes a Val of any code; t is the static type, the type of the box.
func boxed(k code, t *types.Type) ValFunc {
	switch {
	case k.v != nil:
		return k.v
	case k.s != nil:
		return func(f *Frame) (value.Value, *value.Exception) {
			s, e := k.s(f)
			return value.OfString(s), e
		}
	case k.i != nil:
		return func(f *Frame) (value.Value, *value.Exception) {
			n, e := k.i(f)
			return value.Boxed(t, uint64(n)), e
		}
	case k.b != nil:
		return func(f *Frame) (value.Value, *value.Exception) {
			b, e := k.b(f)
			return value.BoxedBool(t, b), e
		}
	case k.f != nil:
		return func(f *Frame) (value.Value, *value.Exception) {
			n, e := k.f(f)
			return value.BoxedFloat(t, n), e
		}
	}
	return func(f *Frame) (value.Value, *value.Exception) {
		return value.Nil, k.n(f)
	}
}

// unboxed makes code of the storage of t from a Val that holds a value of type t.
func unboxed(v ValFunc, t *types.Type) code {
	switch t.Storage() {
	case types.Bool:
		return code{b: func(f *Frame) (bool, *value.Exception) { x, e := v(f); return x.Bool(), e }}
	case types.Int:
		return code{i: func(f *Frame) (int64, *value.Exception) { x, e := v(f); return x.Int(), e }}
	case types.Float:
		return code{f: func(f *Frame) (float64, *value.Exception) { x, e := v(f); return x.Float(), e }}
	case types.Str:
		return code{s: func(f *Frame) (value.String, *value.Exception) { x, e := v(f); return x.StringOrNull(), e }}
	case types.None:
		return code{n: func(f *Frame) *value.Exception { _, e := v(f); return e }}
	}
	return code{v: v}
}

// void compiles an expression for its effects.
func (c *compiler) void(x bound.Expr) VoidFunc {
	k := c.expr(x)
	switch {
	case k.n != nil:
		return k.n
	case k.i != nil:
		return func(f *Frame) *value.Exception { _, e := k.i(f); return e }
	case k.b != nil:
		return func(f *Frame) *value.Exception { _, e := k.b(f); return e }
	case k.f != nil:
		return func(f *Frame) *value.Exception { _, e := k.f(f); return e }
	case k.s != nil:
		return func(f *Frame) *value.Exception { _, e := k.s(f); return e }
	}
	return func(f *Frame) *value.Exception { _, e := k.v(f); return e }
}

// at gives an exception its place where it has none yet.
func at(e *value.Exception, pos int32) *value.Exception {
	if e != nil && e.Pos < 0 {
		e.Pos = pos
	}
	return e
}

func posOf(x syntax.Node) int32 { return int32(x.Range().Start) }
