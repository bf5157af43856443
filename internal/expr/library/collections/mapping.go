package collections

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// lookup returns the value of the key in the second argument.
func lookup(c *value.Call) (value.Value, bool, *value.Exception) {
	o, _ := c.Args[0].Object()
	m, ok := o.(value.Mapping)
	if !ok {
		return value.Nil, false, value.NotSupported("The object is no dictionary.")
	}
	if c.Args[1].IsNull() {
		return value.Nil, false, value.NullArgument("key")
	}
	return m.Lookup(c.Thread, c.Args[1])
}

func mapGet(c *value.Call) (value.Value, *value.Exception) {
	v, ok, e := lookup(c)
	if e != nil || ok {
		return v, e
	}
	s, e := object.Text(c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	return value.Nil, value.KeyNotFound(s.Go())
}

func mapContainsKey(c *value.Call) (value.Value, *value.Exception) {
	_, ok, e := lookup(c)
	return object.Of(c.Thread).Bool(ok), e
}

func mapTryGet(c *value.Call) (value.Value, *value.Exception) {
	v, ok, e := lookup(c)
	if !ok {
		v = object.Zero(TypeArg(c.Declaring, 1))
	}
	c.Args[2] = v
	return object.Of(c.Thread).Bool(ok), e
}

// mapGetOr is CollectionExtensions.GetValueOrDefault: the default is given or that of the value's type.
func mapGetOr(c *value.Call) (value.Value, *value.Exception) {
	v, ok, e := lookup(c)
	switch {
	case e != nil || ok:
		return v, e
	case len(c.Args) > 2:
		return c.Args[2], nil
	}
	result, _ := c.Result.(*types.Type)
	return object.Zero(result), nil
}

func mapKeys(c *value.Call) (value.Value, *value.Exception)   { return side(c, false) }
func mapValues(c *value.Call) (value.Value, *value.Exception) { return side(c, true) }

// side returns the keys or the values of a dictionary as a collection that follows its changes.
func side(c *value.Call, values bool) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	m, ok := o.(value.Mapping)
	if !ok {
		return value.Nil, value.NotSupported("The object is no dictionary.")
	}
	return value.OfObject(&half{class: c.Result, of: m, values: values}), nil
}

// pairIterator is a Mapping whose own elements are no pairs: a JObject, which is a sequence of JProperty too.
type pairIterator interface {
	// IteratePairs enumerates KeyValuePair objects.
	IteratePairs(t *value.Thread) value.Iterator
}

// half is the keys or the values of a dictionary.
type half struct {
	class  value.Type
	of     value.Mapping
	values bool
}

// ObjectType returns the collection's type.
func (h *half) ObjectType() value.Type { return h.class }

// Count returns the number of pairs.
func (h *half) Count() int { return h.of.Count() }

// Iterate enumerates the keys or the values.
func (h *half) Iterate(t *value.Thread) value.Iterator {
	next := h.of.Iterate(t)
	if p, ok := h.of.(pairIterator); ok {
		next = p.IteratePairs(t)
	}
	return func() (value.Value, bool, *value.Exception) {
		v, ok, e := next()
		if e != nil || !ok {
			return value.Nil, false, e
		}
		o, _ := v.Object()
		p, isPair := o.(*object.Pair)
		switch {
		case !isPair:
			return value.Nil, false, value.NotSupported("The element of a dictionary is no pair.")
		case h.values:
			return p.Value, true, nil
		}
		return p.Key, true, nil
	}
}

func pairKey(c *value.Call) (value.Value, *value.Exception)   { return pairPart(c, false) }
func pairValue(c *value.Call) (value.Value, *value.Exception) { return pairPart(c, true) }

func pairPart(c *value.Call, second bool) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	p, ok := o.(*object.Pair)
	switch {
	case !ok:
		return value.Nil, value.NullReference()
	case second:
		return p.Value, nil
	}
	return p.Key, nil
}

func newPair(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&object.Pair{Class: c.Declaring, Key: c.Args[0], Value: c.Args[1]}), nil
}

func pairDeconstruct(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	if p, ok := o.(*object.Pair); ok {
		c.Args[1], c.Args[2] = p.Key, p.Value
	}
	return value.Nil, nil
}
