package collections

import "github.com/sallyport/sallyport/internal/expr/types"

// DictionaryTables are Dictionary<TKey, TValue>, KeyValuePair<TKey, TValue> and CollectionExtensions.
func DictionaryTables() []types.Table {
	return []types.Table{
		{Namespace: generic, Decl: "struct KeyValuePair<TKey, TValue>", Members: []types.Entry{
			{Sig: "KeyValuePair(TKey key, TValue value)", Impl: types.Func(newPair)},
			{Sig: "TKey Key { get; }", Impl: types.Func(pairKey)},
			{Sig: "TValue Value { get; }", Impl: types.Func(pairValue)},
			{Sig: "void Deconstruct(out TKey key, out TValue value)", Impl: types.Func(pairDeconstruct)},
		}},
		{
			Namespace: generic,
			Decl:      "class Dictionary<TKey, TValue> : IDictionary<TKey, TValue>, IReadOnlyDictionary<TKey, TValue>",
			Members: []types.Entry{
				{Sig: "Dictionary()", Impl: types.Func(newDictionary)},
				{Sig: "Dictionary(int capacity)", Impl: types.Func(newDictionary)},
				{Sig: "Dictionary(IEqualityComparer<TKey> comparer)", Impl: types.Func(newDictionary)},
				{Sig: "Dictionary(int capacity, IEqualityComparer<TKey> comparer)", Impl: types.Func(newDictionary)},
				{Sig: "Dictionary(IDictionary<TKey, TValue> dictionary)", Impl: types.Func(newDictionaryOf)},
				{Sig: "Dictionary(IDictionary<TKey, TValue> dictionary, IEqualityComparer<TKey> comparer)", Impl: types.Func(newDictionaryOf)},
				{Sig: "int Count { get; }", Impl: types.ObjInt(count)},
				{Sig: "TValue this[TKey key] { get; set; }", Impl: types.Func(mapGet), Set: types.Func(dictionarySet)},
				{Sig: "KeyCollection<TKey, TValue> Keys { get; }", Impl: types.Func(mapKeys)},
				{Sig: "ValueCollection<TKey, TValue> Values { get; }", Impl: types.Func(mapValues)},
				{Sig: "void Add(TKey key, TValue value)", Impl: types.Func(dictionaryAdd)},
				{Sig: "bool TryAdd(TKey key, TValue value)", Impl: types.Func(dictionaryTryAdd)},
				{Sig: "void Clear()", Impl: types.Func(collectionClear)},
				{Sig: "bool ContainsKey(TKey key)", Impl: types.Func(mapContainsKey)},
				{Sig: "bool ContainsValue(TValue value)", Impl: types.Func(dictionaryContainsValue)},
				{Sig: "bool Remove(TKey key)", Impl: types.Func(dictionaryRemove)},
				{Sig: "bool Remove(TKey key, out TValue value)", Impl: types.Func(dictionaryRemove)},
				{Sig: "bool TryGetValue(TKey key, out TValue value)", Impl: types.Func(mapTryGet)},
			},
		},
		{Namespace: generic, Decl: "sealed class KeyCollection<TKey, TValue> : ICollection<TKey>, IReadOnlyCollection<TKey>", Hidden: true, Members: []types.Entry{
			{Sig: "int Count { get; }", Impl: types.ObjInt(count)},
		}},
		{Namespace: generic, Decl: "sealed class ValueCollection<TKey, TValue> : ICollection<TValue>, IReadOnlyCollection<TValue>", Hidden: true, Members: []types.Entry{
			{Sig: "int Count { get; }", Impl: types.ObjInt(count)},
		}},
		{Namespace: generic, Decl: "static class CollectionExtensions", Hidden: true, Members: []types.Entry{
			{Sig: "static TValue GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key)", Impl: types.Func(mapGetOr), Traits: types.Unlisted},
			{Sig: "static TValue GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key, TValue defaultValue)", Impl: types.Func(mapGetOr), Traits: types.Unlisted},
		}},
	}
}
