package json

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// self returns the receiver.
func self(c *value.Call) *Token { return asToken(c.Args[0]) }

// getter makes a property that is a token or null.
func getter(f func(t *Token) *Token) types.Impl {
	return types.ObjVal(func(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
		return wrap(f(asToken(o))), nil
	})
}

func itemGet(c *value.Call) (value.Value, *value.Exception) {
	t, e := self(c).child(c.Args[1])
	return wrap(t), e
}

func itemSet(c *value.Call) (value.Value, *value.Exception) {
	v, e := From(c.Thread, c.Args[2])
	if e != nil {
		return value.Nil, e
	}
	return value.Nil, self(c).setChild(c.Thread, c.Args[1], v)
}

// propertyGet is this[string]: the fast way to a property.
func propertyGet(_ *value.Thread, o value.Value, name value.String) (value.Value, *value.Exception) {
	t := asToken(o)
	if name.IsNull() {
		return value.Nil, value.NullArgument("propertyName")
	}
	if p := t.find(name.Go()); p != nil {
		return value.OfObject(p.items[0]), nil
	}
	return value.Nil, nil
}

func typeOf(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(asToken(o).kind), nil
}

func hasValues(_ *value.Thread, o value.Value) (bool, *value.Exception) {
	return len(asToken(o).items) > 0, nil
}

func pathOf(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	return value.Str(asToken(o).path()), nil
}

func toText(c *value.Call) (value.Value, *value.Exception) {
	t := self(c)
	if len(c.Args) == 1 && !t.isContainer() && t.kind != Raw {
		s, e := t.NetString()
		return value.OfString(s), e
	}
	s, e := Text(c.Thread, t, len(c.Args) == 1 || c.Args[1].Int() != 0)
	return value.OfGo(s), e
}

// valueText is JValue.ToString with a format or a provider.
func valueText(c *value.Call) (value.Value, *value.Exception) {
	format := ""
	if s, ok := c.Args[1].Str(); ok {
		format = s.Go()
	}
	s, e := self(c).NetFormat(format)
	return value.OfString(s), e
}

func selectOne(c *value.Call) (value.Value, *value.Exception) {
	strict := len(c.Args) > 2 && c.Args[2].Bool()
	list, e := selectTokens(c.Thread, self(c), c.Args[1].StringOrNull().Go(), strict)
	switch {
	case e != nil || len(list) == 0:
		return value.Nil, e
	case len(list) > 1:
		return value.Nil, jsonError("Path returned multiple tokens.")
	}
	return wrap(list[0]), nil
}

func selectMany(c *value.Call) (value.Value, *value.Exception) {
	strict := len(c.Args) > 2 && c.Args[2].Bool()
	list, e := selectTokens(c.Thread, self(c), c.Args[1].StringOrNull().Go(), strict)
	return tokens(c, list), e
}

// tokens returns tokens as a sequence of the call's result type.
func tokens(c *value.Call, list []*Token) value.Value {
	items := make([]value.Value, len(list))
	for i, t := range list {
		items[i] = value.OfObject(t)
	}
	return value.OfObject(collections.NewList(c.Result, items))
}

// valueOf is Value<T>(key).
func valueOf(c *value.Call) (value.Value, *value.Exception) {
	t, e := self(c).child(c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	return extract(c.Thread, t, typeArg(c))
}

// typeArg is the last type argument of a generic method.
func typeArg(c *value.Call) *types.Type {
	t, _ := c.TypeArgs[len(c.TypeArgs)-1].(*types.Type)
	return t
}

// convertOne is Extensions.Value<U>(token): the first argument is a sequence that must be a token.
func convertOne(c *value.Call) (value.Value, *value.Exception) {
	t := self(c)
	if t == nil {
		return value.Nil, value.Argument("", "Source value must be a JToken.")
	}
	return extract(c.Thread, t, typeArg(c))
}

// valuesOfType is Values<T>(): the children's values.
func valuesOfType(c *value.Call) (value.Value, *value.Exception) {
	to := typeArg(c)
	var items []value.Value
	for _, child := range self(c).items {
		v, e := extract(c.Thread, child, to)
		if e != nil {
			return value.Nil, e
		}
		items = append(items, v)
	}
	return value.OfObject(collections.NewList(c.Result, items)), nil
}

func children(c *value.Call) (value.Value, *value.Exception) { return tokens(c, self(c).items), nil }

func childrenOfType(c *value.Call) (value.Value, *value.Exception) {
	env, to := object.Of(c.Thread), typeArg(c)
	var list []*Token
	for _, t := range self(c).items {
		if env.Is(value.OfObject(t), to) {
			list = append(list, t)
		}
	}
	return tokens(c, list), nil
}

// descendants is Descendants and DescendantsAndSelf.
func descendants(withSelf bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		var list []*Token
		var visit func(t *Token) *value.Exception
		visit = func(t *Token) *value.Exception {
			for _, child := range t.items {
				if e := c.Thread.Budget.Step(); e != nil {
					return e
				}
				list = append(list, child)
				if e := visit(child); e != nil {
					return e
				}
			}
			return nil
		}
		if withSelf {
			list = append(list, self(c))
		}
		e := visit(self(c))
		return tokens(c, list), e
	}
}

