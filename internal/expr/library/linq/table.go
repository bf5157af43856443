package linq

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const namespace = "System.Linq"

// Tables returns the tables of this package.
func Tables() []types.Table {
	members := filters()
	members = append(members, sets()...)
	members = append(members, orders()...)
	members = append(members, joins()...)
	members = append(members, elements()...)
	members = append(members, results()...)
	members = append(members, sums()...)
	return []types.Table{
		{Namespace: namespace, Decl: "static class Enumerable", Members: members},
		{Namespace: namespace, Decl: "interface IOrderedEnumerable<out TElement> : IEnumerable<TElement>"},
		{Namespace: namespace, Decl: "interface IGrouping<out TKey, out TElement> : IEnumerable<TElement>", Members: []types.Entry{
			{Sig: "TKey Key { get; }", Impl: types.Func(groupKey)},
		}},
		{Namespace: namespace, Decl: "interface ILookup<TKey, TElement> : IEnumerable<IGrouping<TKey, TElement>>", Members: []types.Entry{
			{Sig: "int Count { get; }", Impl: types.ObjInt(lookupCount)},
			{Sig: "IEnumerable<TElement> this[TKey key] { get; }", Impl: types.Func(lookupGet)},
			{Sig: "bool Contains(TKey key)", Impl: types.Func(lookupContains)},
		}},
	}
}

const in = "this IEnumerable<TSource> source"

// filters keep, skip and map elements.
func filters() []types.Entry {
	return []types.Entry{
		{Sig: "static IEnumerable<TSource> Where<TSource>(" + in + ", Func<TSource, bool> predicate)", Impl: types.Func(where)},
		{Sig: "static IEnumerable<TSource> Where<TSource>(" + in + ", Func<TSource, int, bool> predicate)", Impl: types.Func(where)},
		{Sig: "static IEnumerable<TResult> Select<TSource, TResult>(" + in + ", Func<TSource, TResult> selector)", Impl: types.Func(project)},
		{Sig: "static IEnumerable<TResult> Select<TSource, TResult>(" + in + ", Func<TSource, int, TResult> selector)", Impl: types.Func(project)},
		{Sig: "static IEnumerable<TResult> SelectMany<TSource, TResult>(" + in + ", Func<TSource, IEnumerable<TResult>> selector)", Impl: types.Func(selectMany)},
		{Sig: "static IEnumerable<TResult> SelectMany<TSource, TResult>(" + in + ", Func<TSource, int, IEnumerable<TResult>> selector)", Impl: types.Func(selectMany)},
		{Sig: "static IEnumerable<TResult> SelectMany<TSource, TCollection, TResult>(" + in + ", Func<TSource, IEnumerable<TCollection>> collectionSelector, Func<TSource, TCollection, TResult> resultSelector)", Impl: types.Func(selectMany)},
		{Sig: "static IEnumerable<TResult> SelectMany<TSource, TCollection, TResult>(" + in + ", Func<TSource, int, IEnumerable<TCollection>> collectionSelector, Func<TSource, TCollection, TResult> resultSelector)", Impl: types.Func(selectMany)},
		{Sig: "static IEnumerable<TSource> Take<TSource>(" + in + ", int count)", Impl: types.Func(take)},
		{Sig: "static IEnumerable<TSource> Skip<TSource>(" + in + ", int count)", Impl: types.Func(skipFirst)},
		{Sig: "static IEnumerable<TSource> TakeWhile<TSource>(" + in + ", Func<TSource, bool> predicate)", Impl: types.Func(takeWhile)},
		{Sig: "static IEnumerable<TSource> TakeWhile<TSource>(" + in + ", Func<TSource, int, bool> predicate)", Impl: types.Func(takeWhile)},
		{Sig: "static IEnumerable<TSource> SkipWhile<TSource>(" + in + ", Func<TSource, bool> predicate)", Impl: types.Func(skipWhile)},
		{Sig: "static IEnumerable<TSource> SkipWhile<TSource>(" + in + ", Func<TSource, int, bool> predicate)", Impl: types.Func(skipWhile)},
		{Sig: "static IEnumerable<TSource> TakeLast<TSource>(" + in + ", int count)", Impl: ends(func(items []value.Value, n int) []value.Value { return items[len(items)-n:] })},
		{Sig: "static IEnumerable<TSource> SkipLast<TSource>(" + in + ", int count)", Impl: ends(func(items []value.Value, n int) []value.Value { return items[:len(items)-n] })},
		{Sig: "static IEnumerable<TResult> Cast<TResult>(this IEnumerable source)", Impl: types.Func(cast)},
		{Sig: "static IEnumerable<TResult> OfType<TResult>(this IEnumerable source)", Impl: types.Func(ofType)},
		{Sig: "static IEnumerable<TSource> AsEnumerable<TSource>(" + in + ")", Impl: types.Func(asEnumerable)},
		{Sig: "static IEnumerable<TSource> DefaultIfEmpty<TSource>(" + in + ")", Impl: types.Func(defaultIfEmpty)},
		{Sig: "static IEnumerable<TSource> DefaultIfEmpty<TSource>(" + in + ", TSource defaultValue)", Impl: types.Func(defaultIfEmpty)},
		{Sig: "static IEnumerable<TSource> Append<TSource>(" + in + ", TSource element)", Impl: types.Func(appendOne)},
		{Sig: "static IEnumerable<TSource> Prepend<TSource>(" + in + ", TSource element)", Impl: types.Func(prepend)},
		{Sig: "static IEnumerable<int> Range(int start, int count)", Impl: types.Func(rangeOf)},
		{Sig: "static IEnumerable<TResult> Repeat<TResult>(TResult element, int count)", Impl: types.Func(repeat)},
		{Sig: "static IEnumerable<TResult> Empty<TResult>()", Impl: types.Func(empty)},
	}
}

