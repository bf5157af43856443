package json

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/library/json/mergesettings"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// add puts content into a container: sequences in it are flattened.
func (t *Token) add(th *value.Thread, v value.Value, depth int) *value.Exception {
	if depth > maxDepth {
		return jsonError("The content is nested too deeply.")
	}
	o, _ := v.Object()
	seq, many := o.(value.Enumerable)
	switch o.(type) {
	case *Token, *value.Bytes, value.Mapping:
		many = false
	}
	if !many {
		item, e := single(th, v)
		if e != nil {
			return e
		}
		return t.append(th, item)
	}
	next := seq.Iterate(th)
	for {
		item, ok, e := next()
		if e != nil || !ok {
			return e
		}
		if e := th.Budget.Step(); e != nil {
			return e
		}
		if e := t.add(th, item, depth+1); e != nil {
			return e
		}
	}
}

func newObject(c *value.Call) (value.Value, *value.Exception) { return newContainer(c, Object) }
func newArray(c *value.Call) (value.Value, *value.Exception)  { return newContainer(c, Array) }

// copyContainer is the constructor from another JObject or JArray.
func copyContainer(c *value.Call) (value.Value, *value.Exception) {
	other := asToken(c.Args[0])
	if other == nil {
		return value.Nil, value.NullArgument("other")
	}
	t, e := other.clone(c.Thread)
	return wrap(t), e
}

// newContainer makes a JObject or JArray of its content.
func newContainer(c *value.Call, kind Kind) (value.Value, *value.Exception) {
	t := of(c.Thread).token(kind)
	for _, a := range c.Args {
		if e := t.add(c.Thread, a, 0); e != nil {
			return value.Nil, e
		}
	}
	return wrap(t), nil
}

func newProperty(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return value.Nil, value.NullArgument("name")
	}
	list, e := content(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	w := of(c.Thread)
	o, _ := c.Args[1].Object()
	_, isToken := o.(*Token)
	_, isSequence := o.(value.Enumerable)
	v := list
	p := &Token{world: w, kind: Property, name: c.Args[0].StringOrNull().Go()}
	if isSequence && !isToken && asBytes(o) == nil {
		array := w.token(Array)
		for _, item := range v {
			if e := array.append(c.Thread, item); e != nil {
				return value.Nil, e
			}
		}
		v = []*Token{array}
	}
	return wrap(p), p.append(c.Thread, v[0])
}

func asBytes(o value.Object) *value.Bytes {
	b, _ := o.(*value.Bytes)
	return b
}

func newValue(c *value.Call) (value.Value, *value.Exception) {
	w := of(c.Thread)
	if c.Args[0].IsNull() {
		return wrap(w.scalar(Null, value.Nil)), nil
	}
	t, e := From(c.Thread, c.Args[0])
	if _, _, boxed := c.Args[0].Boxed(); !boxed && e == nil {
		t, e = single(c.Thread, c.Args[0])
	}
	if e == nil && asToken(c.Args[0]) == t {
		t, e = t.clone(c.Thread)
	}
	return wrap(t), e
}

func newRaw(c *value.Call) (value.Value, *value.Exception) {
	s, e := object.TextIn(c.Thread, c.Args[0])
	return wrap(of(c.Thread).scalar(Raw, value.OfString(s))), e
}

func createNull(c *value.Call) (value.Value, *value.Exception) {
	return wrap(of(c.Thread).scalar(Null, value.Nil)), nil
}

func createUndefined(c *value.Call) (value.Value, *value.Exception) {
	return wrap(of(c.Thread).scalar(Undefined, value.Nil)), nil
}

func createString(c *value.Call) (value.Value, *value.Exception) {
	return wrap(of(c.Thread).scalar(String, c.Args[0])), nil
}

func createComment(c *value.Call) (value.Value, *value.Exception) {
	return wrap(of(c.Thread).scalar(Comment, c.Args[0])), nil
}

