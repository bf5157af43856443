// Package object holds what every C# value can do: ToString, formatting, Equals, hashing, ordering, the test of
// its run-time type, and the default of each type; and the small structs of .NET that have no bits of their
// own: Guid, DateTimeOffset, KeyValuePair. Everything is in the invariant culture.
package object

import (
	"sync"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Env is what library functions know of the library that they are part of: the types that they make values
// of. It is shared by all runs and safe for concurrent use.
type Env struct {
	// Lib is the library.
	Lib *types.Library

	special [types.TypeOf + 1]*types.Type
	// strings and bytes are string[] and byte[].
	strings, bytes *types.Type
	memo           sync.Map
	// literals are the strings of all programs' literals, so that equal ones are the same object, as in .NET.
	literals sync.Map
}

// NewEnv returns the environment of a library.
func NewEnv(lib *types.Library) *Env {
	e := &Env{Lib: lib}
	for s := types.Object; s <= types.TypeOf; s++ {
		e.special[s] = lib.Special(s)
	}
	if s, b := e.special[types.String], e.special[types.Byte]; s != nil && b != nil {
		e.strings, e.bytes = lib.ArrayOf(s, 1), lib.ArrayOf(b, 1)
	}
	return e
}

// Of returns the environment of a run.
func Of(t *value.Thread) *Env {
	e, _ := t.Env.(*Env)
	return e
}

// Type returns a type that the language knows.
func (e *Env) Type(s types.Special) *types.Type { return e.special[s] }

// Named returns the type with that full name and no type parameters, or object where there is none.
func (e *Env) Named(full string) *types.Type {
	if d := e.Lib.Lookup(full, 0); d != nil {
		return d.Self()
	}
	return e.special[types.Object]
}

// Generic returns the generic type with that full name and these arguments, or object where there is none.
func (e *Env) Generic(full string, args ...*types.Type) *types.Type {
	if d := e.Lib.Lookup(full, len(args)); d != nil {
		return e.Lib.Construct(d, args...)
	}
	return e.special[types.Object]
}

// Memo returns what build makes, once for each key.
func (e *Env) Memo(key any, build func(*Env) any) any {
	if v, ok := e.memo.Load(key); ok {
		return v
	}
	v, _ := e.memo.LoadOrStore(key, build(e))
	return v
}

// Intern returns the one string with that content that all literals share.
func (e *Env) Intern(s string) string {
	v, _ := e.literals.LoadOrStore(s, s)
	one, _ := v.(string)
	return one
}

// Int returns a boxed int.
func (e *Env) Int(n int64) value.Value {
	return value.Boxed(e.special[types.Int32], uint64(n))
}

// Bool returns a boxed bool.
func (e *Env) Bool(b bool) value.Value { return value.BoxedBool(e.special[types.Boolean], b) }

// Strings returns a string[].
func (e *Env) Strings(list []string) value.Value {
	a := &value.Array{Class: e.strings, Elem: e.special[types.String], Items: make([]value.Value, len(list))}
	for i, s := range list {
		a.Items[i] = value.OfGo(s)
	}
	return value.OfObject(a)
}

// Bytes returns a byte[] of data, which is not copied.
func (e *Env) Bytes(data []byte) value.Value {
	return value.OfObject(&value.Bytes{Class: e.bytes, Elem: e.special[types.Byte], Data: data})
}

// TypeOf returns the run-time type of a value, nil for null.
func (e *Env) TypeOf(v value.Value) *types.Type {
	if v.IsNull() {
		return nil
	}
	if o, ok := v.Object(); ok {
		if x, ok := o.(*value.Exception); ok && x.Class == nil {
			return e.exceptionType(x.Type)
		}
		t, _ := o.ObjectType().(*types.Type)
		return t
	}
	if t, _, ok := v.Boxed(); ok {
		tt, _ := t.(*types.Type)
		return tt
	}
	return e.special[types.String]
}

// Is reports whether v is not null and a value of type t; a T? counts as T.
func (e *Env) Is(v value.Value, t *types.Type) bool {
	have := e.TypeOf(v)
	if have == nil {
		return false
	}
	if elem := t.NullableElem(); elem != nil {
		t = elem
	}
	return have == t || have.AssignableTo(t)
}

// Exception returns an exception of the library with its class filled in, so that it can be caught by type.
func (e *Env) Exception(x *value.Exception) *value.Exception {
	if x.Class == nil {
		x.Class = e.exceptionType(x.Type)
	}
	return x
}

// exceptionType returns the exception's type by its full name, System.Exception where no table has it.
func (e *Env) exceptionType(full string) *types.Type {
	if d := e.Lib.Lookup(full, 0); d != nil {
		return d.Self()
	}
	return e.special[types.Exception]
}
