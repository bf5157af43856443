package json

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/library/json/shape"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// To makes a value of a type from a token, as ToObject<T> and DeserializeObject<T> do.
func To(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	env := object.Of(th)
	switch {
	case t == nil:
		return object.Zero(to), nil
	case to.Special() == types.Object:
		if t.isContainer() {
			return value.OfObject(t), nil
		}
		return t.val, nil
	case isTokenType(to):
		if !env.Is(value.OfObject(t), to) {
			if t.kind == Null {
				return value.Nil, nil
			}
			return value.Nil, value.Throw(value.InvalidCastException, "Specified cast is not valid.")
		}
		return value.OfObject(t), nil
	case t.kind == Undefined && readKinds(to.Underlying()) != 0:
		return value.Nil, value.Throw(readerError, "Unexpected character encountered while parsing value: u. Path '"+t.path()+"'.")
	case t.kind == Null || t.kind == Undefined:
		if to.AcceptsNull() {
			return value.Nil, nil
		}
		return value.Nil, nullError(t, to)
	}
	if to.Kind == types.Enum || to.IsNumeric() || !t.isContainer() {
		return toScalar(th, t, to)
	}
	return toContainer(th, t, to)
}

func isTokenType(t *types.Type) bool {
	return t.Def != nil && t.Def.Namespace == "Newtonsoft.Json.Linq"
}

func toScalar(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	if to.Underlying().Kind == types.Enum {
		return toEnum(t, to.Underlying())
	}
	if t.isContainer() && readKinds(to.Underlying()) != 0 {
		return value.Nil, value.Throw(readerError, "Unexpected token "+t.kind.String()+". Path '"+t.path()+"'.")
	}
	if t.isContainer() || to.Kind == types.Interface || to.Kind == types.Array && to.Elem.Special() != types.Byte || to.Kind == types.Class && len(to.Args) > 0 {
		return value.Nil, wrongKind(t, to)
	}
	return readScalar(th, t, to)
}

func toEnum(t *Token, to *types.Type) (value.Value, *value.Exception) {
	if t.kind != String {
		return value.Boxed(to, t.val.Bits()), nil
	}
	text := t.val.StringOrNull().Go()
	n, ok := object.ParseEnum(to, text, true)
	if !ok {
		return value.Nil, value.Throw(serialError, "Error converting value \""+text+"\" to type '"+to.FullName()+"'. Path '"+t.path()+"'.")
	}
	return value.Boxed(to, uint64(n)), nil
}

// readKinds returns the kinds that the reader itself makes a value of a type from, 0 for a type that the
// serializer converts to.
func readKinds(to *types.Type) int {
	switch to.Special() {
	case types.Int32, types.Double, types.Decimal:
		return 1<<Integer | 1<<Float | 1<<String
	case types.Boolean:
		return 1<<Integer | 1<<Float | 1<<String | 1<<Boolean
	case types.DateTime:
		return dates
	case types.String:
		return texts
	}
	switch {
	case to.Kind == types.Array:
		return 1<<String | 1<<Bytes | 1<<Guid
	case to.Def != nil && to.Def.Name == "DateTimeOffset":
		return dates
	}
	return 0
}

// readScalar converts as the serializer does: an empty text is null, and what does not convert is an exception
// of the reader or of the serializer.
func readScalar(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	plain := to.Underlying()
	kinds, name := readKinds(plain), serialError
	if s, ok := t.val.Str(); ok && s.Go() == "" && plain.Special() != types.String && plain.Kind != types.Array {
		if to.AcceptsNull() {
			return value.Nil, nil
		}
		return value.Nil, nullError(t, to)
	}
	if kinds != 0 {
		name = readerError
	}
	failed := value.Throw(name, "Could not convert "+describe(t)+" to "+plain.FullName()+". Path '"+t.path()+"'.")
	if kinds != 0 && kinds&(1<<t.kind) == 0 {
		return value.Nil, failed
	}
	if t.name != "" && t.kind != String {
		switch {
		case plain.Special() == types.String:
			return value.OfGo(t.name), nil
		case plain.Special() == types.Int32 && t.kind == Float:
			return value.Nil, failed
		case t.kind == Float && plain.Special() == types.Decimal, t.kind == Date:
			t = t.world.scalar(String, value.OfGo(t.name))
		}
	}
	v, e := convert(th, t, to)
	if e == nil || plain.Kind == types.Array {
		return v, e
	}
	switch e.Type {
	case value.FormatException, value.OverflowException, value.InvalidCastException, value.ArgumentException:
		return value.Nil, failed
	}
	return value.Nil, e
}

