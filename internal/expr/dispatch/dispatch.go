// Package dispatch calls library members of any convention with boxed arguments: what a method group and the target of
// an assignment need.
package dispatch

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Boxed calls an implementation of any convention with boxed arguments.
func Boxed(impl types.Impl, c *value.Call) (value.Value, *value.Exception) {
	if fn, ok := impl.(types.Func); ok {
		return fn(c)
	}
	env := object.Of(c.Thread)
	result, _ := c.Result.(*types.Type)
	a := c.Args
	str := func(i int) value.String { return a[i].StringOrNull() }
	switch fn := impl.(type) {
	case types.StrInt:
		n, e := fn(c.Thread, str(0).Go())
		return value.Boxed(result, uint64(n)), e
	case types.StrIntInt:
		n, e := fn(c.Thread, str(0).Go(), a[1].Int())
		return value.Boxed(result, uint64(n)), e
	case types.StrBool:
		return env.Bool(fn(str(0).Go())), nil
	case types.StrStr:
		s, e := fn(c.Thread, str(0).Go())
		return value.OfGo(s), e
	case types.NullStrBool:
		return env.Bool(fn(str(0))), nil
	case types.StrStrBool:
		b, e := fn(str(0).Go(), str(1))
		return env.Bool(b), e
	case types.StrStrInt:
		n, e := fn(str(0).Go(), str(1))
		return value.Boxed(result, uint64(n)), e
	case types.StrStrStr:
		s, e := fn(c.Thread, str(0).Go(), str(1))
		return value.OfString(s), e
	case types.IntInt:
		n, e := fn(a[0].Int())
		return value.Boxed(result, uint64(n)), e
	case types.IntIntInt:
		n, e := fn(a[0].Int(), a[1].Int())
		return value.Boxed(result, uint64(n)), e
	case types.FloatFloat:
		return value.BoxedFloat(result, fn(a[0].Float())), nil
	case types.Float2:
		return value.BoxedFloat(result, fn(a[0].Float(), a[1].Float())), nil
	}
	return dispatchObject(impl, c, env, result)
}

func dispatchObject(impl types.Impl, c *value.Call, env *object.Env, result *types.Type) (value.Value, *value.Exception) {
	t, a := c.Thread, c.Args
	switch fn := impl.(type) {
	case types.ObjStr:
		s, e := fn(t, a[0])
		return value.OfString(s), e
	case types.ObjInt:
		n, e := fn(t, a[0])
		return value.Boxed(result, uint64(n)), e
	case types.ObjBool:
		b, e := fn(t, a[0])
		return env.Bool(b), e
	case types.ObjVal:
		return fn(t, a[0])
	case types.ObjStrVal:
		return fn(t, a[0], a[1].StringOrNull())
	case types.ObjStrBool:
		b, e := fn(t, a[0], a[1].StringOrNull())
		return env.Bool(b), e
	case types.ObjStrStrStr:
		s, e := fn(t, a[0], a[1].StringOrNull(), a[2].StringOrNull())
		return value.OfString(s), e
	}
	return value.Nil, value.NotSupported("Specified method is not supported.")
}
