package xml

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// contentArgs are the content arguments from i on: one object, or a params array.
func contentArgs(c *value.Call, i int) value.Value {
	if i >= len(c.Args) {
		return value.Nil
	}
	return c.Args[i]
}

func newElement(c *value.Call) (value.Value, *value.Exception) {
	if o, ok := c.Object(0).(*node); ok {
		copied, e := o.cloneIn(c.Thread)
		return wrap(copied), e
	}
	q, ok := asName(c, 0)
	if !ok {
		return value.Nil, value.NullArgument("name")
	}
	n := &node{f: familyOf(c.Thread), kind: elementNode, name: q}
	if e := c.Thread.Budget.Alloc(n.size()); e != nil {
		return value.Nil, e
	}
	_, e := n.contents(c.Thread, 0, contentArgs(c, 1))
	return wrap(n), e
}

func newDocument(c *value.Call) (value.Value, *value.Exception) {
	n := &node{f: familyOf(c.Thread), kind: documentNode}
	at := 0
	if len(c.Args) > 0 {
		if d, ok := c.Object(0).(*declaration); ok {
			n.declaration = d
			at = 1
		} else if o, ok := c.Object(0).(*node); ok && o.kind == documentNode {
			copied, e := o.cloneIn(c.Thread)
			return wrap(copied), e
		}
	}
	_, e := n.contents(c.Thread, 0, contentArgs(c, at))
	return wrap(n), e
}

func newDeclaration(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&declaration{f: familyOf(c.Thread), version: c.String(0), encoding: c.String(1), standalone: c.String(2)}), nil
}

// newText makes a node of character data.
func newText(k kind) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		if o, ok := c.Object(0).(*node); ok {
			copied, e := o.cloneIn(c.Thread)
			return wrap(copied), e
		}
		if e := c.NotNull(0, "value"); e != nil {
			return value.Nil, e
		}
		return wrap(&node{f: familyOf(c.Thread), kind: k, text: c.Go(0)}), c.Thread.Budget.Alloc(nodeBytes)
	}
}

func newInstruction(c *value.Call) (value.Value, *value.Exception) {
	if e := checkName(c.Go(0)); e != nil {
		return value.Nil, e
	}
	return wrap(&node{f: familyOf(c.Thread), kind: instructionNode, target: c.Go(0), text: c.Go(1)}), c.Thread.Budget.Alloc(nodeBytes)
}

func newAttribute(c *value.Call) (value.Value, *value.Exception) {
	if o, ok := c.Object(0).(*attribute); ok {
		return value.OfObject(&attribute{f: o.f, name: o.name, value: o.value}), nil
	}
	q, ok := asName(c, 0)
	if !ok {
		return value.Nil, value.NullArgument("name")
	}
	if e := c.NotNull(1, "value"); e != nil {
		return value.Nil, e
	}
	s, e := plainText(c.Thread, c.Args[1])
	return value.OfObject(&attribute{f: familyOf(c.Thread), name: q, value: s}), e
}

func parseElement(c *value.Call) (value.Value, *value.Exception) {
	doc, e := parseArgument(c)
	if e != nil {
		return value.Nil, e
	}
	root := rootOf(doc)
	return wrap(root), root.remove(c.Thread)
}

func parseDocument(c *value.Call) (value.Value, *value.Exception) {
	doc, e := parseArgument(c)
	if e != nil {
		return value.Nil, e
	}
	return wrap(doc), nil
}

func parseArgument(c *value.Call) (*node, *value.Exception) {
	if e := c.NotNull(0, "text"); e != nil {
		return nil, e
	}
	const preserveWhitespace = 1
	return parse(c.Thread, c.Go(0), len(c.Args) > 1 && c.Int(1)&preserveWhitespace != 0)
}

// add is Add and AddFirst.
func add(first bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n := asNode(c.Args[0])
		at := len(n.kids)
		if first {
			at = 0
		}
		_, e := n.contents(c.Thread, at, contentArgs(c, 1))
		return value.Nil, e
	}
}

// addBeside is AddAfterSelf and AddBeforeSelf.
func addBeside(after bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n := asNode(c.Args[0])
		i := n.index()
		if i < 0 {
			return value.Nil, value.InvalidOperation("The parent is missing.")
		}
		if after {
			i++
		}
		_, e := n.parent.contents(c.Thread, i, contentArgs(c, 1))
		return value.Nil, e
	}
}

