package collections

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Set is a HashSet<T>.
type Set struct {
	class value.Type
	index *Index
}

var _ value.Counted = (*Set)(nil)

// ObjectType returns the closed type HashSet<T>.
func (s *Set) ObjectType() value.Type { return s.class }

// Count returns the number of elements.
func (s *Set) Count() int { return s.index.live }

// Iterate enumerates the elements.
func (s *Set) Iterate(*value.Thread) value.Iterator {
	return s.index.iterate(func(i int) value.Value { return s.index.entries[i].key })
}

func (s *Set) add(t *value.Thread, v value.Value) *value.Exception {
	_, _, e := s.index.Add(t, v)
	return e
}

func (s *Set) remove(v value.Value) bool { return s.index.remove(v) >= 0 }

func (s *Set) clear() { s.index.reset() }

// NewSet returns a HashSet<T> of the closed type class with the elements of a sequence, which may be null.
func NewSet(t *value.Thread, class value.Type, seq value.Enumerable, comparer value.EqualityComparer) (*Set, *value.Exception) {
	s := &Set{class: class, index: NewIndex(comparer)}
	if seq == nil {
		return s, nil
	}
	return s, Each(t, seq, func(v value.Value) (bool, *value.Exception) {
		return true, s.add(t, v)
	})
}

func newSet(c *value.Call) (value.Value, *value.Exception) {
	var seq value.Enumerable
	var comparer value.EqualityComparer
	for _, a := range c.Args {
		if cmp := EqualityArg(a); cmp != nil {
			comparer = cmp
			continue
		}
		if _, _, number := a.Boxed(); number || a.IsNull() {
			continue
		}
		var e *value.Exception
		if seq, e = Source(c.Thread, a, "collection"); e != nil {
			return value.Nil, e
		}
	}
	s, e := NewSet(c.Thread, c.Declaring, seq, comparer)
	if e != nil {
		return value.Nil, e
	}
	return value.OfObject(s), nil
}

func setAdd(c *value.Call) (value.Value, *value.Exception) {
	s, e := receiverSet(c)
	if e != nil {
		return value.Nil, e
	}
	_, added, e := s.index.Add(c.Thread, c.Args[1])
	return object.Of(c.Thread).Bool(added), e
}

func receiverSet(c *value.Call) (*Set, *value.Exception) {
	o, _ := c.Args[0].Object()
	s, ok := o.(*Set)
	if !ok {
		return nil, readOnly()
	}
	return s, nil
}

// operands returns the receiver and the argument as sets under the receiver's comparer.
func operands(c *value.Call) (s, other *Set, e *value.Exception) {
	if s, e = receiverSet(c); e != nil {
		return nil, nil, e
	}
	seq, e := Source(c.Thread, c.Args[1], "other")
	if e != nil {
		return nil, nil, e
	}
	other, e = NewSet(c.Thread, s.class, seq, s.index.comparer)
	return s, other, e
}

// keys returns the elements in order.
func (s *Set) keys() []value.Value {
	var list []value.Value
	for _, entry := range s.index.entries {
		if entry.used {
			list = append(list, entry.key)
		}
	}
	return list
}

// has reports whether every element of other is in s.
func (s *Set) has(other *Set) bool {
	for _, k := range other.keys() {
		if s.index.Find(k) < 0 {
			return false
		}
	}
	return true
}

func setUnionWith(c *value.Call) (value.Value, *value.Exception) {
	s, other, e := operands(c)
	if e != nil {
		return value.Nil, e
	}
	for _, k := range other.keys() {
		if e := s.add(c.Thread, k); e != nil {
			return value.Nil, e
		}
	}
	return value.Nil, nil
}

func setExceptWith(c *value.Call) (value.Value, *value.Exception) {
	s, other, e := operands(c)
	if e != nil {
		return value.Nil, e
	}
	for _, k := range other.keys() {
		s.remove(k)
	}
	return value.Nil, nil
}

func setIntersectWith(c *value.Call) (value.Value, *value.Exception) {
	s, other, e := operands(c)
	if e != nil {
		return value.Nil, e
	}
	for _, k := range s.keys() {
		if other.index.Find(k) < 0 {
			s.remove(k)
		}
	}
	return value.Nil, nil
}