// nullError is the exception of null for a type that has none.
func nullError(t *Token, to *types.Type) *value.Exception {
	return value.Throw(serialError, "Error converting value {null} to type '"+to.FullName()+"'. Path '"+t.path()+"'.")
}

// wrongKind is the exception of a token that no value of the type can be made from.
func wrongKind(t *Token, to *types.Type) *value.Exception {
	return value.Throw(serialError, "Cannot deserialize the current JSON "+t.kind.String()+" into type '"+to.FullName()+"'. Path '"+t.path()+"'.")
}

// toContainer makes arrays, lists, sets and dictionaries.
func toContainer(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	switch {
	case to.Special() == types.String:
		return value.Nil, value.Throw(readerError, "Error reading string. Unexpected token: Start"+t.kind.String()+". Path '"+t.path()+"'.")
	case to.Kind == types.Array && t.kind == Array && to.Rank > 1:
		a := &value.Array{Class: to, Elem: to.Elem, Dims: make([]int, to.Rank)}
		return value.OfObject(a), toRows(th, t, to, a, 0)
	case to.Kind == types.Array && t.kind == Array:
		items, e := toItems(th, t, to.Elem)
		return object.ArrayOf(to, items), e
	}
	if names, _ := shape.Members(to); names != nil && t.kind == Object {
		return toMembers(th, t, to)
	}
	if to.Def == nil {
		return value.Nil, wrongKind(t, to)
	}
	switch to.Def.Name {
	case "Dictionary", "IDictionary", "IReadOnlyDictionary":
		if t.kind != Object {
			return value.Nil, wrongKind(t, to)
		}
		return toDictionary(th, t, to)
	}
	if t.kind == Array && shape.IsSequence(to) {
		items, e := toItems(th, t, to.Args[0])
		if e != nil {
			return value.Nil, e
		}
		return shape.Sequence(th, to, items)
	}
	return value.Nil, wrongKind(t, to)
}

// toMembers makes a pair or a tuple of the properties that have the names of its members. The others keep their zero.
func toMembers(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	names, elems := shape.Members(to)
	values, e := value.Make[value.Value](th, len(elems))
	if e != nil {
		return value.Nil, e
	}
	for i, elem := range elems {
		values[i] = object.Zero(elem)
	}
	for _, p := range t.items {
		if i := shape.Index(names, p.name); i >= 0 {
			if values[i], e = To(th, p.items[0], elems[i]); e != nil {
				return value.Nil, e
			}
		}
	}
	return shape.Object(to, values), nil
}

// toRows appends the elements of nested arrays to those of an array of several dimensions, and sets the lengths of the
// dimensions from the first of each.
func toRows(th *value.Thread, t *Token, to *types.Type, a *value.Array, level int) *value.Exception {
	switch {
	case t.kind != Array:
		return value.Throw(serialError, "Unexpected token when deserializing multidimensional array: "+t.kind.String()+". Path '"+t.path()+"'.")
	case len(a.Items) == 0 && a.Dims[level] == 0:
		a.Dims[level] = len(t.items)
	case a.Dims[level] != len(t.items):
		return value.Throw("System.Exception", "Cannot deserialize non-cubical array as multidimensional array.")
	}
	if level == len(a.Dims)-1 {
		items, e := toItems(th, t, to.Elem)
		if e == nil {
			a.Items, e = value.Grow(th, a.Items, len(items))
		}
		a.Items = append(a.Items, items...)
		return e
	}
	for _, row := range t.items {
		if e := toRows(th, row, to, a, level+1); e != nil {
			return e
		}
	}
	return nil
}

func toItems(th *value.Thread, t *Token, elem *types.Type) ([]value.Value, *value.Exception) {
	items, e := value.Make[value.Value](th, len(t.items))
	for i := range items {
		if e = th.Budget.Step(); e == nil {
			items[i], e = To(th, t.items[i], elem)
		}
		if e != nil {
			return nil, e
		}
	}
	return items, e
}

func toDictionary(th *value.Thread, t *Token, to *types.Type) (value.Value, *value.Exception) {
	env := object.Of(th)
	class := env.Generic("System.Collections.Generic.Dictionary", to.Args[0], to.Args[1])
	d := collections.NewDictionary(th, class, nil)
	for _, p := range t.items {
		key, e := To(th, t.world.scalar(String, value.OfGo(p.name)), to.Args[0])
		if e != nil {
			return value.Nil, e
		}
		v, e := To(th, p.items[0], to.Args[1])
		if e != nil {
			return value.Nil, e
		}
		if _, e := d.Put(th, key, v); e != nil {
			return value.Nil, e
		}
	}
	return value.OfObject(d), nil
}
