package json

import (
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
		s, e := t.NetText(c.Thread)
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
	return only(list, e)
}

func selectMany(c *value.Call) (value.Value, *value.Exception) {
	strict := len(c.Args) > 2 && c.Args[2].Bool()
	list, e := selectTokens(c.Thread, self(c), c.Args[1].StringOrNull().Go(), strict)
	if e != nil {
		return value.Nil, e
	}
	return tokens(c, list)
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
	found := gathering{thread: c.Thread}
	for _, child := range self(c).items {
		v, e := extract(c.Thread, child, to)
		if e == nil {
			e = found.add(v)
		}
		if e != nil {
			return value.Nil, e
		}
	}
	return found.list(c, nil)
}

func children(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&live{class: c.Result, of: self(c)}), nil
}

func childrenOfType(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&live{class: c.Result, of: self(c), only: typeArg(c)}), nil
}

// descendants is Descendants and DescendantsAndSelf.
func descendants(withSelf bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		found := gathering{thread: c.Thread}
		if withSelf {
			if e := found.add(c.Args[0]); e != nil {
				return value.Nil, e
			}
		}
		return found.list(c, found.descendants(self(c)))
	}
}

// ancestors is Ancestors and AncestorsAndSelf.
func ancestors(withSelf bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		found := gathering{thread: c.Thread}
		if withSelf {
			if e := found.add(c.Args[0]); e != nil {
				return value.Nil, e
			}
		}
		return found.list(c, found.ancestors(self(c)))
	}
}

// siblings is AfterSelf and BeforeSelf.
func siblings(after bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		t := self(c)
		at := t.place()
		switch {
		case at < 0:
			return tokens(c, nil)
		case after:
			return tokens(c, t.parent.items[at+1:])
		}
		return tokens(c, t.parent.items[:at])
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
	same, e := deepEqual(c.Thread, asToken(c.Args[0]), asToken(c.Args[1]))
	return object.Of(c.Thread).Bool(same), e
}

// toObject is ToObject<T>() and ToObject(Type): a JValue converts to simple types as casts do.
func toObject(c *value.Call) (value.Value, *value.Exception) {
	t := self(c)
	var to *types.Type
	if len(c.Args) == 1 {
		to = typeArg(c)
	} else if r, ok := c.Object(1).(*value.TypeRef); ok {
		to, _ = r.Of.(*types.Type)
	}
	if to == nil {
		return value.Nil, value.NullArgument("objectType")
	}
	plain := to.Underlying()
	switch {
	case plain.Kind == types.Enum && t.kind == String:
		v, e := toEnum(t, plain)
		if e != nil {
			e = value.Argument("", "Could not convert '"+t.val.StringOrNull().Go()+"' to "+plain.Def.Name+".")
		}
		return v, e
	case casts(plain):
		return convert(c.Thread, t, to)
	}
	return To(c.Thread, t, to)
}

// casts reports whether ToObject converts to a type as a cast does.
func casts(to *types.Type) bool {
	if to.Kind == types.Array || to.Kind == types.Enum || to.Special() == types.Object || to.Def == nil {
		return false
	}
	switch to.Def.Name {
	case "Guid", "Uri", "DateTimeOffset":
		return true
	}
	return to.Special() != types.NotSpecial
}

// parse makes Parse for one class: other tokens are JsonReaderException.
func parse(kind Kind) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if c.Args[0].IsNull() {
			return value.Nil, value.NullArgument("s")
		}
		text := c.Args[0].StringOrNull().Go()
		if kind == None {
			if t, e := leadingComment(c.Thread, text); t != nil || e != nil {
				return wrap(t), e
			}
		}
		t, e := Parse(c.Thread, text, true)
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