// sets combine sequences as sets.
func sets() []types.Entry {
	const pair = "this IEnumerable<TSource> first, IEnumerable<TSource> second"
	return []types.Entry{
		{Sig: "static IEnumerable<TSource> Concat<TSource>(" + pair + ")", Impl: types.Func(concat)},
		{Sig: "static IEnumerable<TSource> Union<TSource>(" + pair + ")", Impl: types.Func(union)},
		{Sig: "static IEnumerable<TSource> Union<TSource>(" + pair + ", IEqualityComparer<TSource> comparer)", Impl: types.Func(union)},
		{Sig: "static IEnumerable<TSource> Except<TSource>(" + pair + ")", Impl: types.Func(except)},
		{Sig: "static IEnumerable<TSource> Except<TSource>(" + pair + ", IEqualityComparer<TSource> comparer)", Impl: types.Func(except)},
		{Sig: "static IEnumerable<TSource> Intersect<TSource>(" + pair + ")", Impl: types.Func(intersect)},
		{Sig: "static IEnumerable<TSource> Intersect<TSource>(" + pair + ", IEqualityComparer<TSource> comparer)", Impl: types.Func(intersect)},
		{Sig: "static IEnumerable<TSource> Distinct<TSource>(" + in + ")", Impl: types.Func(distinct)},
		{Sig: "static IEnumerable<TSource> Distinct<TSource>(" + in + ", IEqualityComparer<TSource> comparer)", Impl: types.Func(distinct)},
		{Sig: "static bool SequenceEqual<TSource>(" + pair + ")", Impl: types.Func(sequenceEqual)},
		{Sig: "static bool SequenceEqual<TSource>(" + pair + ", IEqualityComparer<TSource> comparer)", Impl: types.Func(sequenceEqual)},
	}
}

// orders sort.
func orders() []types.Entry {
	const key = ", Func<TSource, TKey> keySelector"
	const then = "this IOrderedEnumerable<TSource> source"
	var list []types.Entry
	add := func(name, first string, impl types.Func) {
		list = append(list,
			types.Entry{Sig: "static IOrderedEnumerable<TSource> " + name + "<TSource, TKey>(" + first + key + ")", Impl: impl},
			types.Entry{Sig: "static IOrderedEnumerable<TSource> " + name + "<TSource, TKey>(" + first + key + ", IComparer<TKey> comparer)", Impl: impl},
		)
	}
	add("OrderBy", in, orderBy(false))
	add("OrderByDescending", in, orderBy(true))
	add("ThenBy", then, thenBy(false))
	add("ThenByDescending", then, thenBy(true))
	return append(list, types.Entry{Sig: "static IEnumerable<TSource> Reverse<TSource>(" + in + ")", Impl: types.Func(reverse)})
}

