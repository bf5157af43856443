package xml

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// asNode returns a receiver as a node.
func asNode(v value.Value) *node {
	o, _ := v.Object()
	if n, ok := o.(*node); ok {
		return n
	}
	return &node{f: &family{}}
}

func asAttribute(v value.Value) *attribute {
	o, _ := v.Object()
	if a, ok := o.(*attribute); ok {
		return a
	}
	return &attribute{f: &family{}}
}

// asName is the i-th argument as a name, false for null.
func asName(c *value.Call, i int) (qname, bool) {
	if i >= len(c.Args) {
		return qname{}, false
	}
	n, ok := c.Object(i).(*name)
	if !ok {
		return qname{}, false
	}
	return n.qname, true
}

// wrap is a node as a value; nil is null.
func wrap(n *node) value.Value {
	if n == nil {
		return value.Nil
	}
	return value.OfObject(n)
}

func wrapAttribute(a *attribute) value.Value {
	if a == nil {
		return value.Nil
	}
	return value.OfObject(a)
}

// sequence returns nodes as the sequence that a call yields: those there are now.
func sequence(c *value.Call, list []*node) (value.Value, *value.Exception) {
	const each = 24
	if e := c.Thread.Budget.Steps(int64(len(list)) + 1); e != nil {
		return value.Nil, e
	}
	if e := c.Thread.Budget.AllocElements(int64(len(list)), each); e != nil {
		return value.Nil, e
	}
	items := make([]value.Value, len(list))
	for i, n := range list {
		items[i] = value.OfObject(n)
	}
	return value.OfObject(&value.Array{Class: c.Result, Items: items}), nil
}

// elements filters nodes by their name where a name is given.
func elements(c *value.Call, list []*node) (value.Value, *value.Exception) {
	want, named := asName(c, 1)
	if len(c.Args) > 1 && !named {
		return sequence(c, nil)
	}
	var kept []value.Value
	for _, n := range list {
		if e := c.Thread.Budget.Step(); e != nil {
			return value.Nil, e
		}
		if n.kind == elementNode && (!named || n.name == want) {
			var e *value.Exception
			if kept, e = value.Append(c.Thread, kept, value.OfObject(n)); e != nil {
				return value.Nil, e
			}
		}
	}
	return value.OfObject(&value.Array{Class: c.Result, Items: kept}), nil
}

// descendants are all nodes inside of n, and n itself where self.
func descendants(t *value.Thread, n *node, self bool) ([]*node, *value.Exception) {
	var list []*node
	if self {
		list = append(list, n)
	}
	e := n.walk(t, func(d *node) *value.Exception {
		var e *value.Exception
		list, e = value.Append(t, list, d)
		return e
	})
	return list, e
}

func childElement(c *value.Call) (value.Value, *value.Exception) {
	want, _ := asName(c, 1)
	for _, k := range asNode(c.Args[0]).kids {
		if k.kind == elementNode && k.name == want {
			return wrap(k), nil
		}
	}
	return value.Nil, nil
}

func childElements(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	return liveElements(c, func() *cursor { return within(n, false) }, false)
}

func nodes(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	return walkFrom(c, func() *cursor { return within(n, false) }, false, anyNode)
}

func descendantElements(self bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n := asNode(c.Args[0])
		return liveElements(c, func() *cursor { return within(n, true) }, self)
	}
}

func descendantNodes(self bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n := asNode(c.Args[0])
		return walkFrom(c, func() *cursor { return within(n, true) }, self, anyNode)
	}
}

func ancestors(self bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n := asNode(c.Args[0])
		if !self {
			n = n.parent
		}
		var list []*node
		for ; n != nil; n = n.parent {
			var e *value.Exception
			if list, e = value.Append(c.Thread, list, n); e != nil {
				return value.Nil, e
			}
		}
		return elements(c, list)
	}
}

// siblings are the nodes after n, or before it.
func siblings(n *node, after bool) []*node {
	i := n.index()
	switch {
	case i < 0:
		return nil
	case after:
		return n.parent.kids[i+1:]
	default:
		return n.parent.kids[:i]
	}
}

func siblingElements(after bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return elements(c, siblings(asNode(c.Args[0]), after))
	}
}