func ancestors(c *value.Call) (value.Value, *value.Exception) {
	var list []*Token
	for p := self(c).parent; p != nil; p = p.parent {
		list = append(list, p)
	}
	return tokens(c, list), nil
}

// siblings is AfterSelf and BeforeSelf.
func siblings(after bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		t := self(c)
		at := t.place()
		switch {
		case at < 0:
			return tokens(c, nil), nil
		case after:
			return tokens(c, t.parent.items[at+1:]), nil
		}
		return tokens(c, t.parent.items[:at]), nil
	}
}

// sibling is the next token, or the one before.
func sibling(by int) func(t *Token) *Token {
	return func(t *Token) *Token {
		at := t.place() + by
		if t.parent == nil || at < 0 || at >= len(t.parent.items) {
			return nil
		}
		return t.parent.items[at]
	}
}

func edge(last bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		t := self(c)
		switch {
		case !t.isContainer():
			return value.Nil, value.InvalidOperation("Cannot access child value on " + t.className() + ".")
		case len(t.items) == 0:
			return value.Nil, nil
		case last:
			return wrap(t.items[len(t.items)-1]), nil
		}
		return wrap(t.items[0]), nil
	}
}

func remove(c *value.Call) (value.Value, *value.Exception) {
	return value.Nil, self(c).detach(c.Thread)
}

func replace(c *value.Call) (value.Value, *value.Exception) {
	v, e := From(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	return value.Nil, self(c).replace(c.Thread, v)
}

// addBeside is AddAfterSelf and AddBeforeSelf.
func addBeside(offset int) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		t := self(c)
		if t.parent == nil {
			return value.Nil, value.InvalidOperation("The parent is missing.")
		}
		list, e := content(c.Thread, c.Args[1])
		if e != nil {
			return value.Nil, e
		}
		at := t.place() + offset
		for i, item := range list {
			if e := t.parent.insert(c.Thread, at+i, item); e != nil {
				return value.Nil, e
			}
		}
		return value.Nil, nil
	}
}

func deepClone(c *value.Call) (value.Value, *value.Exception) {
	t, e := self(c).clone(c.Thread)
	return wrap(t), e
}

func deepEquals(c *value.Call) (value.Value, *value.Exception) {
	return object.Of(c.Thread).Bool(deepEqual(asToken(c.Args[0]), asToken(c.Args[1]))), nil
}

func toObject(c *value.Call) (value.Value, *value.Exception) {
	return To(c.Thread, self(c), typeArg(c))
}

// parse makes Parse for one class: other tokens are JsonReaderException.
func parse(kind Kind) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if c.Args[0].IsNull() {
			return value.Nil, value.NullArgument("s")
		}
		t, e := Parse(c.Thread, c.Args[0].StringOrNull().Go(), true)
		if e != nil {
			return value.Nil, e
		}
		if kind != None && t.kind != kind {
			name := of(c.Thread).classes[kind].Def.Name
			return value.Nil, value.Throw(readerError, "Error reading "+name+" from JsonReader. Current JsonReader item is not an "+kindWord(kind)+": "+t.kind.String()+". Path '', line 1, position 1.")
		}
		return wrap(t), nil
	}
}

func kindWord(k Kind) string {
	if k == Object {
		return "object"
	}
	return "array"
}

// fromObject makes FromObject for one class.
func fromObject(kind Kind) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if c.Args[0].IsNull() {
			return value.Nil, value.NullArgument("o")
		}
		t, e := From(c.Thread, c.Args[0])
		if e != nil {
			return value.Nil, e
		}
		if kind != None && t.kind != kind {
			return value.Nil, value.Argument("", "Object serialized to "+t.kind.String()+". "+of(c.Thread).classes[kind].Def.Name+" instance expected.")
		}
		if t.parent != nil || asToken(c.Args[0]) == t {
			t, e = t.clone(c.Thread)
		}
		return wrap(t), e
	}
}
