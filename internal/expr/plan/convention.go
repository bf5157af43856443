package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// result is what a closure of one storage is.
type result[R any] = func(*Frame) (R, *value.Exception)

// none calls a function of the run.
func none[R any](fn func(*value.Thread) (R, *value.Exception), pos int32) result[R] {
	return func(f *Frame) (R, *value.Exception) {
		r, e := fn(f.Thread)
		return r, at(e, pos)
	}
}

// one calls a function of an operand.
func one[A, R any](a result[A], fn func(*value.Thread, A) (R, *value.Exception), pos int32) result[R] {
	return func(f *Frame) (r R, e *value.Exception) {
		x, e := a(f)
		if e != nil {
			return r, e
		}
		r, e = fn(f.Thread, x)
		return r, at(e, pos)
	}
}

// two calls a function of two operands.
func two[A, B, R any](a result[A], b result[B], fn func(*value.Thread, A, B) (R, *value.Exception), pos int32) result[R] {
	return func(f *Frame) (r R, e *value.Exception) {
		x, e := a(f)
		if e != nil {
			return r, e
		}
		y, e := b(f)
		if e != nil {
			return r, e
		}
		r, e = fn(f.Thread, x, y)
		return r, at(e, pos)
	}
}

// pure calls a function of two operands that needs nothing of the run.
func pure[A, B, R any](a result[A], b result[B], fn func(A, B) (R, *value.Exception), pos int32) result[R] {
	return func(f *Frame) (r R, e *value.Exception) {
		x, e := a(f)
		if e != nil {
			return r, e
		}
		y, e := b(f)
		if e != nil {
			return r, e
		}
		r, e = fn(x, y)
		return r, at(e, pos)
	}
}

// safe calls a function of an operand that cannot fail.
func safe[A, R any](a result[A], fn func(A) R) result[R] {
	return func(f *Frame) (r R, e *value.Exception) {
		x, e := a(f)
		if e != nil {
			return r, e
		}
		return fn(x), nil
	}
}

// member1 calls a function of a receiver, which must not be null where nullable is set.
func member1[R any](o ValFunc, nullable bool, fn func(*value.Thread, value.Value) (R, *value.Exception), pos int32) result[R] {
	return func(f *Frame) (r R, e *value.Exception) {
		x, e := o(f)
		if e != nil || nullable && x.IsNull() {
			return r, absent(e, pos)
		}
		r, e = fn(f.Thread, x)
		return r, at(e, pos)
	}
}

// absent is the exception of a receiver: its own, or that it is null.
func absent(e *value.Exception, pos int32) *value.Exception {
	if e == nil {
		e = at(value.NullReference(), pos)
	}
	return e
}

// typed compiles a call in one of the typed conventions: a direct call of a Go function, nothing boxed.
func (c *compiler) typed(in invocation, args []bound.Expr) code {
	pos := posOf(in.node)
	switch fn := in.impl.(type) {
	case types.StrInt:
		return code{i: one(c.presentStr(args[0], pos), fn, pos)}
	case types.StrIntInt:
		return code{i: two(c.presentStr(args[0], pos), c.int(args[1]), fn, pos)}
	case types.StrBool:
		return code{b: safe(c.checkedStr(args[0], pos), fn)}
	case types.StrStr:
		s := one(c.checkedStr(args[0], pos), fn, pos)
		return code{s: func(f *Frame) (value.String, *value.Exception) {
			x, e := s(f)
			return value.Str(x), e
		}}
	case types.NullStrBool:
		return code{b: safe(c.str(args[0]), fn)}
	case types.NullStrTest:
		return code{b: one(c.str(args[0]), fn, pos)}
	case types.NullStrStr:
		return code{s: one(c.str(args[0]), fn, pos)}
	case types.StrStrBool:
		return code{b: pure(c.checkedStr(args[0], pos), c.str(args[1]), fn, pos)}
	case types.StrStrInt:
		return code{i: pure(c.checkedStr(args[0], pos), c.str(args[1]), fn, pos)}
	case types.StrStrStr:
		return code{s: two(c.checkedStr(args[0], pos), c.str(args[1]), fn, pos)}
	case types.IntInt:
		return code{i: one(c.int(args[0]), func(_ *value.Thread, x int64) (int64, *value.Exception) { return fn(x) }, pos)}
	case types.IntIntInt:
		return code{i: pure(c.int(args[0]), c.int(args[1]), fn, pos)}
	case types.FloatFloat:
		return code{f: safe(c.float(args[0]), fn)}
	case types.Float2:
		return code{f: pure(c.float(args[0]), c.float(args[1]), func(x, y float64) (float64, *value.Exception) { return fn(x, y), nil }, pos)}
	case types.RunStr:
		return code{s: none(fn, pos)}
	case types.RunInt:
		return code{i: none(fn, pos)}
	case types.RunBool:
		return code{b: none(fn, pos)}
	case types.RunVal:
		return code{v: none(fn, pos)}
	}
	return c.onObject(in, args, pos)
}

// onObject compiles a call whose first operand is a reference.
func (c *compiler) onObject(in invocation, args []bound.Expr, pos int32) code {
	if len(args) == 0 {
		return c.fail(in.impl)
	}
	static := in.x == nil
	o, nullable := c.val(args[0]), !static && c.nullable(args[0])
	switch fn := in.impl.(type) {
	case types.ObjStr:
		return code{s: member1(o, nullable, fn, pos)}
	case types.ObjInt:
		return code{i: member1(o, nullable, fn, pos)}
	case types.ObjBool:
		return code{b: member1(o, nullable, fn, pos)}
	case types.ObjVal:
		return code{v: member1(o, nullable, fn, pos)}
	}
	if len(args) == 1 {
		return c.fail(in.impl)
	}
	if !static {
		o = c.checked(args[0], pos)
	}
	a := c.str(args[1])
	switch fn := in.impl.(type) {
	case types.ObjStrVal:
		return code{v: two(o, a, fn, pos)}
	case types.ObjStrBool:
		return code{b: two(o, a, fn, pos)}
	case types.ObjStrStrStr:
		b := c.str(args[2])
		return code{s: func(f *Frame) (value.String, *value.Exception) {
			x, e := o(f)
			if e != nil {
				return value.Null, e
			}
			y, e := a(f)
			if e != nil {
				return value.Null, e
			}
			z, e := b(f)
			if e != nil {
				return value.Null, e
			}
			r, e := fn(f.Thread, x, y, z)
			return r, at(e, pos)
		}}
	case types.ObjStrValAs:
		if len(in.typeArgs) == 1 {
			return unboxed(c.objectAs(fn, o, a, c.val(args[2]), in.typeArgs[0], pos), in.node.Type())
		}
	}
	return c.fail(in.impl)
}

// objectAs compiles the generic convention of Variables.GetValueOrDefault<T>.
func (c *compiler) objectAs(fn types.ObjStrValAs, o ValFunc, a StrFunc, def ValFunc, as *types.Type, pos int32) ValFunc {
	return func(f *Frame) (value.Value, *value.Exception) {
		x, e := o(f)
		if e != nil {
			return value.Nil, e
		}
		name, e := a(f)
		if e != nil {
			return value.Nil, e
		}
		d, e := def(f)
		if e != nil {
			return value.Nil, e
		}
		v, e := fn(f.Thread, x, name, d, as)
		return v, at(e, pos)
	}
}
