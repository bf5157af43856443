package json

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// comparer is a JTokenEqualityComparer: tokens are equal where DeepEquals says so. It charges the run that took it.
type comparer struct {
	class  value.Type
	thread *value.Thread
}

// ObjectType returns the class.
func (c *comparer) ObjectType() value.Type { return c.class }

// EqualValues compares two tokens with all that is in them.
func (c *comparer) EqualValues(a, b value.Value) bool {
	same, e := deepEqual(c.thread, asToken(a), asToken(b))
	return same && e == nil
}

// HashValue returns a hash that agrees with EqualValues.
func (c *comparer) HashValue(v value.Value) uint64 {
	if t := asToken(v); t != nil {
		return uint64(t.kind)<<32 ^ uint64(len(t.items)) ^ t.HashCode()
	}
	return 0
}

func comparerTable() types.Table {
	return types.Table{Namespace: linq, Decl: "class JTokenEqualityComparer : System.Collections.Generic.IEqualityComparer<JToken>", Members: []types.Entry{
		{Sig: "bool Equals(JToken x, JToken y)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			same, e := deepEqual(c.Thread, asToken(c.Args[1]), asToken(c.Args[2]))
			if e != nil {
				return value.Nil, e
			}
			return c.ReturnBool(same)
		})},
		{Sig: "int GetHashCode(JToken obj)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			return c.ReturnInt(int64(int32((&comparer{thread: c.Thread}).HashValue(c.Args[1]))))
		})},
	}}
}

func tokenComparer(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&comparer{class: c.Result, thread: c.Thread}), nil
}
