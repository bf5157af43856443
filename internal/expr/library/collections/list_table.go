package collections

import "github.com/sallyport/sallyport/internal/expr/types"

// ListTable is System.Collections.Generic.List<T>.
func ListTable() types.Table {
	return types.Table{
		Namespace: generic,
		Decl:      "class List<T> : IList<T>, IReadOnlyList<T>",
		Members: []types.Entry{
			{Sig: "List()", Impl: types.Func(newList)},
			{Sig: "List(int capacity)", Impl: types.Func(newList)},
			{Sig: "List(IEnumerable<T> collection)", Impl: types.Func(newList)},
			{Sig: "int Count { get; }", Impl: types.ObjInt(count)},
			{Sig: "int Capacity { get; set; }", Impl: types.ObjInt(listCapacity), Set: types.Func(ignore)},
			{Sig: "T this[int index] { get; set; }", Impl: types.Func(vectorGet), Set: types.Func(vectorSet)},
			{Sig: "void Add(T item)", Impl: types.Func(collectionAdd)},
			{Sig: "void AddRange(IEnumerable<T> collection)", Impl: types.Func(listAddRange)},
			{Sig: "int BinarySearch(T item)", Impl: types.Func(listBinarySearch)},
			{Sig: "void Clear()", Impl: types.Func(collectionClear)},
			{Sig: "bool Contains(T item)", Impl: types.Func(contains)},
			{Sig: "List<TOutput> ConvertAll<TOutput>(Converter<T, TOutput> converter)", Impl: types.Func(listConvertAll)},
			{Sig: "void CopyTo(T[] array)", Impl: types.Func(copyTo)},
			{Sig: "void CopyTo(T[] array, int arrayIndex)", Impl: types.Func(copyTo)},
			{Sig: "bool Exists(Predicate<T> match)", Impl: types.Func(listExists)},
			{Sig: "T Find(Predicate<T> match)", Impl: types.Func(listFind)},
			{Sig: "List<T> FindAll(Predicate<T> match)", Impl: types.Func(listFindAll)},
			{Sig: "int FindIndex(Predicate<T> match)", Impl: types.Func(listFindIndex)},
			{Sig: "T FindLast(Predicate<T> match)", Impl: types.Func(listFindLast)},
			{Sig: "int FindLastIndex(Predicate<T> match)", Impl: types.Func(listFindLastIndex)},
			{Sig: "void ForEach(Action<T> action)", Impl: types.Func(listForEach)},
			{Sig: "List<T> GetRange(int index, int count)", Impl: types.Func(listGetRange)},
			{Sig: "int IndexOf(T item)", Impl: types.Func(indexOf)},
			{Sig: "void Insert(int index, T item)", Impl: types.Func(listInsert)},
			{Sig: "void InsertRange(int index, IEnumerable<T> collection)", Impl: types.Func(listInsertRange)},
			{Sig: "int LastIndexOf(T item)", Impl: types.Func(listLastIndexOf)},
			{Sig: "bool Remove(T item)", Impl: types.Func(collectionRemove)},
			{Sig: "int RemoveAll(Predicate<T> match)", Impl: types.Func(listRemoveAll)},
			{Sig: "void RemoveAt(int index)", Impl: types.Func(listRemoveAt)},
			{Sig: "void RemoveRange(int index, int count)", Impl: types.Func(listRemoveRange)},
			{Sig: "void Reverse()", Impl: types.Func(listReverse)},
			{Sig: "void Reverse(int index, int count)", Impl: types.Func(listReverse)},
			{Sig: "void Sort(int index, int count, IComparer<T> comparer)", Impl: types.Func(listSort)},
			{Sig: "void Sort()", Impl: types.Func(listSort)},
			{Sig: "void Sort(Comparison<T> comparison)", Impl: types.Func(listSort)},
			{Sig: "void Sort(IComparer<T> comparer)", Impl: types.Func(listSort)},
			{Sig: "T[] ToArray()", Impl: types.Func(listToArray)},
			{Sig: "void TrimExcess()", Impl: types.Func(ignore)},
			{Sig: "bool TrueForAll(Predicate<T> match)", Impl: types.Func(listTrueForAll)},
		},
	}
}