func replaceWith(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	i, parent := n.index(), n.parent
	if i < 0 {
		return value.Nil, value.InvalidOperation("The parent is missing.")
	}
	if e := n.remove(c.Thread); e != nil {
		return value.Nil, e
	}
	_, e := parent.contents(c.Thread, i, contentArgs(c, 1))
	return value.Nil, e
}

// replace is ReplaceNodes, and with attributes ReplaceAll.
func replace(all bool) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		n := asNode(c.Args[0])
		n.clear()
		if all {
			n.attrs = nil
		}
		_, e := n.contents(c.Thread, 0, contentArgs(c, 1))
		return value.Nil, e
	}
}

func removeNode(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	if n.parent == nil {
		return value.Nil, value.InvalidOperation("The parent is missing.")
	}
	return value.Nil, n.remove(c.Thread)
}

func removeAttribute(c *value.Call) (value.Value, *value.Exception) {
	a := asAttribute(c.Args[0])
	if a.parent == nil {
		return value.Nil, value.InvalidOperation("The parent is missing.")
	}
	a.remove()
	return value.Nil, nil
}

func removeNodes(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	n.clear()
	n.full = false
	return value.Nil, nil
}

// replaceAttributes puts content in the place of all attributes.
func replaceAttributes(c *value.Call) (value.Value, *value.Exception) {
	if _, e := removeAttributes(c); e != nil {
		return value.Nil, e
	}
	return add(false)(c)
}

func removeAttributes(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	for _, a := range n.attrs {
		a.parent = nil
	}
	n.attrs = nil
	return value.Nil, nil
}

func removeEverything(c *value.Call) (value.Value, *value.Exception) {
	if _, e := removeAttributes(c); e != nil {
		return value.Nil, e
	}
	return removeNodes(c)
}

// setAttributeValue sets, adds or, with null, removes an attribute.
func setAttributeValue(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	q, ok := asName(c, 1)
	if !ok {
		return value.Nil, value.NullArgument("name")
	}
	a := n.attr(q)
	if c.Args[2].IsNull() {
		if a != nil {
			a.remove()
		}
		return value.Nil, nil
	}
	s, e := plainText(c.Thread, c.Args[2])
	if e != nil {
		return value.Nil, e
	}
	if a != nil {
		a.value = s
		return value.Nil, nil
	}
	return value.Nil, n.addAttribute(c.Thread, &attribute{f: n.f, name: q, value: s})
}

// setElementValue sets, adds or, with null, removes a child element.
func setElementValue(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	q, ok := asName(c, 1)
	if !ok {
		return value.Nil, value.NullArgument("name")
	}
	var k *node
	for _, d := range n.kids {
		if d.kind == elementNode && d.name == q {
			k = d
			break
		}
	}
	if c.Args[2].IsNull() {
		if k != nil {
			return value.Nil, k.remove(c.Thread)
		}
		return value.Nil, nil
	}
	s, e := plainText(c.Thread, c.Args[2])
	if e != nil {
		return value.Nil, e
	}
	if k == nil {
		k = &node{f: n.f, kind: elementNode, name: q}
		if _, e := n.addNode(c.Thread, len(n.kids), k); e != nil {
			return value.Nil, e
		}
	}
	return value.Nil, k.setText(c.Thread, s)
}

// setValue is the setter of Value and SetValue.
func setValue(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "value"); e != nil {
		return value.Nil, e
	}
	s, e := plainText(c.Thread, c.Args[1])
	if e != nil {
		return value.Nil, e
	}
	o := c.Object(0)
	if a, ok := o.(*attribute); ok {
		a.value = s
		return value.Nil, nil
	}
	n := asNode(c.Args[0])
	if !n.isContainer() {
		n.text = s
		return value.Nil, nil
	}
	return value.Nil, n.setText(c.Thread, s)
}

func setName(c *value.Call) (value.Value, *value.Exception) {
	q, ok := asName(c, 1)
	if !ok {
		return value.Nil, value.NullArgument("value")
	}
	asNode(c.Args[0]).name = q
	return value.Nil, nil
}
