package xml

import (
	"github.com/sallyport/sallyport/internal/expr/value"
)

// jsonURI is the namespace of attributes that say how an element becomes JSON: json:Array.
const jsonURI = "http://james.newtonking.com/projects/json"

// jsonObject is an object of JSON in the making.
type jsonObject struct{ value.Record }

func (o *jsonObject) set(t *value.Thread, name string, v value.Value) *value.Exception {
	var e *value.Exception
	if o.Names, e = value.Append(t, o.Names, name); e == nil {
		o.Items, e = value.Append(t, o.Items, v)
	}
	return e
}

// JSONForm returns what a serialiser makes of a node: an object with one member for the node. Attributes become members
// with an @ before their name, text #text, elements of one name an array, and an element with only text that text.
// Comments are left out.
func (n *node) JSONForm(t *value.Thread) (value.Value, *value.Exception) {
	w := &jsonWriter{thread: t}
	top := &jsonObject{}
	var e *value.Exception
	if n.kind == documentNode {
		e = w.document(top, n)
	} else {
		e = w.member(top, n)
	}
	return value.OfObject(&top.Record), e
}

// JSONForm returns an object with one member for the attribute.
func (a *attribute) JSONForm(t *value.Thread) (value.Value, *value.Exception) {
	top := &jsonObject{}
	e := top.set(t, a.jsonName(), value.OfGo(a.value))
	return value.OfObject(&top.Record), e
}

type jsonWriter struct {
	thread *value.Thread
	depth  int
}

func (w *jsonWriter) document(top *jsonObject, n *node) *value.Exception {
	if d := n.declaration; d != nil {
		if e := top.set(w.thread, "?xml", w.texts([]string{"@version", "@encoding", "@standalone"}, []value.String{d.version, d.encoding, d.standalone})); e != nil {
			return e
		}
	}
	return w.grouped(top, n)
}

// texts is an object of the texts that are not empty.
func (w *jsonWriter) texts(names []string, texts []value.String) value.Value {
	o := &jsonObject{}
	for i, s := range texts {
		if s.Go() != "" {
			o.Names, o.Items = append(o.Names, names[i]), append(o.Items, value.OfString(s))
		}
	}
	return value.OfObject(&o.Record)
}

// member adds a node as a member of an object.
func (w *jsonWriter) member(to *jsonObject, n *node) *value.Exception {
	if n.kind == commentNode {
		return nil
	}
	v, e := w.of(n)
	if e != nil {
		return e
	}
	return to.set(w.thread, n.jsonName(), v)
}

// of returns a node's value without its name.
func (w *jsonWriter) of(n *node) (value.Value, *value.Exception) {
	switch n.kind {
	case elementNode:
		return w.element(n)
	case doctypeNode:
		return w.texts([]string{"@name"}, []value.String{value.Str(n.target)}), nil
	}
	return value.OfGo(n.text), nil
}

func (w *jsonWriter) element(n *node) (value.Value, *value.Exception) {
	if w.depth++; w.depth > maxDepth {
		return value.Nil, tooDeep()
	}
	defer func() { w.depth-- }()
	if e := w.thread.Budget.Step(); e != nil {
		return value.Nil, e
	}
	undeclared := n.undeclared()
	seen := undeclared
	for _, a := range n.attrs {
		seen = seen || a.name.ns != jsonURI && !(a.name.ns == xmlnsURI && a.value == jsonURI)
	}
	switch {
	case !seen && len(n.kids) == 1 && n.kids[0].kind == textNode:
		return value.OfGo(n.kids[0].text), nil
	case len(n.kids) == 0 && len(n.attrs) == 0 && !undeclared:
		if n.full {
			return value.OfGo(""), nil
		}
		return value.Nil, nil
	}
	o := &jsonObject{}
	if undeclared {
		if e := o.set(w.thread, "@xmlns", value.OfGo(n.name.ns)); e != nil {
			return value.Nil, e
		}
	}
	for _, a := range n.attrs {
		if a.name.ns == xmlnsURI && a.value == jsonURI || a.name.ns == jsonURI && a.name.local == "Array" {
			continue
		}
		if e := o.set(w.thread, a.jsonName(), value.OfGo(a.value)); e != nil {
			return value.Nil, e
		}
	}
	return value.OfObject(&o.Record), w.grouped(o, n)
}

// undeclared reports whether an element's namespace is that of no declaration around it, so that one is added.
func (n *node) undeclared() bool {
	if n.name.ns == "" || n.parent != nil && n.parent.name.ns == n.name.ns || prefixOf(n, n.name.ns) != "" {
		return false
	}
	for _, a := range n.attrs {
		if a.isDeclaration() && a.value == n.name.ns {
			return false
		}
	}
	return true
}

// grouped adds the nodes of a container to its object, those of one name as an array.
func (w *jsonWriter) grouped(to *jsonObject, n *node) *value.Exception {
	var names []string
	groups := make(map[string][]*node)
	for _, k := range n.kids {
		if e := w.thread.Budget.Alloc(nodeBytes / 2); e != nil {
			return e
		}
		if k.kind == commentNode {
			continue
		}
		name := k.jsonName()
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], k)
	}
	for _, name := range names {
		list := groups[name]
		if len(list) == 1 && !list[0].asArray() {
			if e := w.member(to, list[0]); e != nil {
				return e
			}
			continue
		}
		array := &value.Array{}
		for _, k := range list {
			v, e := w.of(k)
			if e != nil {
				return e
			}
			array.Items = append(array.Items, v)
		}
		if e := to.set(w.thread, name, value.OfObject(array)); e != nil {
			return e
		}
	}
	return nil
}

// asArray reports whether json:Array says that an element is one of an array.
func (n *node) asArray() bool {
	a := n.attr(qname{local: "Array", ns: jsonURI})
	return a != nil && (a.value == "true" || a.value == "1")
}

// jsonName is the name of the member that a node becomes.
func (n *node) jsonName() string {
	switch n.kind {
	case cdataNode:
		return "#cdata-section"
	case textNode:
		return "#text"
	case instructionNode:
		return "?" + n.target
	case doctypeNode:
		return "!DOCTYPE"
	}
	if n.name.ns == jsonURI {
		return "$" + n.name.local
	}
	return prefixed(n, n.name)
}

func (a *attribute) jsonName() string {
	switch {
	case a.name.ns == jsonURI:
		return "$" + a.name.local
	case a.name.local == "xmlns":
		return "@xmlns"
	case a.name.ns == xmlnsURI:
		return "@xmlns:" + a.name.local
	}
	return "@" + prefixed(a.parent, a.name)
}

// prefixed is a name with the prefix that its namespace has at a node.
func prefixed(n *node, name qname) string {
	if name.ns == "" || n == nil {
		return name.local
	}
	if prefix := prefixOf(n, name.ns); prefix != "" {
		return prefix + ":" + name.local
	}
	return name.local
}
