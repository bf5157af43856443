package collections

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const generic = "System.Collections.Generic"

// Interfaces returns the tables of the interfaces of sequences. Their members work on every
// object that has the matching Go interface: value.Enumerable, value.Counted, value.Vector, value.Mapping.
func Interfaces() []types.Table {
	return []types.Table{
		{Namespace: "System", Decl: "interface IDisposable", Special: types.Disposable, Members: []types.Entry{
			{Sig: "void Dispose()", Impl: types.Func(dispose)},
		}},
		{Namespace: "System.Collections", Decl: "interface IEnumerable", Special: types.Enumerable, Members: []types.Entry{
			{Sig: "IEnumerator GetEnumerator()", Impl: types.Func(getEnumerator)},
		}},
		{Namespace: "System.Collections", Decl: "interface IEnumerator", Members: []types.Entry{
			{Sig: "bool MoveNext()", Impl: types.ObjBool(moveNext)},
			{Sig: "object Current { get; }", Impl: types.Func(current)},
		}},
		{Namespace: generic, Decl: "interface IEnumerable<out T> : IEnumerable", Special: types.EnumerableT, Members: []types.Entry{
			{Sig: "IEnumerator<T> GetEnumerator()", Impl: types.Func(getEnumerator)},
		}},
		{Namespace: generic, Decl: "interface IEnumerator<out T> : IEnumerator, IDisposable", Members: []types.Entry{
			{Sig: "T Current { get; }", Impl: types.Func(current)},
		}},
		{Namespace: generic, Decl: "interface IEqualityComparer<in T>", Members: []types.Entry{
			{Sig: "bool Equals(T x, T y)", Impl: types.Func(comparerEquals)},
			{Sig: "int GetHashCode(T obj)", Impl: types.Func(comparerHash)},
		}},
		{Namespace: generic, Decl: "interface IComparer<in T>", Members: []types.Entry{
			{Sig: "int Compare(T x, T y)", Impl: types.Func(comparerCompare)},
		}},
		{Namespace: generic, Decl: "interface IReadOnlyCollection<out T> : IEnumerable<T>", Members: []types.Entry{
			{Sig: "int Count { get; }", Impl: types.ObjInt(count)},
		}},
		{Namespace: generic, Decl: "interface IReadOnlyList<out T> : IReadOnlyCollection<T>", Members: []types.Entry{
			{Sig: "T this[int index] { get; }", Impl: types.Func(vectorGet)},
		}},
		{Namespace: generic, Decl: "interface ICollection<T> : IEnumerable<T>", Members: []types.Entry{
			{Sig: "int Count { get; }", Impl: types.ObjInt(count)},
			{Sig: "bool IsReadOnly { get; }", Impl: types.ObjBool(isReadOnly)},
			{Sig: "void Add(T item)", Impl: types.Func(collectionAdd)},
			{Sig: "void Clear()", Impl: types.Func(collectionClear)},
			{Sig: "bool Contains(T item)", Impl: types.Func(contains)},
			{Sig: "void CopyTo(T[] array, int arrayIndex)", Impl: types.Func(copyTo)},
			{Sig: "bool Remove(T item)", Impl: types.Func(collectionRemove)},
		}},
		{Namespace: generic, Decl: "interface IList<T> : ICollection<T>", Members: []types.Entry{
			{Sig: "T this[int index] { get; set; }", Impl: types.Func(vectorGet), Set: types.Func(vectorSet)},
			{Sig: "int IndexOf(T item)", Impl: types.Func(indexOf)},
			{Sig: "void Insert(int index, T item)", Impl: types.Func(listInsert)},
			{Sig: "void RemoveAt(int index)", Impl: types.Func(listRemoveAt)},
		}},
		{Namespace: generic, Decl: "interface ISet<T> : ICollection<T>", Members: setMembers()},
	}
}

// mappingInterfaces are the interfaces of dictionaries.
func mappingInterfaces() []types.Table {
	return []types.Table{
		{Namespace: generic, Decl: "interface IReadOnlyDictionary<TKey, TValue> : IReadOnlyCollection<KeyValuePair<TKey, TValue>>", Members: []types.Entry{
			{Sig: "TValue this[TKey key] { get; }", Impl: types.Func(mapGet)},
			{Sig: "IEnumerable<TKey> Keys { get; }", Impl: types.Func(mapKeys)},
			{Sig: "IEnumerable<TValue> Values { get; }", Impl: types.Func(mapValues)},
			{Sig: "bool ContainsKey(TKey key)", Impl: types.Func(mapContainsKey)},
			{Sig: "bool TryGetValue(TKey key, out TValue value)", Impl: types.Func(mapTryGet)},
		}},
		{Namespace: generic, Decl: "interface IDictionary<TKey, TValue> : ICollection<KeyValuePair<TKey, TValue>>", Members: []types.Entry{
			{Sig: "TValue this[TKey key] { get; set; }", Impl: types.Func(mapGet), Set: types.Func(dictionarySet)},
			{Sig: "ICollection<TKey> Keys { get; }", Impl: types.Func(mapKeys)},
			{Sig: "ICollection<TValue> Values { get; }", Impl: types.Func(mapValues)},
			{Sig: "void Add(TKey key, TValue value)", Impl: types.Func(dictionaryAdd)},
			{Sig: "bool ContainsKey(TKey key)", Impl: types.Func(mapContainsKey)},
			{Sig: "bool Remove(TKey key)", Impl: types.Func(dictionaryRemove)},
			{Sig: "bool TryGetValue(TKey key, out TValue value)", Impl: types.Func(mapTryGet)},
		}},
	}
}

