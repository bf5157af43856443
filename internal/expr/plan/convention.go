package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// typed compiles a call in one of the typed conventions: a direct call of a Go function, nothing boxed.
func (c *compiler) typed(in invocation, args []bound.Expr) code {
	pos := posOf(in.node)
	switch fn := in.impl.(type) {
	case types.StrInt:
		s := c.presentStr(args[0], pos)
		return code{i: func(f *Frame) (int64, *value.Exception) {
			x, e := s(f)
			if e != nil {
				return 0, e
			}
			n, e := fn(f.Thread, x)
			return n, at(e, pos)
		}}
	case types.StrBool:
		s := c.checkedStr(args[0], pos)
		return code{b: func(f *Frame) (bool, *value.Exception) {
			x, e := s(f)
			if e != nil {
				return false, e
			}
			return fn(x), nil
		}}
	case types.StrStr:
		s := c.checkedStr(args[0], pos)
		return code{s: func(f *Frame) (value.String, *value.Exception) {
			x, e := s(f)
			if e != nil {
				return value.Null, e
			}
			y, e := fn(f.Thread, x)
			return value.Str(y), at(e, pos)
		}}
	case types.NullStrBool:
		s := c.str(args[0])
		return code{b: func(f *Frame) (bool, *value.Exception) {
			x, e := s(f)
			if e != nil {
				return false, e
			}
			return fn(x), nil
		}}
	case types.StrStrBool, types.StrStrInt, types.StrStrStr:
		return c.stringPair(in.impl, args, pos)
	case types.IntInt, types.IntIntInt, types.FloatFloat, types.Float2:
		return c.numeric(in.impl, args, pos)
	}
	if fn, ok := in.impl.(types.StrIntInt); ok {
		return c.stringIndex(fn, args, pos)
	}
	if fn, ok := in.impl.(types.ObjStrValAs); ok && len(in.typeArgs) == 1 {
		return unboxed(c.objectAs(fn, args, in.typeArgs[0], pos), in.node.Type())
	}
	return c.onObject(in.impl, args, pos)
}

