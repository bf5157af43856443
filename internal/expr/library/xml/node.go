package xml

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const namespace = "System.Xml.Linq"

// kind is the kind of a node.
type kind uint8

const (
	elementNode kind = iota
	documentNode
	textNode
	cdataNode
	commentNode
	instructionNode
	doctypeNode
	kinds
)

// kindTypes are the .NET classes of the kinds.
var kindTypes = [kinds]string{"XElement", "XDocument", "XText", "XCData", "XComment", "XProcessingInstruction", "XDocumentType"}

// family are the run-time types of all that belongs to one library.
type family struct {
	nodes                                    [kinds]value.Type
	attribute, name, namespace, declaration_ value.Type
}

type familyKey struct{}

// familyOf returns the run-time types of a run's library.
func familyOf(t *value.Thread) *family {
	env := object.Of(t)
	if env == nil {
		return &family{}
	}
	f, _ := env.Memo(familyKey{}, func(env *object.Env) any {
		f := &family{}
		named := func(name string) *types.Type { return env.Named(namespace + "." + name) }
		for k, name := range kindTypes {
			f.nodes[k] = named(name)
		}
		f.attribute, f.name, f.namespace, f.declaration_ = named("XAttribute"), named("XName"), named("XNamespace"), named("XDeclaration")
		return f
	}).(*family)
	return f
}

// node is an XNode.
type node struct {
	f      *family
	kind   kind
	parent *node
	// name is an element's name, text the text of the other kinds, target that of an instruction.
	name   qname
	text   string
	target string
	attrs  []*attribute
	kids   []*node
	// full says that an element without nodes is written with an end tag.
	full bool
	// declaration is a document's, or nil.
	declaration *declaration
}

// attribute is an XAttribute.
type attribute struct {
	f      *family
	parent *node
	name   qname
	value  string
}

// declaration is an XDeclaration.
type declaration struct {
	f                             *family
	version, encoding, standalone value.String
}

// ObjectType returns the run-time type.
func (n *node) ObjectType() value.Type { return n.f.nodes[n.kind] }

// ObjectType returns the run-time type.
func (a *attribute) ObjectType() value.Type { return a.f.attribute }

// ObjectType returns the run-time type.
func (d *declaration) ObjectType() value.Type { return d.f.declaration_ }

// NetString returns the node as it is written, indented.
func (n *node) NetString() (value.String, *value.Exception) {
	s, e := write(n, true)
	return value.Str(s), e
}

// NetString returns name="value".
func (a *attribute) NetString() (value.String, *value.Exception) {
	var w writer
	prefix := ""
	if a.name.ns != "" {
		prefix = prefixOf(a.parent, a.name.ns) + ":"
	}
	if a.isDeclaration() && a.name.ns == "" {
		prefix = ""
	} else if a.name.ns == xmlnsURI {
		prefix = "xmlns:"
	}
	w.b.WriteString(prefix + a.name.local + `="`)
	w.escape(a.value, true)
	w.b.WriteByte('"')
	return value.Str(w.b.String()), nil
}

// NetString returns the declaration as it is written.
func (d *declaration) NetString() (value.String, *value.Exception) {
	var b strings.Builder
	b.WriteString("<?xml")
	for _, p := range []struct {
		name string
		v    value.String
	}{{"version", d.version}, {"encoding", d.encoding}, {"standalone", d.standalone}} {
		if !p.v.IsNull() {
			b.WriteString(" " + p.name + `="` + p.v.Go() + `"`)
		}
	}
	b.WriteString("?>")
	return value.Str(b.String()), nil
}

// isContainer reports whether the node can have nodes.
func (n *node) isContainer() bool { return n.kind == elementNode || n.kind == documentNode }

// isText reports whether the node is character data.
func (n *node) isText() bool { return n.kind == textNode || n.kind == cdataNode }

// content is the text of an element: that of all text in it.
func (n *node) content() string {
	if !n.isContainer() {
		return n.text
	}
	if len(n.kids) == 1 && n.kids[0].isText() {
		return n.kids[0].text
	}
	var b strings.Builder
	n.walk(func(d *node) {
		if d.isText() {
			b.WriteString(d.text)
		}
	})
	return b.String()
}

// walk calls f with every node inside n, in the order of the document, without recursion.
func (n *node) walk(f func(*node)) {
	stack := []*node{n}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if top != n {
			f(top)
		}
		for _, k := range slices.Backward(top.kids) {
			stack = append(stack, k)
		}
	}
}

// index is the place of the node among its parent's, -1 without one.
func (n *node) index() int {
	if n.parent != nil {
		for i, k := range n.parent.kids {
			if k == n {
				return i
			}
		}
	}
	return -1
}

// remove takes the node out of its parent.
func (n *node) remove() {
	if i := n.index(); i >= 0 {
		p := n.parent
		p.kids = append(p.kids[:i:i], p.kids[i+1:]...)
		n.parent = nil
	}
}

// insert puts a node at a place of n's.
func (n *node) insert(i int, k *node) {
	k.parent = n
	if i == len(n.kids) {
		n.kids = append(n.kids, k)
		return
	}
	n.kids = append(n.kids[:i:i], append([]*node{k}, n.kids[i:]...)...)
}

// clone copies a node with all that is in it, without a parent.
func (n *node) clone() *node {
	type pair struct{ from, to *node }
	top := n.shallow()
	stack := []pair{{n, top}}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, k := range p.from.kids {
			c := k.shallow()
			c.parent = p.to
			p.to.kids = append(p.to.kids, c)
			stack = append(stack, pair{k, c})
		}
	}
	return top
}

func (n *node) shallow() *node {
	c := *n
	c.parent, c.kids, c.attrs = nil, nil, nil
	for _, a := range n.attrs {
		b := *a
		b.parent = &c
		c.attrs = append(c.attrs, &b)
	}
	return &c
}

// size is the memory that a node takes, roughly.
func (n *node) size() int64 {
	const each = 160
	total := int64(each + len(n.text))
	n.walk(func(d *node) { total += int64(each + len(d.text) + each*len(d.attrs)) })
	return total
}

// attr returns the attribute of that name, or nil.
func (n *node) attr(name qname) *attribute {
	for _, a := range n.attrs {
		if a.name == name {
			return a
		}
	}
	return nil
}

// isDeclaration reports whether the attribute declares a namespace.
func (a *attribute) isDeclaration() bool {
	return a.name.ns == xmlnsURI || a.name.ns == "" && a.name.local == "xmlns"
}

// equal is XNode.DeepEquals.
func equal(a, b *node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.kind != b.kind || a.name != b.name || a.text != b.text || a.target != b.target ||
		len(a.attrs) != len(b.attrs) || len(a.kids) != len(b.kids) {
		return false
	}
	if a.kind == elementNode && len(a.kids) == 0 && a.full != b.full {
		return false
	}
	for i, x := range a.attrs {
		if y := b.attrs[i]; x.name != y.name || x.value != y.value {
			return false
		}
	}
	for i, k := range a.kids {
		if !equal(k, b.kids[i]) {
			return false
		}
	}
	return true
}