func setSymmetricExceptWith(c *value.Call) (value.Value, *value.Exception) {
	s, other, e := operands(c)
	if e != nil {
		return value.Nil, e
	}
	for _, k := range other.keys() {
		if s.remove(k) {
			continue
		}
		if e := s.add(c.Thread, k); e != nil {
			return value.Nil, e
		}
	}
	return value.Nil, nil
}

// setTest makes a comparison of two sets a member.
func setTest(test func(s, other *Set) bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		s, other, e := operands(c)
		if e != nil {
			return value.Nil, e
		}
		return object.Of(c.Thread).Bool(test(s, other)), nil
	}
}

func setRemoveWhere(c *value.Call) (value.Value, *value.Exception) {
	s, e := receiverSet(c)
	if e != nil {
		return value.Nil, e
	}
	match, e := DelegateArg(c, 1, "match")
	if e != nil {
		return value.Nil, e
	}
	n := int64(0)
	for _, k := range s.keys() {
		v, e := Invoke(c.Thread, match, k)
		if e != nil {
			return value.Nil, e
		}
		if v.Bool() {
			s.remove(k)
			n++
		}
	}
	return object.Of(c.Thread).Int(n), nil
}

// setMembers are the members that ISet<T> and HashSet<T> share.
func setMembers() []types.Entry {
	return []types.Entry{
		{Sig: "bool Add(T item)", Impl: types.Func(setAdd)},
		{Sig: "void ExceptWith(IEnumerable<T> other)", Impl: types.Func(setExceptWith)},
		{Sig: "void IntersectWith(IEnumerable<T> other)", Impl: types.Func(setIntersectWith)},
		{Sig: "void SymmetricExceptWith(IEnumerable<T> other)", Impl: types.Func(setSymmetricExceptWith)},
		{Sig: "void UnionWith(IEnumerable<T> other)", Impl: types.Func(setUnionWith)},
		{Sig: "bool IsSubsetOf(IEnumerable<T> other)", Impl: setTest(func(s, o *Set) bool { return o.has(s) })},
		{Sig: "bool IsSupersetOf(IEnumerable<T> other)", Impl: setTest(func(s, o *Set) bool { return s.has(o) })},
		{Sig: "bool IsProperSubsetOf(IEnumerable<T> other)", Impl: setTest(func(s, o *Set) bool { return o.has(s) && o.Count() > s.Count() })},
		{Sig: "bool IsProperSupersetOf(IEnumerable<T> other)", Impl: setTest(func(s, o *Set) bool { return s.has(o) && s.Count() > o.Count() })},
		{Sig: "bool Overlaps(IEnumerable<T> other)", Impl: setTest(func(s, o *Set) bool {
			for _, k := range o.keys() {
				if s.index.Find(k) >= 0 {
					return true
				}
			}
			return false
		})},
		{Sig: "bool SetEquals(IEnumerable<T> other)", Impl: setTest(func(s, o *Set) bool { return s.has(o) && o.has(s) })},
	}
}

// SetTable is System.Collections.Generic.HashSet<T>.
func SetTable() types.Table {
	return types.Table{
		Namespace: generic,
		Decl:      "class HashSet<T> : ISet<T>, IReadOnlyCollection<T>",
		Members: append([]types.Entry{
			{Sig: "HashSet()", Impl: types.Func(newSet)},
			{Sig: "HashSet(IEqualityComparer<T> comparer)", Impl: types.Func(newSet)},
			{Sig: "HashSet(IEnumerable<T> collection)", Impl: types.Func(newSet)},
			{Sig: "HashSet(IEnumerable<T> collection, IEqualityComparer<T> comparer)", Impl: types.Func(newSet)},
			{Sig: "int Count { get; }", Impl: types.ObjInt(count)},
			{Sig: "void Clear()", Impl: types.Func(collectionClear)},
			{Sig: "bool Contains(T item)", Impl: types.Func(contains)},
			{Sig: "void CopyTo(T[] array)", Impl: types.Func(copyTo)},
			{Sig: "bool Remove(T item)", Impl: types.Func(collectionRemove)},
			{Sig: "int RemoveWhere(Predicate<T> match)", Impl: types.Func(setRemoveWhere)},
		}, setMembers()...),
	}
}
