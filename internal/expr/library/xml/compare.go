package xml

import "github.com/sallyport/sallyport/internal/expr/value"

// comparer is an XNodeEqualityComparer or an XNodeDocumentOrderComparer, which have no state.
type comparer struct{ class value.Type }

// ObjectType returns the run-time type.
func (c *comparer) ObjectType() value.Type { return c.class }

func newComparer(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&comparer{class: c.Result}), nil
}

// compareEqual is DeepEquals of the two arguments behind the receiver.
func compareEqual(c *value.Call) (value.Value, *value.Exception) {
	d := *c
	d.Args = c.Args[1:]
	return deepEquals(&d)
}

// compareOrder compares the places of two nodes in their document.
func compareOrder(c *value.Call) (value.Value, *value.Exception) {
	const x, y = 1, 2
	switch {
	case c.Args[x].IsNull() && c.Args[y].IsNull():
		return c.ReturnInt(0)
	case c.Args[x].IsNull():
		return c.ReturnInt(-1)
	case c.Args[y].IsNull():
		return c.ReturnInt(1)
	}
	a, b := asNode(c.Args[x]), asNode(c.Args[y])
	if a == b {
		return c.ReturnInt(0)
	}
	root := a
	for root.parent != nil {
		root = root.parent
	}
	if b != root && !inside(b, root) {
		return value.Nil, value.InvalidOperation("A common ancestor is missing.")
	}
	order, seen := int64(0), false
	note := func(n *node) *value.Exception {
		switch {
		case seen:
		case n == a:
			order, seen = -1, true
		case n == b:
			order, seen = 1, true
		}
		return nil
	}
	if e := note(root); e != nil {
		return value.Nil, e
	}
	if e := root.walk(c.Thread, note); e != nil {
		return value.Nil, e
	}
	return c.ReturnInt(order)
}
