package collections

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Dictionary is a Dictionary<TKey, TValue>.
type Dictionary struct {
	class  value.Type
	pair   *types.Type
	index  *Index
	values []value.Value
}

var _ value.Mapping = (*Dictionary)(nil)

// NewDictionary returns an empty dictionary of the closed type class; the comparer may be null.
func NewDictionary(t *value.Thread, class value.Type, comparer value.EqualityComparer) *Dictionary {
	env := object.Of(t)
	pair := env.Generic(generic+".KeyValuePair", TypeArg(class, 0), TypeArg(class, 1))
	return &Dictionary{class: class, pair: pair, index: NewIndex(comparer)}
}

// ObjectType returns the closed type.
func (d *Dictionary) ObjectType() value.Type { return d.class }

// Count returns the number of pairs.
func (d *Dictionary) Count() int { return d.index.live }

// Iterate enumerates the pairs.
func (d *Dictionary) Iterate(*value.Thread) value.Iterator {
	return d.index.iterate(func(i int) value.Value {
		return value.OfObject(&object.Pair{Class: d.pair, Key: d.index.entries[i].key, Value: d.values[i]})
	})
}

// Lookup returns the value of a key.
func (d *Dictionary) Lookup(_ *value.Thread, key value.Value) (value.Value, bool, *value.Exception) {
	if at := d.index.Find(key); at >= 0 {
		return d.values[at], true, nil
	}
	return value.Nil, false, nil
}

// Put stores the value of a key and reports whether the key is new.
func (d *Dictionary) Put(t *value.Thread, key, v value.Value) (bool, *value.Exception) {
	at, added, e := d.index.Add(t, key)
	if e != nil {
		return false, e
	}
	if at == len(d.values) {
		if d.values, e = value.Append(t, d.values, v); e != nil {
			d.index.remove(key)
			return false, e
		}
	}
	d.values[at] = v
	return added, nil
}

func (d *Dictionary) add(t *value.Thread, v value.Value) *value.Exception {
	o, _ := v.Object()
	p, ok := o.(*object.Pair)
	if !ok {
		return value.NullArgument("key")
	}
	return d.Insert(t, p.Key, p.Value)
}

// Insert adds a pair whose key must be new.
func (d *Dictionary) Insert(t *value.Thread, key, v value.Value) *value.Exception {
	if key.IsNull() {
		return value.NullArgument("key")
	}
	if d.index.Find(key) >= 0 {
		s, e := object.Text(key)
		if e != nil {
			return e
		}
		return value.Argument("", "An item with the same key has already been added. Key: "+s.Go())
	}
	_, e := d.Put(t, key, v)
	return e
}

func (d *Dictionary) remove(v value.Value) bool {
	o, _ := v.Object()
	p, ok := o.(*object.Pair)
	if !ok {
		return false
	}
	at := d.index.Find(p.Key)
	if at < 0 || !object.Equal(d.values[at], p.Value) {
		return false
	}
	d.index.remove(p.Key)
	return true
}

func (d *Dictionary) clear() {
	d.index.reset()
	d.values = nil
}

func newDictionary(c *value.Call) (value.Value, *value.Exception) {
	var from value.Value
	var comparer value.EqualityComparer
	for _, a := range c.Args {
		if cmp := EqualityArg(a); cmp != nil {
			comparer = cmp
		} else if o, _ := a.Object(); o != nil {
			from = a
		}
	}
	d := NewDictionary(c.Thread, c.Declaring, comparer)
	if from.IsNull() {
		return value.OfObject(d), nil
	}
	seq, e := Source(c.Thread, from, "dictionary")
	if e != nil {
		return value.Nil, e
	}
	e = Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		return true, d.add(c.Thread, v)
	})
	return value.OfObject(d), e
}

// newDictionaryOf is the constructor from another dictionary, which may not be null.
func newDictionaryOf(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return value.Nil, value.NullArgument("dictionary")
	}
	return newDictionary(c)
}

func dictionary(c *value.Call) (*Dictionary, *value.Exception) {
	o, _ := c.Args[0].Object()
	d, ok := o.(*Dictionary)
	if !ok {
		return nil, readOnly()
	}
	if len(c.Args) > 1 && c.Args[1].IsNull() {
		return nil, value.NullArgument("key")
	}
	return d, nil
}

func dictionarySet(c *value.Call) (value.Value, *value.Exception) {
	d, e := dictionary(c)
	if e != nil {
		return value.Nil, e
	}
	_, e = d.Put(c.Thread, c.Args[1], c.Args[2])
	return value.Nil, e
}

func dictionaryAdd(c *value.Call) (value.Value, *value.Exception) {
	d, e := dictionary(c)
	if e != nil {
		return value.Nil, e
	}
	return value.Nil, d.Insert(c.Thread, c.Args[1], c.Args[2])
}

func dictionaryTryAdd(c *value.Call) (value.Value, *value.Exception) {
	d, e := dictionary(c)
	if e != nil {
		return value.Nil, e
	}
	added := d.index.Find(c.Args[1]) < 0
	if added {
		_, e = d.Put(c.Thread, c.Args[1], c.Args[2])
	}
	return object.Of(c.Thread).Bool(added), e
}

func dictionaryRemove(c *value.Call) (value.Value, *value.Exception) {
	d, e := dictionary(c)
	if e != nil {
		return value.Nil, e
	}
	at := d.index.remove(c.Args[1])
	if len(c.Args) > 2 {
		c.Args[2] = object.Zero(TypeArg(c.Declaring, 1))
		if at >= 0 {
			c.Args[2] = d.values[at]
		}
	}
	return object.Of(c.Thread).Bool(at >= 0), nil
}

func dictionaryContainsValue(c *value.Call) (value.Value, *value.Exception) {
	d, e := dictionary(&value.Call{Thread: c.Thread, Args: c.Args[:1]})
	if e != nil {
		return value.Nil, e
	}
	for i, entry := range d.index.entries {
		if entry.used && object.Equal(d.values[i], c.Args[1]) {
			return object.Of(c.Thread).Bool(true), nil
		}
	}
	return object.Of(c.Thread).Bool(false), c.Thread.Budget.Steps(int64(len(d.values)))
}