// joins group and join.
func joins() []types.Entry {
	const group = "<TSource, TKey>(" + in + ", Func<TSource, TKey> keySelector"
	const groupElem = "<TSource, TKey, TElement>(" + in + ", Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector"
	const groupResult = "<TSource, TKey, TResult>(" + in + ", Func<TSource, TKey> keySelector, Func<TKey, IEnumerable<TSource>, TResult> resultSelector"
	const groupBoth = "<TSource, TKey, TElement, TResult>(" + in + ", Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, Func<TKey, IEnumerable<TElement>, TResult> resultSelector"
	const keys = "this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector, "
	const cmp = ", IEqualityComparer<TKey> comparer)"
	var list []types.Entry
	add := func(sig string, impl types.Func) {
		list = append(list, types.Entry{Sig: "static " + sig + ")", Impl: impl}, types.Entry{Sig: "static " + sig + cmp, Impl: impl})
	}
	add("IEnumerable<IGrouping<TKey, TSource>> GroupBy"+group, groupBy)
	add("IEnumerable<IGrouping<TKey, TElement>> GroupBy"+groupElem, groupBy)
	add("IEnumerable<TResult> GroupBy"+groupResult, groupBy)
	add("IEnumerable<TResult> GroupBy"+groupBoth, groupBy)
	add("ILookup<TKey, TSource> ToLookup"+group, toLookup)
	add("ILookup<TKey, TElement> ToLookup"+groupElem, toLookup)
	add("Dictionary<TKey, TSource> ToDictionary"+group, toDictionary)
	add("Dictionary<TKey, TElement> ToDictionary"+groupElem, toDictionary)
	add("IEnumerable<TResult> Join<TOuter, TInner, TKey, TResult>("+keys+"Func<TOuter, TInner, TResult> resultSelector", join)
	add("IEnumerable<TResult> GroupJoin<TOuter, TInner, TKey, TResult>("+keys+"Func<TOuter, IEnumerable<TInner>, TResult> resultSelector", groupJoin)
	return append(list,
		types.Entry{Sig: "static IEnumerable<TResult> Zip<TFirst, TSecond, TResult>(this IEnumerable<TFirst> first, IEnumerable<TSecond> second, Func<TFirst, TSecond, TResult> resultSelector)", Impl: types.Func(zip)},
		types.Entry{Sig: "static IEnumerable<(TFirst First, TSecond Second)> Zip<TFirst, TSecond>(this IEnumerable<TFirst> first, IEnumerable<TSecond> second)", Impl: types.Func(zip)},
	)
}

// elements take one element.
func elements() []types.Entry {
	const match = ", Func<TSource, bool> predicate)"
	var list []types.Entry
	for _, one := range []struct {
		name string
		impl types.Func
	}{
		{"First", element(first, false)},
		{"FirstOrDefault", element(first, true)},
		{"Last", element(last, false)},
		{"LastOrDefault", element(last, true)},
		{"Single", element(single, false)},
		{"SingleOrDefault", element(single, true)},
	} {
		list = append(list,
			types.Entry{Sig: "static TSource " + one.name + "<TSource>(" + in + ")", Impl: one.impl},
			types.Entry{Sig: "static TSource " + one.name + "<TSource>(" + in + match, Impl: one.impl},
		)
	}
	return append(list,
		types.Entry{Sig: "static TSource ElementAt<TSource>(" + in + ", int index)", Impl: elementAt(false)},
		types.Entry{Sig: "static TSource ElementAtOrDefault<TSource>(" + in + ", int index)", Impl: elementAt(true)},
	)
}

// results test, count and collect.
func results() []types.Entry {
	const match = ", Func<TSource, bool> predicate)"
	return []types.Entry{
		{Sig: "static bool Any<TSource>(" + in + ")", Impl: types.Func(anyElement)},
		{Sig: "static bool Any<TSource>(" + in + match, Impl: types.Func(anyElement)},
		{Sig: "static bool All<TSource>(" + in + match, Impl: types.Func(all)},
		{Sig: "static int Count<TSource>(" + in + ")", Impl: types.Func(count)},
		{Sig: "static int Count<TSource>(" + in + match, Impl: types.Func(count)},
		{Sig: "static long LongCount<TSource>(" + in + ")", Impl: types.Func(count)},
		{Sig: "static long LongCount<TSource>(" + in + match, Impl: types.Func(count)},
		{Sig: "static bool Contains<TSource>(" + in + ", TSource value)", Impl: types.Bindable{Impl: types.Func(contains), Bind: bindContains}, Traits: types.Transient},
		{Sig: "static bool Contains<TSource>(" + in + ", TSource value, IEqualityComparer<TSource> comparer)", Impl: types.Func(contains)},
		{Sig: "static TSource Aggregate<TSource>(" + in + ", Func<TSource, TSource, TSource> func)", Impl: types.Func(aggregate)},
		{Sig: "static TAccumulate Aggregate<TSource, TAccumulate>(" + in + ", TAccumulate seed, Func<TAccumulate, TSource, TAccumulate> func)", Impl: types.Func(aggregate)},
		{Sig: "static TResult Aggregate<TSource, TAccumulate, TResult>(" + in + ", TAccumulate seed, Func<TAccumulate, TSource, TAccumulate> func, Func<TAccumulate, TResult> resultSelector)", Impl: types.Func(aggregate)},
		{Sig: "static List<TSource> ToList<TSource>(" + in + ")", Impl: types.Func(toList)},
		{Sig: "static TSource[] ToArray<TSource>(" + in + ")", Impl: types.Func(toArray)},
		{Sig: "static HashSet<TSource> ToHashSet<TSource>(" + in + ")", Impl: types.Func(toHashSet)},
		{Sig: "static HashSet<TSource> ToHashSet<TSource>(" + in + ", IEqualityComparer<TSource> comparer)", Impl: types.Func(toHashSet)},
	}
}