// compareTo is JValue.CompareTo: null comes first.
func compareTo(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[1].IsNull() {
		return object.Of(c.Thread).Int(1), nil
	}
	n, e := self(c).CompareTo(c.Args[1])
	return object.Of(c.Thread).Int(int64(n)), e
}

// implicit is the conversion operator to JToken from any type.
func implicit(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return createNull(c)
	}
	t, e := From(c.Thread, c.Args[0])
	return wrap(t), e
}

func scalarValue(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	return asToken(o).val, nil
}

func setScalar(c *value.Call) (value.Value, *value.Exception) {
	t, e := single(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	self(c).kind, self(c).val = t.kind, t.val
	return value.Nil, nil
}

func addContent(c *value.Call) (value.Value, *value.Exception) {
	return value.Nil, self(c).add(c.Thread, c.Args[1], 0)
}

func addFirst(c *value.Call) (value.Value, *value.Exception) {
	list, e := content(c.Thread, c.Args[1])
	for i, item := range list {
		if e == nil {
			e = self(c).insert(c.Thread, i, item)
		}
	}
	return value.Nil, e
}

func addToken(c *value.Call) (value.Value, *value.Exception) {
	return value.Nil, self(c).append(c.Thread, asToken(c.Args[1]))
}

func addProperty(c *value.Call) (value.Value, *value.Exception) {
	t := self(c)
	if c.Args[1].IsNull() {
		return value.Nil, value.NullArgument("propertyName")
	}
	v, e := t.adopt(c.Thread, asToken(c.Args[2]))
	if e != nil {
		return value.Nil, e
	}
	return value.Nil, t.append(c.Thread, t.world.property(c.Args[1].StringOrNull().Go(), v))
}

func removeAll(c *value.Call) (value.Value, *value.Exception) {
	if t := self(c); t.kind == Property {
		return value.Nil, jsonError("Cannot add or remove items from " + t.className() + ".")
	}
	self(c).clear()
	return value.Nil, nil
}

func replaceAll(c *value.Call) (value.Value, *value.Exception) {
	if _, e := removeAll(c); e != nil {
		return value.Nil, e
	}
	return addContent(c)
}

func mergeContent(c *value.Call) (value.Value, *value.Exception) {
	t, other := self(c), asToken(c.Args[1])
	s := &mergesettings.Settings{}
	if len(c.Args) > 2 {
		if given := mergesettings.Of(c.Args[2]); given != nil {
			s = given
		}
	}
	if other != nil || t.kind != Array {
		return value.Nil, t.merge(c.Thread, other, s)
	}
	// Of what is no token, only the elements of a sequence are merged, and into an array.
	list, e := content(c.Thread, c.Args[1])
	o, _ := c.Args[1].Object()
	if _, many := o.(value.Enumerable); e != nil || !many {
		return value.Nil, e
	}
	array := t.world.token(Array)
	for i, item := range list {
		if s.Arrays != mergesettings.Merge && !isElement(c.Args[1], i) {
			return value.Nil, value.Throw(value.InvalidCastException, "Specified cast is not valid.")
		}
		if e := array.append(c.Thread, item); e != nil {
			return value.Nil, e
		}
	}
	return value.Nil, t.merge(c.Thread, array, s)
}

// isElement reports whether the i-th element of a list is a token.
func isElement(list value.Value, i int) bool {
	o, _ := list.Object()
	v, ok := o.(value.Vector)
	return !ok || asToken(v.At(i)) != nil
}

func propertiesOf(c *value.Call) (value.Value, *value.Exception) {
	return children(c)
}

func propertyValues(c *value.Call) (value.Value, *value.Exception) {
	list, e := valuesOf(c.Thread, self(c))
	if e != nil {
		return value.Nil, e
	}
	return tokens(c, list)
}

func nameOf(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	return value.Str(asToken(o).name), nil
}

func setPropertyValue(c *value.Call) (value.Value, *value.Exception) {
	t := self(c)
	v, e := t.adopt(c.Thread, asToken(c.Args[1]))
	if e != nil {
		return value.Nil, e
	}
	if e := t.raise(v.height + 1); e != nil {
		return value.Nil, e
	}
	v.parent = t
	t.items = []*Token{v}
	return value.Nil, nil
}

// findBy finds a property by a StringComparison in the third argument.
func findBy(c *value.Call) *Token {
	t, name := self(c), c.Args[1].StringOrNull().Go()
	if len(c.Args) < 3 {
		return t.find(name)
	}
	return t.findBy(name, c.Args[2].Int())
}

// findBy finds a property by a StringComparison: an exact match first.
func (t *Token) findBy(name string, comparison int64) *Token {
	if p := t.find(name); p != nil || comparison%2 == 0 {
		return p
	}
	for _, p := range t.items {
		if strings.EqualFold(p.name, name) {
			return p
		}
	}
	return nil
}

func propertyBy(c *value.Call) (value.Value, *value.Exception) { return wrap(findBy(c)), nil }

func getValue(c *value.Call) (value.Value, *value.Exception) {
	if p := findBy(c); p != nil {
		return wrap(p.items[0]), nil
	}
	return value.Nil, nil
}

func containsKey(_ *value.Thread, o value.Value, name value.String) (bool, *value.Exception) {
	if name.IsNull() {
		return false, value.NullArgument("propertyName")
	}
	return asToken(o).find(name.Go()) != nil, nil
}

// tryGetValue sets the last argument, with or without a comparison before it.
func tryGetValue(c *value.Call) (value.Value, *value.Exception) {
	last := len(c.Args) - 1
	in := *c
	in.Args = c.Args[:last]
	p := findBy(&in)
	c.Args[last] = value.Nil
	if p != nil {
		c.Args[last] = wrap(p.items[0])
	}
	return object.Of(c.Thread).Bool(p != nil), nil
}

func removeKey(c *value.Call) (value.Value, *value.Exception) {
	p := self(c).find(c.Args[1].StringOrNull().Go())
	if p == nil {
		return object.Of(c.Thread).Bool(false), nil
	}
	return object.Of(c.Thread).Bool(true), p.detach(c.Thread)
}

func pairs(c *value.Call) (value.Value, *value.Exception) {
	return collections.NewEnumerator(c.Result, self(c).IteratePairs(c.Thread)), nil
}

// placeOf returns the place of that very token in an array, -1 where it is not there: an equal one is not it.
func (t *Token) placeOf(item *Token) int {
	for i, mine := range t.items {
		if mine == item {
			return i
		}
	}
	return -1
}

func indexOf(c *value.Call) (value.Value, *value.Exception) {
	return object.Of(c.Thread).Int(int64(self(c).placeOf(asToken(c.Args[1])))), nil
}

func containsItem(c *value.Call) (value.Value, *value.Exception) {
	return object.Of(c.Thread).Bool(self(c).placeOf(asToken(c.Args[1])) >= 0), nil
}

func insertAt(c *value.Call) (value.Value, *value.Exception) {
	t, at := self(c), c.Args[1].Int()
	if at < 0 || at > int64(len(t.items)) {
		return value.Nil, value.OutOfRange("index", "Index must be within the bounds of the List.")
	}
	return value.Nil, t.insert(c.Thread, int(at), asToken(c.Args[2]))
}

func removeAt(c *value.Call) (value.Value, *value.Exception) {
	t, at := self(c), c.Args[1].Int()
	if at < 0 || at >= int64(len(t.items)) {
		return value.Nil, value.OutOfRange("index", "Index is equal to or greater than Count.")
	}
	return value.Nil, t.items[at].detach(c.Thread)
}

func removeItem(c *value.Call) (value.Value, *value.Exception) {
	t := self(c)
	at := t.placeOf(asToken(c.Args[1]))
	if at < 0 {
		return object.Of(c.Thread).Bool(false), nil
	}
	return object.Of(c.Thread).Bool(true), t.items[at].detach(c.Thread)
}

func count(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(len(asToken(o).items)), nil
}
