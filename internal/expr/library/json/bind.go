package json

import (
	"math"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// bindItem binds a known key of this[object].
func bindItem(u *types.Use) types.Impl {
	if !u.AllKnown() {
		return nil
	}
	key := u.Args[0].Value
	name, isText := u.Text(0)
	return types.ObjVal(func(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
		t := asToken(o)
		if isText && t.kind == Object {
			return t.property(name), nil
		}
		v, e := t.child(key)
		return wrap(v), e
	})
}

// bindProperty binds a known name of this[string].
func bindProperty(u *types.Use) types.Impl {
	name, ok := u.Text(0)
	if !ok {
		return nil
	}
	return types.ObjVal(func(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
		return asToken(o).property(name), nil
	})
}

// property returns the value of the property of that name, or null.
func (t *Token) property(name string) value.Value {
	if p := t.find(name); p != nil {
		return value.OfObject(p.items[0])
	}
	return value.Nil
}

// bindValue binds the known key of Value<string>(key).
func bindValue(u *types.Use) types.Impl {
	if !u.AllKnown() || u.TypeArgs[0].Special() != types.String {
		return nil
	}
	key, to := u.Args[0].Value, u.TypeArgs[0]
	return types.ObjStr(func(th *value.Thread, o value.Value) (value.String, *value.Exception) {
		t, e := asToken(o).child(key)
		if e != nil || t != nil && t.kind == String {
			return textOf(t), e
		}
		v, e := extract(th, t, to)
		return v.StringOrNull(), e
	})
}

func textOf(t *Token) value.String {
	if t == nil {
		return value.Null
	}
	return t.val.StringOrNull()
}

// bindExplicit gives the conversions to strings, integers and truth values that need no other a way of their own.
func bindExplicit(u *types.Use) types.Impl {
	to := u.Result
	switch to.Special() {
	case types.String:
		return types.ObjStr(func(th *value.Thread, o value.Value) (value.String, *value.Exception) {
			if t := asToken(o); t == nil || t.kind == String {
				return textOf(t), nil
			}
			v, e := convert(th, asToken(o), to)
			return v.StringOrNull(), e
		})
	case types.Int32, types.Int64:
		least, most := int64(math.MinInt64), int64(math.MaxInt64)
		if to.Special() == types.Int32 {
			least, most = math.MinInt32, math.MaxInt32
		}
		return types.ObjInt(func(th *value.Thread, o value.Value) (int64, *value.Exception) {
			if t := asToken(o); t != nil && t.kind == Integer {
				if have, n, ok := t.val.Boxed(); ok && have == value.Type(t.world.long) && int64(n) >= least && int64(n) <= most {
					return int64(n), nil
				}
			}
			v, e := convert(th, asToken(o), to)
			return v.Int(), e
		})
	case types.Boolean:
		return types.ObjBool(func(th *value.Thread, o value.Value) (bool, *value.Exception) {
			if t := asToken(o); t != nil && t.kind == Boolean {
				return t.val.Bool(), nil
			}
			v, e := convert(th, asToken(o), to)
			return v.Bool(), e
		})
	}
	return nil
}
