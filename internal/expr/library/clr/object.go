package clr

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func objectTable() types.Table {
	return types.Table{Namespace: system, Decl: "class Object", Special: types.Object, Members: []types.Entry{
		{Sig: "Object()", Impl: types.Func(newObject)},
		{Sig: "bool Equals(object obj)", Impl: types.Func(equals)},
		{Sig: "static bool Equals(object objA, object objB)", Impl: types.Func(equals)},
		{Sig: "static bool ReferenceEquals(object objA, object objB)", Impl: types.Func(referenceEquals)},
		{Sig: "int GetHashCode()", Impl: types.Func(hashCode)},
		{Sig: "string ToString()", Impl: types.ObjStr(toString)},
		{Sig: "Type GetType()", Impl: types.Func(getType)},
	}}
}

// plainObject is new object().
type plainObject struct{ class value.Type }

func (p *plainObject) ObjectType() value.Type { return p.class }

func newObject(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&plainObject{class: c.Declaring}), nil
}

func equals(c *value.Call) (value.Value, *value.Exception) {
	return c.ReturnBool(object.Equal(c.Args[0], c.Args[1]))
}

func referenceEquals(c *value.Call) (value.Value, *value.Exception) {
	a, b := c.Args[0], c.Args[1]
	if s, ok := a.Str(); ok {
		t, ok := b.Str()
		return c.ReturnBool(ok && value.SameString(s.Go(), t.Go()))
	}
	if o, ok := a.Object(); ok {
		return c.ReturnBool(o == c.Object(1))
	}
	return c.ReturnBool(a.IsNull() && b.IsNull())
}

func hashCode(c *value.Call) (value.Value, *value.Exception) {
	h := object.Hash(c.Args[0])
	return c.ReturnInt(int64(int32(h ^ h>>32)))
}

func toString(t *value.Thread, o value.Value) (value.String, *value.Exception) {
	if s, ok := o.Str(); ok {
		return s, nil
	}
	return object.TextIn(t, o)
}

func formatted(c *value.Call) (value.Value, *value.Exception) {
	s, e := formatIn(c.Thread, c.Args[0], c.Go(1))
	return value.OfString(s), e
}

func unformatted(c *value.Call) (value.Value, *value.Exception) {
	s, e := object.TextIn(c.Thread, c.Args[0])
	return value.OfString(s), e
}

func getType(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return value.Nil, value.NullReference()
	}
	env := object.Of(c.Thread)
	return value.OfObject(&value.TypeRef{Class: env.Type(types.TypeOf), Of: env.TypeOf(c.Args[0])}), nil
}

// Compare implements CompareTo and Compare of every ordered type.
func Compare(c *value.Call) (value.Value, *value.Exception) {
	n, e := object.Compare(c.Args[0], c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	return c.ReturnInt(int64(n))
}

func valueTypeTable() types.Table {
	return types.Table{Namespace: system, Decl: "abstract class ValueType", Special: types.ValueType}
}

func delegateTable() types.Table {
	return types.Table{Namespace: system, Decl: "abstract class Delegate", Special: types.DelegateBase}
}

func typeTable() types.Table {
	of := func(o value.Value) *types.Type {
		x, _ := o.Object()
		if r, ok := x.(*value.TypeRef); ok {
			t, _ := r.Of.(*types.Type)
			return t
		}
		return nil
	}
	return types.Table{Namespace: system, Decl: "sealed class Type", Special: types.TypeOf, Members: []types.Entry{
		{Sig: "string Name { get; }", Impl: types.ObjStr(func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
			return value.Str(netName(of(o))), nil
		}), Traits: types.Unlisted},
	}}
}

// netName is a type's name as reflection gives it: Int32, List`1, Int32[].
func netName(t *types.Type) string {
	var full string
	switch {
	case t.Kind == types.Array:
		return netName(t.Elem) + "[" + strings.Repeat(",", max(t.Rank, 1)-1) + "]"
	case t.Def != nil:
		full = t.Def.FullName()
	default:
		full, _, _ = strings.Cut(t.FullName(), "[")
	}
	return full[strings.LastIndexByte(full, '.')+1:]
}

func nullableStaticTable() types.Table {
	return types.Table{Namespace: system, Decl: "static class Nullable", Members: []types.Entry{
		{Sig: "static int Compare<T>(T? n1, T? n2) where T : struct", Impl: types.Func(Compare)},
		{Sig: "static bool Equals<T>(T? n1, T? n2) where T : struct", Impl: types.Func(equals)},
	}}
}

func nullableTable() types.Table {
	return types.Table{Namespace: system, Decl: "struct Nullable<T>", Special: types.Nullable, Members: []types.Entry{
		{Sig: "Nullable(T value)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.Args[0], nil })},
		{Sig: "bool HasValue { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnBool(!c.Args[0].IsNull())
		})},
		{Sig: "T Value { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if c.Args[0].IsNull() {
				return value.Nil, value.InvalidOperation("Nullable object must have a value.")
			}
			return c.Args[0], nil
		})},
		{Sig: "T GetValueOrDefault()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if c.Args[0].IsNull() {
				t, _ := c.Result.(*types.Type)
				return object.Zero(t), nil
			}
			return c.Args[0], nil
		})},
		{Sig: "T GetValueOrDefault(T defaultValue)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if c.Args[0].IsNull() {
				return c.Args[1], nil
			}
			return c.Args[0], nil
		})},
		{Sig: "string ToString()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if c.Args[0].IsNull() {
				return value.OfGo(""), nil
			}
			return unformatted(c)
		})},
		{Sig: "bool Equals(object other)", Impl: types.Func(equals)},
		{Sig: "int GetHashCode()", Impl: types.Func(hashCode)},
	}}
}
