package json

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// eachToken calls f with each token of the sequence in the first argument.
func eachToken(c *value.Call, f func(t *Token) *value.Exception) *value.Exception {
	seq, e := collections.Source(c.Thread, c.Args[0], "source")
	if e != nil {
		return e
	}
	return collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		t := asToken(v)
		if t == nil {
			return true, nil
		}
		return true, f(t)
	})
}

// valuesOfAll is Extensions.Values: of each token, the child with a key, or all children; a JValue is its own.
func valuesOfAll(c *value.Call) (value.Value, *value.Exception) {
	to, _ := c.Result.(*types.Type)
	to = to.Args[0]
	found := gathering{thread: c.Thread}
	add := func(t *Token) *value.Exception {
		if t == nil {
			return nil
		}
		v, e := extract(c.Thread, t, to)
		if e != nil {
			return e
		}
		return found.add(v)
	}
	e := eachToken(c, func(t *Token) *value.Exception {
		if len(c.Args) > 1 && !c.Args[1].IsNull() {
			child, e := t.child(c.Args[1])
			if e != nil {
				return e
			}
			return add(child)
		}
		if !t.isContainer() {
			return add(t)
		}
		for _, child := range t.items {
			if e := add(child); e != nil {
				return e
			}
		}
		return nil
	})
	return found.list(c, e)
}

// gather makes an extension that puts together what f finds for each token.
func gather(f func(g *gathering, t *Token) *value.Exception) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		found := gathering{thread: c.Thread}
		return found.list(c, eachToken(c, func(t *Token) *value.Exception { return f(&found, t) }))
	}
}

// sequenceGet is IJEnumerable<T>[key].
func sequenceGet(c *value.Call) (value.Value, *value.Exception) {
	found := gathering{thread: c.Thread}
	return found.list(c, eachToken(c, func(t *Token) *value.Exception {
		child, e := t.child(c.Args[1])
		if child == nil || e != nil {
			return e
		}
		return found.add(value.OfObject(child))
	}))
}

func asJEnumerable(c *value.Call) (value.Value, *value.Exception) { return c.Args[0], nil }

// extensionTables are Newtonsoft.Json.Linq.Extensions and the sequences of tokens.
func extensionTables() []types.Table {
	const in = "this IEnumerable<T> source"
	return []types.Table{
		{Namespace: linq, Decl: "interface IJEnumerable<out T> : IEnumerable<T>", Members: []types.Entry{
			{Sig: "IJEnumerable<JToken> this[object key] { get; }", Impl: types.Func(sequenceGet)},
		}},
		{Namespace: linq, Decl: "class JEnumerable<T> : IJEnumerable<T>", Members: []types.Entry{
			{Sig: "IJEnumerable<JToken> this[object key] { get; }", Impl: types.Func(sequenceGet)},
		}},
		{Namespace: linq, Decl: "static class Extensions", Members: []types.Entry{
			{Sig: "static U Value<U>(this IEnumerable<JToken> value)", Impl: types.Func(convertOne)},
			{Sig: "static U Value<T, U>(this IEnumerable<T> value)", Impl: types.Func(convertOne)},
			{Sig: "static IJEnumerable<JToken> Values(this IEnumerable<JToken> source)", Impl: types.Func(valuesOfAll)},
			{Sig: "static IJEnumerable<JToken> Values(this IEnumerable<JToken> source, object key)", Impl: types.Func(valuesOfAll)},
			{Sig: "static IEnumerable<U> Values<U>(this IEnumerable<JToken> source)", Impl: types.Func(valuesOfAll)},
			{Sig: "static IEnumerable<U> Values<U>(this IEnumerable<JToken> source, object key)", Impl: types.Func(valuesOfAll)},
			{Sig: "static IJEnumerable<JToken> Children<T>(" + in + ")", Impl: gather((*gathering).children)},
			{Sig: "static IJEnumerable<JToken> Ancestors<T>(" + in + ")", Impl: gather((*gathering).ancestors)},
			{Sig: "static IJEnumerable<JToken> Descendants<T>(" + in + ")", Impl: gather((*gathering).descendants)},
			{Sig: "static IJEnumerable<JProperty> Properties(this IEnumerable<JObject> source)", Impl: gather((*gathering).children)},
			{Sig: "static IJEnumerable<JToken> AsJEnumerable(this IEnumerable<JToken> source)", Impl: types.Func(asJEnumerable)},
			{Sig: "static IJEnumerable<T> AsJEnumerable<T>(" + in + ")", Impl: types.Func(asJEnumerable)},
		}},
	}
}