func siblingNodes(after bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return sequence(c, siblings(asNode(c.Args[0]), after))
	}
}

func attributeNamed(c *value.Call) (value.Value, *value.Exception) {
	want, _ := asName(c, 1)
	return wrapAttribute(asNode(c.Args[0]).attr(want)), nil
}

// getter is a property that yields a node.
func getter(f func(*node) *node) types.ObjVal {
	return func(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
		return wrap(f(asNode(o))), nil
	}
}

// flag is a property that is a bool.
func flag(f func(*node) bool) types.ObjBool {
	return func(_ *value.Thread, o value.Value) (bool, *value.Exception) { return f(asNode(o)), nil }
}

func parentElement(n *node) *node {
	if n.parent != nil && n.parent.kind == elementNode {
		return n.parent
	}
	return nil
}

func documentOf(n *node) *node {
	for n.parent != nil {
		n = n.parent
	}
	if n.kind == documentNode {
		return n
	}
	return nil
}

func firstNode(n *node) *node {
	if len(n.kids) == 0 {
		return nil
	}
	return n.kids[0]
}

func lastNode(n *node) *node {
	if len(n.kids) == 0 {
		return nil
	}
	return n.kids[len(n.kids)-1]
}

func nextNode(n *node) *node {
	if list := siblings(n, true); len(list) > 0 {
		return list[0]
	}
	return nil
}

func previousNode(n *node) *node {
	if list := siblings(n, false); len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

// ofSequence applies a member of one node to each of a sequence and joins what they yield.
func ofSequence(f func(t *value.Thread, n *node) ([]*node, *value.Exception)) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		seq, e := collections.Source(c.Thread, c.Args[0], "source")
		if e != nil {
			return value.Nil, e
		}
		var list []*node
		e = collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
			if v.IsNull() {
				return true, nil
			}
			more, e := f(c.Thread, asNode(v))
			if e != nil {
				return false, e
			}
			if list, e = value.Grow(c.Thread, list, len(more)); e != nil {
				return false, e
			}
			list = append(list, more...)
			return true, c.Thread.Budget.Steps(int64(len(more)))
		})
		if e != nil {
			return value.Nil, e
		}
		return elements(c, list)
	}
}

func kidsOf(_ *value.Thread, n *node) ([]*node, *value.Exception) { return n.kids, nil }

func descendantsOf(t *value.Thread, n *node) ([]*node, *value.Exception) {
	return descendants(t, n, false)
}

// attributesOf is Attributes of a sequence of elements.
func attributesOf(c *value.Call) (value.Value, *value.Exception) {
	seq, e := collections.Source(c.Thread, c.Args[0], "source")
	if e != nil {
		return value.Nil, e
	}
	want, named := asName(c, 1)
	var items []value.Value
	e = collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		for _, a := range asNode(v).attrs {
			if len(c.Args) == 1 || named && a.name == want {
				var e *value.Exception
				if items, e = value.Append(c.Thread, items, value.OfObject(a)); e != nil {
					return false, e
				}
			}
		}
		return true, nil
	})
	return value.OfObject(&value.Array{Class: c.Result, Items: items}), e
}

// removeAll removes each node or attribute of a sequence.
func removeAll(c *value.Call) (value.Value, *value.Exception) {
	seq, e := collections.Source(c.Thread, c.Args[0], "source")
	if e != nil {
		return value.Nil, e
	}
	var list []value.Value
	e = collections.Each(c.Thread, seq, func(v value.Value) (bool, *value.Exception) {
		var e *value.Exception
		list, e = value.Append(c.Thread, list, v)
		return true, e
	})
	if e != nil {
		return value.Nil, e
	}
	for _, v := range list {
		o, _ := v.Object()
		switch o := o.(type) {
		case *node:
			if e := o.remove(c.Thread); e != nil {
				return value.Nil, e
			}
		case *attribute:
			o.remove()
		}
	}
	return value.Nil, e
}

// remove takes the attribute out of its element.
func (a *attribute) remove() {
	if a.parent == nil {
		return
	}
	for i, b := range a.parent.attrs {
		if b == a {
			a.parent.attrs = slices.Delete(a.parent.attrs, i, i+1)
			break
		}
	}
	a.parent = nil
}
