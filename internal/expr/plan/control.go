package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// control compiles the expressions that choose between others.
func (c *compiler) control(x bound.Expr) code {
	switch x := x.(type) {
	case *bound.Logical:
		return code{b: c.logical(x)}
	case *bound.Cond:
		return c.cond(x)
	case *bound.Coalesce:
		return c.coalesce(x)
	case *bound.CondAccess:
		return c.condAccess(x)
	case *bound.Sequence:
		var steps []VoidFunc
		for _, d := range x.Do {
			steps = append(steps, c.void(d))
		}
		return after(sequence(steps), c.expr(x.X))
	case *bound.Throw:
		return c.throwExpr(x)
	}
	return c.fail(x)
}

func (c *compiler) logical(x *bound.Logical) BoolFunc {
	a, b, and := c.bool(x.X), c.bool(x.Y), x.And
	return func(f *Frame) (bool, *value.Exception) {
		v, e := a(f)
		if e != nil || v != and {
			return v, e
		}
		return b(f)
	}
}

// choose yields a or b by a test.
func choose[T any](test BoolFunc, a, b func(*Frame) (T, *value.Exception)) func(*Frame) (T, *value.Exception) {
	return func(f *Frame) (T, *value.Exception) {
		ok, e := test(f)
		if e != nil {
			var none T
			return none, e
		}
		if ok {
			return a(f)
		}
		return b(f)
	}
}

func (c *compiler) cond(x *bound.Cond) code {
	return c.either(c.bool(x.Test), x.Then, x.Else, x.T)
}

// either compiles test ? a : b, both of type t.
func (c *compiler) either(test BoolFunc, a, b bound.Expr, t *types.Type) code {
	switch t.Storage() {
	case types.Bool:
		return code{b: choose(test, c.bool(a), c.bool(b))}
	case types.Int:
		return code{i: choose(test, c.int(a), c.int(b))}
	case types.Float:
		return code{f: choose(test, c.float(a), c.float(b))}
	case types.Str:
		return code{s: choose(test, c.str(a), c.str(b))}
	}
	return code{v: choose(test, c.val(a), c.val(b))}
}

// notNull compiles the evaluation of x into temp and the test that it is not null.
func (c *compiler) notNull(x bound.Expr, temp *bound.Local) BoolFunc {
	k := c.expr(x)
	if k.s != nil && !inCell(temp) && temp.Type.Storage() == types.Str {
		_, slot := c.place(temp)
		return func(f *Frame) (bool, *value.Exception) {
			s, e := k.s(f)
			f.Strs[slot] = s
			return !s.IsNull(), e
		}
	}
	v, set := boxed(k, x.Type()), c.setLocal(temp)
	return func(f *Frame) (bool, *value.Exception) {
		o, e := v(f)
		if e != nil || o.IsNull() {
			return false, e
		}
		set(f, o)
		return true, nil
	}
}

func (c *compiler) coalesce(x *bound.Coalesce) code {
	return c.either(c.notNull(x.X, x.Temp), x.Then, x.Y, x.T)
}

func (c *compiler) condAccess(x *bound.CondAccess) code {
	test := c.notNull(x.X, x.Temp)
	switch x.T.Storage() {
	case types.None:
		then := c.void(x.Then)
		return code{n: func(f *Frame) *value.Exception {
			ok, e := test(f)
			if e != nil || !ok {
				return e
			}
			return then(f)
		}}
	case types.Str:
		return code{s: choose(test, c.str(x.Then), func(*Frame) (value.String, *value.Exception) { return value.Null, nil })}
	}
	return code{v: choose(test, c.val(x.Then), func(*Frame) (value.Value, *value.Exception) { return value.Nil, nil })}
}

// thrown evaluates the operand of throw.
func thrown(f *Frame, x ValFunc, pos int32) *value.Exception {
	v, e := x(f)
	if e != nil {
		return e
	}
	o, _ := v.Object()
	ex, ok := o.(*value.Exception)
	if !ok {
		return at(value.NullReference(), pos)
	}
	return at(ex, pos)
}

func (c *compiler) throwExpr(x *bound.Throw) code {
	v, pos := c.val(x.X), posOf(x)
	throw := func(f *Frame) *value.Exception { return thrown(f, v, pos) }
	switch x.T.Storage() {
	case types.Bool:
		return code{b: func(f *Frame) (bool, *value.Exception) { return false, throw(f) }}
	case types.Int:
		return code{i: func(f *Frame) (int64, *value.Exception) { return 0, throw(f) }}
	case types.Float:
		return code{f: func(f *Frame) (float64, *value.Exception) { return 0, throw(f) }}
	case types.Str:
		return code{s: func(f *Frame) (value.String, *value.Exception) { return value.Null, throw(f) }}
	case types.None:
		return code{n: throw}
	}
	return code{v: func(f *Frame) (value.Value, *value.Exception) { return value.Nil, throw(f) }}
}
