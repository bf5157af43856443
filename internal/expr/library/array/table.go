// Package array declares System.Array and implements its members.
package array

import (
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// Tables returns the tables of the package.
func Tables() []types.Table {
	members := append(instanceMembers(), findMembers()...)
	return []types.Table{{Namespace: "System", Decl: "abstract class Array : System.Collections.IEnumerable", Special: types.ArrayBase, Members: append(members, staticMembers()...)}}
}

func instanceMembers() []types.Entry {
	return []types.Entry{
		{Sig: "int Length { get; }", Impl: types.ObjInt(func(_ *value.Thread, o value.Value) (int64, *value.Exception) {
			x, _ := o.Object()
			a, _ := x.(value.Counted)
			return int64(a.Count()), nil
		})},
		{Sig: "long LongLength { get; }", Impl: types.Func(length)},
		{Sig: "int Rank { get; }", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			if a, ok := c.Object(0).(*value.Array); ok {
				return c.ReturnInt(int64(max(len(a.Dims), 1)))
			}
			return c.ReturnInt(1)
		})},
		{Sig: "int GetLength(int dimension)", Impl: types.Func(length)},
		{Sig: "int GetUpperBound(int dimension)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			n, e := length(c)
			return value.Boxed(c.Result, uint64(n.Int()-1)), e
		})},
		{Sig: "object Clone()", Impl: types.Func(clone)},
		{Sig: "void CopyTo(Array array, int index)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			n, _ := c.Object(0).(value.Counted)
			zero, length := value.Boxed(c.Result, 0), value.Boxed(c.Result, uint64(n.Count()))
			return copyItems(&value.Call{Thread: c.Thread, Args: []value.Value{c.Args[0], zero, c.Args[1], c.Args[2], length}})
		})},
		{Sig: "int GetLowerBound(int dimension)", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) { return c.ReturnInt(0) })},
		{Sig: "object GetValue(int index)", Impl: types.Func(item)},
		{Sig: "void SetValue(object value, int index)", Impl: types.Func(item)},
	}
}