func count(t *value.Thread, o value.Value) (int64, *value.Exception) {
	x, _ := o.Object()
	if n, ok := x.(value.Counted); ok {
		return int64(n.Count()), nil
	}
	seq, e := Source(t, o, "source")
	if e != nil {
		return 0, e
	}
	n := int64(0)
	e = Each(t, seq, func(value.Value) (bool, *value.Exception) { n++; return true, nil })
	return n, e
}

// vector returns the receiver as a vector.
func vector(c *value.Call) (value.Vector, *value.Exception) {
	o, _ := c.Args[0].Object()
	v, ok := o.(value.Vector)
	if !ok {
		return nil, value.NotSupported("The object is no list.")
	}
	return v, nil
}

func vectorGet(c *value.Call) (value.Value, *value.Exception) {
	v, e := vector(c)
	if e != nil {
		return value.Nil, e
	}
	i := c.Args[1].Int()
	if i < 0 || i >= int64(v.Count()) {
		return value.Nil, outOfList(v)
	}
	return v.At(int(i)), nil
}

// outOfList is the exception of an index outside of a vector: arrays have one of their own.
func outOfList(v value.Vector) *value.Exception {
	switch v.(type) {
	case *value.Array, *value.Bytes:
		return value.IndexOutOfRange()
	}
	return value.IndexArgument()
}

func vectorSet(c *value.Call) (value.Value, *value.Exception) {
	v, e := vector(c)
	if e != nil {
		return value.Nil, e
	}
	s, ok := v.(value.Settable)
	i := c.Args[1].Int()
	switch {
	case !ok:
		return value.Nil, readOnly()
	case i < 0 || i >= int64(v.Count()):
		return value.Nil, outOfList(v)
	}
	s.Set(int(i), c.Args[2])
	return value.Nil, nil
}

func readOnly() *value.Exception { return value.NotSupported("Collection is read-only.") }

func isReadOnly(_ *value.Thread, o value.Value) (bool, *value.Exception) {
	x, _ := o.Object()
	switch x.(type) {
	case *List, *Dictionary, *Set:
		return false, nil
	}
	return true, nil
}

func contains(c *value.Call) (value.Value, *value.Exception) {
	env := object.Of(c.Thread)
	o, _ := c.Args[0].Object()
	if s, ok := o.(*Set); ok {
		return env.Bool(s.index.Find(c.Args[1]) >= 0), nil
	}
	seq, e := Source(c.Thread, c.Args[0], "source")
	if e != nil {
		return value.Nil, e
	}
	found := false
	e = Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		found = object.Equal(v, c.Args[1])
		return !found, nil
	})
	return env.Bool(found), e
}

func indexOf(c *value.Call) (value.Value, *value.Exception) {
	v, e := vector(c)
	if e != nil {
		return value.Nil, e
	}
	env := object.Of(c.Thread)
	for i := range v.Count() {
		if e := c.Thread.Budget.Step(); e != nil {
			return value.Nil, e
		}
		if object.Equal(v.At(i), c.Args[1]) {
			return env.Int(int64(i)), nil
		}
	}
	return env.Int(-1), nil
}

func copyTo(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[1].Object()
	to, ok := o.(value.Settable)
	if !ok {
		return value.Nil, value.NullArgument("array")
	}
	at := int64(0)
	if len(c.Args) > 2 {
		at = c.Args[2].Int()
	}
	seq, e := Source(c.Thread, c.Args[0], "source")
	if e != nil {
		return value.Nil, e
	}
	n, e := count(c.Thread, c.Args[0])
	if e != nil {
		return value.Nil, e
	}
	if at < 0 {
		return value.Nil, value.OutOfRange("arrayIndex", "Non-negative number required.")
	}
	if at+n > int64(to.Count()) {
		return value.Nil, value.Argument("", "Destination array was not long enough. Check the destination index, length, and the array's lower bounds.")
	}
	i := int(at)
	return value.Nil, Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		to.Set(i, v)
		i++
		return true, nil
	})
}

// mutable is a collection that members of ICollection<T> can change.
type mutable interface {
	value.Object
	add(t *value.Thread, v value.Value) *value.Exception
	remove(v value.Value) bool
	clear()
}

func collectionAdd(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	m, ok := o.(mutable)
	if !ok {
		return value.Nil, readOnly()
	}
	return value.Nil, m.add(c.Thread, c.Args[1])
}

func collectionRemove(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	m, ok := o.(mutable)
	if !ok {
		return value.Nil, readOnly()
	}
	return object.Of(c.Thread).Bool(m.remove(c.Args[1])), nil
}

func collectionClear(c *value.Call) (value.Value, *value.Exception) {
	o, _ := c.Args[0].Object()
	m, ok := o.(mutable)
	if !ok {
		return value.Nil, readOnly()
	}
	m.clear()
	return value.Nil, nil
}
