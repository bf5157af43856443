package xml

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func objectParent(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	x, _ := o.Object()
	if a, ok := x.(*attribute); ok {
		return wrap(a.parent), nil
	}
	return wrap(parentElement(asNode(o))), nil
}

func objectDocument(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	x, _ := o.Object()
	if a, ok := x.(*attribute); ok {
		if a.parent == nil {
			return value.Nil, nil
		}
		return wrap(documentOf(a.parent)), nil
	}
	return wrap(documentOf(asNode(o))), nil
}

// nodeTypes are the numbers of XmlNodeType by kind.
var nodeTypes = [kinds]int64{1, 9, 3, 4, 8, 7, 10}

func nodeType(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	const attributeType = 2
	x, _ := o.Object()
	if _, ok := x.(*attribute); ok {
		return attributeType, nil
	}
	return nodeTypes[asNode(o).kind], nil
}

func deepEquals(c *value.Call) (value.Value, *value.Exception) {
	var a, b *node
	if !c.Args[0].IsNull() {
		a = asNode(c.Args[0])
	}
	if !c.Args[1].IsNull() {
		b = asNode(c.Args[1])
	}
	same, e := equal(c.Thread, a, b)
	if e != nil {
		return value.Nil, e
	}
	return c.ReturnBool(same)
}

func toText(c *value.Call) (value.Value, *value.Exception) {
	const disableFormatting = 1
	s, e := write(c.Thread, asNode(c.Args[0]), c.Int(1)&disableFormatting == 0)
	return value.OfGo(s), e
}

func elementName(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	n := asNode(o)
	return value.OfObject(&name{f: n.f, qname: n.name}), nil
}

func attributeName(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	a := asAttribute(o)
	return value.OfObject(&name{f: a.f, qname: a.name}), nil
}

func attributeValue(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	return value.Str(asAttribute(o).value), nil
}

func isDeclaration(_ *value.Thread, o value.Value) (bool, *value.Exception) {
	return asAttribute(o).isDeclaration(), nil
}

func firstAttribute(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	return attributeAt(asNode(o), 0), nil
}

func lastAttribute(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	n := asNode(o)
	return attributeAt(n, len(n.attrs)-1), nil
}

func attributeAt(n *node, i int) value.Value {
	if n == nil || i < 0 || i >= len(n.attrs) {
		return value.Nil
	}
	return value.OfObject(n.attrs[i])
}

func nextAttribute(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	a := asAttribute(o)
	return attributeAt(a.parent, a.place()+1), nil
}

func previousAttribute(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	a := asAttribute(o)
	return attributeAt(a.parent, a.place()-1), nil
}

// place is where the attribute stands among its element's.
func (a *attribute) place() int {
	if a.parent != nil {
		for i, b := range a.parent.attrs {
			if b == a {
				return i
			}
		}
	}
	return -1
}

func documentDeclaration(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	if d := asNode(o).declaration; d != nil {
		return value.OfObject(d), nil
	}
	return value.Nil, nil
}

func setDeclaration(c *value.Call) (value.Value, *value.Exception) {
	d, _ := c.Object(1).(*declaration)
	asNode(c.Args[0]).declaration = d
	return value.Nil, nil
}

func defaultNamespace(c *value.Call) (value.Value, *value.Exception) {
	n := asNode(c.Args[0])
	return value.OfObject(&ns{f: n.f, uri: namespaceOf(n, "")}), nil
}

func prefixNamespace(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "prefix"); e != nil {
		return value.Nil, e
	}
	n := asNode(c.Args[0])
	uri := namespaceOf(n, c.Go(1))
	if uri == "" {
		return value.Nil, nil
	}
	return value.OfObject(&ns{f: n.f, uri: uri}), nil
}

func namespacePrefix(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(1, "ns"); e != nil {
		return value.Nil, e
	}
	x, _ := c.Object(1).(*ns)
	if x == nil {
		return value.Nil, nil
	}
	if p := prefixOf(asNode(c.Args[0]), x.uri); p != "" {
		return value.OfGo(p), nil
	}
	return value.Nil, nil
}

// getName is XName.Get of an expanded name, or of a local name and a namespace.
func getName(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "expandedName"); e != nil {
		return value.Nil, e
	}
	if len(c.Args) == 1 {
		return toName(c)
	}
	if e := checkName(c.Go(0)); e != nil {
		return value.Nil, e
	}
	return value.OfObject(&name{f: familyOf(c.Thread), qname: qname{c.Go(0), c.Go(1)}}), nil
}

// toName is the conversion of a string; null stays null.
func toName(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return value.Nil, nil
	}
	q, e := parseName(c.Go(0))
	if e != nil {
		return value.Nil, e
	}
	return value.OfObject(&name{f: familyOf(c.Thread), qname: q}), nil
}

func ofName(f func(qname) string) types.ObjStr {
	return func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
		x, _ := o.Object()
		if n, ok := x.(*name); ok {
			return value.Str(f(n.qname)), nil
		}
		return value.Null, nil
	}
}

func nameNamespace(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
	x, _ := o.Object()
	n, ok := x.(*name)
	if !ok {
		return value.Nil, nil
	}
	return value.OfObject(&ns{f: n.f, uri: n.ns}), nil
}

// same compares two references by what they are equal to; null equals null alone.
func same(c *value.Call) bool {
	if c.Args[0].IsNull() || c.Args[1].IsNull() {
		return c.Args[0].IsNull() && c.Args[1].IsNull()
	}
	x, ok := c.Object(0).(value.Equaler)
	return ok && x.EqualTo(c.Args[1])
}

func sameName(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(same(c)) }

func otherName(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(!same(c)) }

func sameNamespace(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(same(c)) }

func otherNamespace(c *value.Call) (value.Value, *value.Exception) { return c.ReturnBool(!same(c)) }

func known(uri string) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return value.OfObject(&ns{f: familyOf(c.Thread), uri: uri}), nil
	}
}

func toNamespace(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[0].IsNull() {
		return value.Nil, nil
	}
	return value.OfObject(&ns{f: familyOf(c.Thread), uri: c.Go(0)}), nil
}

func namespaceName(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	x, _ := o.Object()
	if n, ok := x.(*ns); ok {
		return value.Str(n.uri), nil
	}
	return value.Null, nil
}

// inNamespace is ns + "name".
func inNamespace(c *value.Call) (value.Value, *value.Exception) {
	x, ok := c.Object(0).(*ns)
	if !ok {
		return value.Nil, value.NullArgument("ns")
	}
	if e := c.NotNull(1, "localName"); e != nil {
		return value.Nil, e
	}
	if e := checkName(c.Go(1)); e != nil {
		return value.Nil, e
	}
	return value.OfObject(&name{f: familyOf(c.Thread), qname: qname{c.Go(1), x.uri}}), nil
}