// objectAs compiles the generic convention of Variables.GetValueOrDefault<T>.
func (c *compiler) objectAs(fn types.ObjStrValAs, args []bound.Expr, as *types.Type, pos int32) ValFunc {
	o, a, def := c.checked(args[0], pos), c.str(args[1]), c.val(args[2])
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

// stringIndex compiles a call with a string and an integer.
func (c *compiler) stringIndex(fn types.StrIntInt, args []bound.Expr, pos int32) code {
	s, i := c.presentStr(args[0], pos), c.int(args[1])
	return code{i: func(f *Frame) (int64, *value.Exception) {
		x, e := s(f)
		if e != nil {
			return 0, e
		}
		n, e := i(f)
		if e != nil {
			return 0, e
		}
		r, e := fn(f.Thread, x, n)
		return r, at(e, pos)
	}}
}

func (c *compiler) stringPair(impl types.Impl, args []bound.Expr, pos int32) code {
	s, a := c.checkedStr(args[0], pos), c.str(args[1])
	both := func(f *Frame) (x string, y value.String, e *value.Exception) {
		if x, e = s(f); e != nil {
			return
		}
		y, e = a(f)
		return
	}
	switch fn := impl.(type) {
	case types.StrStrBool:
		return code{b: func(f *Frame) (bool, *value.Exception) {
			x, y, e := both(f)
			if e != nil {
				return false, e
			}
			r, e := fn(x, y)
			return r, at(e, pos)
		}}
	case types.StrStrInt:
		return code{i: func(f *Frame) (int64, *value.Exception) {
			x, y, e := both(f)
			if e != nil {
				return 0, e
			}
			r, e := fn(x, y)
			return r, at(e, pos)
		}}
	case types.StrStrStr:
		return code{s: func(f *Frame) (value.String, *value.Exception) {
			x, y, e := both(f)
			if e != nil {
				return value.Null, e
			}
			r, e := fn(f.Thread, x, y)
			return r, at(e, pos)
		}}
	}
	return c.fail(impl)
}

func (c *compiler) numeric(impl types.Impl, args []bound.Expr, pos int32) code {
	switch fn := impl.(type) {
	case types.IntInt:
		a := c.int(args[0])
		return code{i: func(f *Frame) (int64, *value.Exception) {
			x, e := a(f)
			if e != nil {
				return 0, e
			}
			r, e := fn(x)
			return r, at(e, pos)
		}}
	case types.IntIntInt:
		a, b := c.int(args[0]), c.int(args[1])
		return code{i: func(f *Frame) (int64, *value.Exception) {
			x, e := a(f)
			if e != nil {
				return 0, e
			}
			y, e := b(f)
			if e != nil {
				return 0, e
			}
			r, e := fn(x, y)
			return r, at(e, pos)
		}}
	case types.FloatFloat:
		a := c.float(args[0])
		return code{f: func(f *Frame) (float64, *value.Exception) {
			x, e := a(f)
			if e != nil {
				return 0, e
			}
			return fn(x), nil
		}}
	case types.Float2:
		a, b := c.float(args[0]), c.float(args[1])
		return code{f: func(f *Frame) (float64, *value.Exception) {
			x, e := a(f)
			if e != nil {
				return 0, e
			}
			y, e := b(f)
			if e != nil {
				return 0, e
			}
			return fn(x, y), nil
		}}
	}
	return c.fail(impl)
}

func (c *compiler) onObject(impl types.Impl, args []bound.Expr, pos int32) code {
	o := c.checked(args[0], pos)
	switch fn := impl.(type) {
	case types.ObjStr:
		return code{s: func(f *Frame) (value.String, *value.Exception) {
			x, e := o(f)
			if e != nil {
				return value.Null, e
			}
			r, e := fn(f.Thread, x)
			return r, at(e, pos)
		}}
	case types.ObjInt:
		return code{i: func(f *Frame) (int64, *value.Exception) {
			x, e := o(f)
			if e != nil {
				return 0, e
			}
			r, e := fn(f.Thread, x)
			return r, at(e, pos)
		}}
	case types.ObjBool:
		return code{b: func(f *Frame) (bool, *value.Exception) {
			x, e := o(f)
			if e != nil {
				return false, e
			}
			r, e := fn(f.Thread, x)
			return r, at(e, pos)
		}}
	case types.ObjVal:
		return code{v: func(f *Frame) (value.Value, *value.Exception) {
			x, e := o(f)
			if e != nil {
				return value.Nil, e
			}
			r, e := fn(f.Thread, x)
			return r, at(e, pos)
		}}
	}
	return c.onObjectBy(impl, o, args, pos)
}

func (c *compiler) onObjectBy(impl types.Impl, o ValFunc, args []bound.Expr, pos int32) code {
	if len(args) < 2 {
		return c.fail(impl)
	}
	a := c.str(args[1])
	both := func(f *Frame) (x value.Value, y value.String, e *value.Exception) {
		if x, e = o(f); e != nil {
			return
		}
		y, e = a(f)
		return
	}
	switch fn := impl.(type) {
	case types.ObjStrVal:
		return code{v: func(f *Frame) (value.Value, *value.Exception) {
			x, y, e := both(f)
			if e != nil {
				return value.Nil, e
			}
			r, e := fn(f.Thread, x, y)
			return r, at(e, pos)
		}}
	case types.ObjStrBool:
		return code{b: func(f *Frame) (bool, *value.Exception) {
			x, y, e := both(f)
			if e != nil {
				return false, e
			}
			r, e := fn(f.Thread, x, y)
			return r, at(e, pos)
		}}
	case types.ObjStrStrStr:
		b := c.str(args[2])
		return code{s: func(f *Frame) (value.String, *value.Exception) {
			x, y, e := both(f)
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
	}
	return c.fail(impl)
}
