package json

import (
	"math/big"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Kind is Newtonsoft's JTokenType.
type Kind uint8

// The kinds of tokens, with Newtonsoft's numbers.
const (
	None Kind = iota
	Object
	Array
	Constructor
	Property
	Comment
	Integer
	Float
	String
	Boolean
	Null
	Undefined
	Date
	Raw
	Bytes
	Guid
	URI
	TimeSpan
)

// kindNames are the kinds' names, as messages show them.
var kindNames = [...]string{
	"None", "Object", "Array", "Constructor", "Property", "Comment", "Integer", "Float", "String", "Boolean",
	"Null", "Undefined", "Date", "Raw", "Bytes", "Guid", "Uri", "TimeSpan",
}

// String returns the kind's name.
func (k Kind) String() string { return kindNames[k] }

// Token is a JToken: a JObject, JArray, JProperty, JConstructor, JValue or JRaw by its kind.
type Token struct {
	world  *world
	kind   Kind
	parent *Token
	// height is the number of levels below the token.
	height int
	// items are the children: the properties of an object, the elements of an array, the value of a property.
	items []*Token
	// index finds the properties of a large object by name.
	index map[string]int
	// name is that of a property or a constructor.
	name string
	// val is the value of a JValue; null for Null and Undefined. An integer beyond 64 bits is a bigInteger.
	val value.Value
}

var _ value.Vector = (*Token)(nil)

// world is what tokens need of the library: their own types. There is one for each library.
type world struct {
	env     *object.Env
	classes [TimeSpan + 1]*types.Type
	value   *types.Type
	pair    *types.Type
	long    *types.Type
	double  *types.Type
	bool    *types.Type
	date    *types.Type
	big     *types.Type
}

type worldKey struct{}

// of returns the world of a run.
func of(t *value.Thread) *world {
	w, _ := object.Of(t).Memo(worldKey{}, func(e *object.Env) any { return newWorld(e) }).(*world)
	return w
}

const namespace = "Newtonsoft.Json.Linq."

func newWorld(e *object.Env) *world {
	w := &world{env: e, value: e.Named(namespace + "JValue")}
	for k := range w.classes {
		w.classes[k] = w.value
	}
	w.classes[Object] = e.Named(namespace + "JObject")
	w.classes[Array] = e.Named(namespace + "JArray")
	w.classes[Property] = e.Named(namespace + "JProperty")
	w.classes[Constructor] = e.Named(namespace + "JConstructor")
	w.classes[Raw] = e.Named(namespace + "JRaw")
	w.long, w.double, w.bool, w.date = e.Type(types.Int64), e.Type(types.Double), e.Type(types.Boolean), e.Type(types.DateTime)
	w.big = e.Named("System.Numerics.BigInteger")
	w.pair = e.Generic("System.Collections.Generic.KeyValuePair", e.Type(types.String), e.Named(namespace+"JToken"))
	return w
}

func (w *world) token(k Kind) *Token { return &Token{world: w, kind: k} }

// scalar returns a JValue.
func (w *world) scalar(k Kind, v value.Value) *Token { return &Token{world: w, kind: k, val: v} }

// property returns a JProperty with its value.
func (w *world) property(name string, v *Token) *Token {
	p := &Token{world: w, kind: Property, name: name, height: v.height + 1}
	p.items = []*Token{v}
	v.parent = p
	return p
}

// Kind returns the token's kind.
func (t *Token) Kind() Kind { return t.kind }

// ObjectType returns the token's class.
func (t *Token) ObjectType() value.Type { return t.world.classes[t.kind] }

// Count returns the number of children.
func (t *Token) Count() int { return len(t.items) }

// At returns the i-th child.
func (t *Token) At(i int) value.Value { return value.OfObject(t.items[i]) }

// Iterate enumerates the children; a change in between is InvalidOperationException.
func (t *Token) Iterate(*value.Thread) value.Iterator {
	n, i := len(t.items), -1
	return func() (value.Value, bool, *value.Exception) {
		if n != len(t.items) {
			return value.Nil, false, value.InvalidOperation("Collection was modified; enumeration operation may not execute.")
		}
		if i+1 >= n {
			return value.Nil, false, nil
		}
		i++
		return value.OfObject(t.items[i]), true, nil
	}
}

// IteratePairs enumerates the properties of an object as KeyValuePair<string, JToken>.
func (t *Token) IteratePairs(th *value.Thread) value.Iterator {
	next := t.Iterate(th)
	return func() (value.Value, bool, *value.Exception) {
		v, ok, e := next()
		if e != nil || !ok {
			return v, ok, e
		}
		p := asToken(v)
		if p.kind != Property {
			return v, ok, e
		}
		return value.OfObject(&object.Pair{Class: t.world.pair, Key: value.OfGo(p.name), Value: wrap(p.items[0])}), true, nil
	}
}

// Lookup returns the value of an object's property.
func (t *Token) Lookup(_ *value.Thread, key value.Value) (value.Value, bool, *value.Exception) {
	p := t.find(key.StringOrNull().Go())
	if p == nil {
		return value.Nil, false, nil
	}
	return value.OfObject(p.items[0]), true, nil
}

// indexFrom is the number of properties from which on an object has an index.
const indexFrom = 9

// find returns the property of that name, or nil.
func (t *Token) find(name string) *Token {
	if t.kind != Object {
		return nil
	}
	if len(t.items) < indexFrom {
		for _, p := range t.items {
			if p.name == name {
				return p
			}
		}
		return nil
	}
	if t.index == nil {
		t.index = make(map[string]int, len(t.items))
		for i, p := range t.items {
			t.index[p.name] = i
		}
	}
	if i, ok := t.index[name]; ok {
		return t.items[i]
	}
	return nil
}

// asToken returns a value as a token, nil for null and for what is none.
func asToken(v value.Value) *Token {
	t, _ := value.As[*Token](v)
	return t
}

// wrap returns a token as a value; nil is null.
func wrap(t *Token) value.Value {
	if t == nil {
		return value.Nil
	}
	return value.OfObject(t)
}

// isContainer reports whether the token can have children.
func (t *Token) isContainer() bool {
	return t.kind == Object || t.kind == Array || t.kind == Property || t.kind == Constructor
}

// className is the token's class, as messages show it.
func (t *Token) className() string { return t.ObjectType().FullName() }

// bigInteger is a System.Numerics.BigInteger: an integer that 64 bits do not hold.
type bigInteger struct {
	class value.Type
	n     *big.Int
}

// ObjectType returns the type BigInteger.
func (b *bigInteger) ObjectType() value.Type { return b.class }

// NetString returns the digits.
func (b *bigInteger) NetString() (value.String, *value.Exception) {
	return value.Str(b.n.String()), nil
}

// EqualTo compares two big integers.
func (b *bigInteger) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	c, ok := o.(*bigInteger)
	return ok && b.n.Cmp(c.n) == 0
}

// HashCode returns the low bits.
func (b *bigInteger) HashCode() uint64 { return b.n.Uint64() }