func staticMembers() []types.Entry {
	return []types.Entry{
		{Sig: "static int IndexOf<T>(T[] array, T value)", Impl: types.Func(index)},
		{Sig: "static int IndexOf<T>(T[] array, T value, int startIndex)", Impl: types.Func(index)},
		{Sig: "static int IndexOf<T>(T[] array, T value, int startIndex, int count)", Impl: types.Func(index)},
		{Sig: "static int LastIndexOf<T>(T[] array, T value)", Impl: types.Func(lastIndex)},
		{Sig: "static int LastIndexOf<T>(T[] array, T value, int startIndex)", Impl: types.Func(lastIndex)},
		{Sig: "static int LastIndexOf<T>(T[] array, T value, int startIndex, int count)", Impl: types.Func(lastIndex)},
		{Sig: "static bool TrueForAll<T>(T[] array, Predicate<T> match)", Impl: types.Func(all)},
		{Sig: "static T[] FindAll<T>(T[] array, Predicate<T> match)", Impl: types.Func(mapItems)},
		{Sig: "static TOutput[] ConvertAll<TInput, TOutput>(TInput[] array, Converter<TInput, TOutput> converter)", Impl: types.Func(mapItems)},
		{Sig: "static void ForEach<T>(T[] array, Action<T> action)", Impl: types.Func(mapItems)},
		{Sig: "static void Reverse(Array array)", Impl: types.Func(reverse)},
		{Sig: "static void Reverse(Array array, int index, int length)", Impl: types.Func(reverse)},
		{Sig: "static void Sort<T>(T[] array)", Impl: types.Func(sortItems)},
		{Sig: "static void Sort<T>(T[] array, Comparison<T> comparison)", Impl: types.Func(sortItems)},
		{Sig: "static void Sort<T>(T[] array, System.Collections.Generic.IComparer<T> comparer)", Impl: types.Func(sortItems)},
		{Sig: "static void Sort<T>(T[] array, int index, int length)", Impl: types.Func(sortItems)},
		{Sig: "static void Sort<T>(T[] array, int index, int length, System.Collections.Generic.IComparer<T> comparer)", Impl: types.Func(sortItems)},
		{Sig: "static void Sort<TKey, TValue>(TKey[] keys, TValue[] items)", Impl: types.Func(sortPairs)},
		{Sig: "static void Sort<TKey, TValue>(TKey[] keys, TValue[] items, System.Collections.Generic.IComparer<TKey> comparer)", Impl: types.Func(sortPairs)},
		{Sig: "static void Sort<TKey, TValue>(TKey[] keys, TValue[] items, int index, int length)", Impl: types.Func(sortPairs)},
		{Sig: "static void Sort<TKey, TValue>(TKey[] keys, TValue[] items, int index, int length, System.Collections.Generic.IComparer<TKey> comparer)", Impl: types.Func(sortPairs)},
		{Sig: "static void Copy(Array sourceArray, Array destinationArray, int length)", Impl: types.Func(copyItems)},
		{Sig: "static void Copy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length)", Impl: types.Func(copyItems)},
		{Sig: "static void Clear(Array array, int index, int length)", Impl: types.Func(fill)},
		{Sig: "static void Clear(Array array)", Impl: types.Func(fill)},
		{Sig: "static void Fill<T>(T[] array, T value)", Impl: types.Func(fill)},
		{Sig: "static void Resize<T>(ref T[] array, int newSize)", Impl: types.Func(resize)},
		{Sig: "static int BinarySearch<T>(T[] array, T value)", Impl: types.Func(search)},
		{Sig: "static int BinarySearch<T>(T[] array, T value, System.Collections.Generic.IComparer<T> comparer)", Impl: types.Func(search)},
		{Sig: "static int BinarySearch<T>(T[] array, int index, int length, T value)", Impl: types.Func(search)},
		{Sig: "static int BinarySearch<T>(T[] array, int index, int length, T value, System.Collections.Generic.IComparer<T> comparer)", Impl: types.Func(search)},
		{Sig: "static int LastIndexOf(Array array, object value)", Impl: types.Func(lastIndex)},
		{Sig: "static int IndexOf(Array array, object value)", Impl: types.Func(index)},
		{Sig: "static void Sort(Array array)", Impl: types.Func(sortItems)},
		{Sig: "static T[] Empty<T>()", Impl: types.Func(func(c *value.Call) (value.Value, *value.Exception) {
			class, _ := c.Result.(*types.Type)
			return value.OfObject(object.NewArray(class, 0)), nil
		})},
	}
}

// findMembers are the members that search by a predicate.
func findMembers() []types.Entry {
	of := func(c *value.Call, a value.Settable, i int) value.Value {
		if i < 0 {
			t, _ := c.Result.(*types.Type)
			return object.Zero(t)
		}
		return a.At(i)
	}
	element := func(c *value.Call, a value.Settable, i int) (value.Value, *value.Exception) { return of(c, a, i), nil }
	place := func(c *value.Call, _ value.Settable, i int) (value.Value, *value.Exception) {
		return c.ReturnInt(int64(i))
	}
	exists := func(c *value.Call, _ value.Settable, i int) (value.Value, *value.Exception) {
		return c.ReturnBool(i >= 0)
	}
	return []types.Entry{
		{Sig: "static T Find<T>(T[] array, Predicate<T> match)", Impl: find(element, false)},
		{Sig: "static T FindLast<T>(T[] array, Predicate<T> match)", Impl: find(element, true)},
		{Sig: "static int FindIndex<T>(T[] array, Predicate<T> match)", Impl: find(place, false)},
		{Sig: "static int FindLastIndex<T>(T[] array, Predicate<T> match)", Impl: find(place, true)},
		{Sig: "static bool Exists<T>(T[] array, Predicate<T> match)", Impl: find(exists, false)},
	}
}
