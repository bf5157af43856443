package json

import (
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// gathering is a sequence of tokens or values that a call puts together. Each costs a step and its memory.
type gathering struct {
	thread *value.Thread
	items  []value.Value
}

func (g *gathering) add(v value.Value) *value.Exception {
	e := g.thread.Budget.Step()
	if e == nil {
		g.items, e = value.Append(g.thread, g.items, v)
	}
	return e
}

// children adds the children of a token.
func (g *gathering) children(t *Token) *value.Exception { return g.all(t.items) }

func (g *gathering) all(list []*Token) *value.Exception {
	for _, t := range list {
		if e := g.add(value.OfObject(t)); e != nil {
			return e
		}
	}
	return nil
}

// ancestors adds the tokens around a token.
func (g *gathering) ancestors(t *Token) *value.Exception {
	for p := t.parent; p != nil; p = p.parent {
		if e := g.add(value.OfObject(p)); e != nil {
			return e
		}
	}
	return nil
}

// descendants adds all tokens inside a token.
func (g *gathering) descendants(t *Token) *value.Exception {
	for _, child := range t.items {
		if e := g.add(value.OfObject(child)); e != nil {
			return e
		}
		if e := g.descendants(child); e != nil {
			return e
		}
	}
	return nil
}

// list returns what has been put together as a sequence of the call's result type.
func (g *gathering) list(c *value.Call, e *value.Exception) (value.Value, *value.Exception) {
	if e != nil {
		return value.Nil, e
	}
	return value.OfObject(collections.NewList(c.Result, g.items)), nil
}

// live is the sequence of a token's children, of one class where one is given. As it is read only when it is
// enumerated, a change in between is an exception.
type live struct {
	class value.Type
	of    *Token
	only  *types.Type
}

// ObjectType returns the type of the sequence.
func (l *live) ObjectType() value.Type { return l.class }

// Iterate enumerates the children.
func (l *live) Iterate(th *value.Thread) value.Iterator {
	next := l.of.Iterate(th)
	if l.only == nil {
		return next
	}
	env := object.Of(th)
	return func() (value.Value, bool, *value.Exception) {
		for {
			v, ok, e := next()
			if !ok || e != nil || env.Is(v, l.only) {
				return v, ok, e
			}
			if e := th.Budget.Step(); e != nil {
				return value.Nil, false, e
			}
		}
	}
}

// tokens returns tokens as a sequence of the call's result type.
func tokens(c *value.Call, list []*Token) (value.Value, *value.Exception) {
	items, e := value.Make[value.Value](c.Thread, len(list))
	for i := range items {
		items[i] = value.OfObject(list[i])
	}
	return value.OfObject(collections.NewList(c.Result, items)), e
}
