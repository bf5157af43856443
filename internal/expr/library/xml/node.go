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
func (n *node) NetString() (value.String, *value.Exception) { return n.NetText(nil) }

// NetText returns the node as it is written, indented, and charges a run for it.
func (n *node) NetText(t *value.Thread) (value.String, *value.Exception) {
	s, e := write(t, n, true)
	return value.Str(s), e
}

// NetString returns name="value".
func (a *attribute) NetString() (value.String, *value.Exception) { return a.NetText(nil) }

// NetText returns name="value", and charges a run for it.
func (a *attribute) NetText(t *value.Thread) (value.String, *value.Exception) {
	w := writer{b: value.NewText(t)}
	prefix := ""
	if a.name.ns != "" {
		prefix = prefixOf(a.parent, a.name.ns) + ":"
	}
	if a.isDeclaration() && a.name.ns == "" {
		prefix = ""
	} else if a.name.ns == xmlnsURI {
		prefix = "xmlns:"
	}
	w.b.Add(prefix)
	w.b.Add(a.name.local)
	w.b.Add(`="`)
	w.escape(a.value, true)
	w.b.Char('"')
	s, e := w.b.Done()
	return value.Str(s), e
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
func (n *node) content(t *value.Thread) (string, *value.Exception) {
	if !n.isContainer() {
		return n.text, nil
	}
	if len(n.kids) == 1 && n.kids[0].isText() {
		return n.kids[0].text, nil
	}
	b := value.NewText(t)
	e := n.walk(t, func(d *node) *value.Exception {
		if d.isText() {
			b.Add(d.text)
		}
		return b.Err()
	})
	if e != nil {
		return "", e
	}
	return b.Done()
}

// walk calls f with every node inside n, in the order of the document, without recursion, until f fails. Each node is a
// step of the run.
func (n *node) walk(t *value.Thread, f func(*node) *value.Exception) *value.Exception {
	stack := [][]*node{n.kids}
	for len(stack) > 0 {
		top := len(stack) - 1
		if len(stack[top]) == 0 {
			stack = stack[:top]
			continue
		}
		k := stack[top][0]
		stack[top] = stack[top][1:]
		if e := t.Budget.Step(); e != nil {
			return e
		}
		if e := f(k); e != nil {
			return e
		}
		if len(k.kids) == 0 {
			continue
		}
		var e *value.Exception
		if stack, e = value.Append(t, stack, k.kids); e != nil {
			return e
		}
	}
	return nil
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

// movedStep is how many nodes or attributes are moved or looked through in one step of a run.
const movedStep = 64

// remove takes the node out of its parent.
func (n *node) remove(t *value.Thread) *value.Exception {
	i := n.index()
	if i < 0 {
		return nil
	}
	p := n.parent
	p.kids, n.parent = slices.Delete(p.kids, i, i+1), nil
	// An element that loses its last node is written as one that never had any.
	p.full = p.full && len(p.kids) > 0
	return t.Budget.Steps(int64(len(p.kids)) / movedStep)
}

// insert puts a node at a place of n's.
func (n *node) insert(t *value.Thread, i int, k *node) *value.Exception {
	kids, e := value.Grow(t, n.kids, 1)
	if e != nil {
		return e
	}
	k.parent, n.kids = n, slices.Insert(kids, i, k)
	return t.Budget.Steps(int64(len(kids)-i) / movedStep)
}

// cloneIn returns what clone returns, and charges a run for it.
func (n *node) cloneIn(t *value.Thread) (*node, *value.Exception) {
	total := int64(0)
	e := n.walk(t, func(d *node) *value.Exception {
		total += d.size()
		return nil
	})
	if e == nil {
		e = t.Budget.Alloc(total + n.size())
	}
	if e != nil {
		return nil, e
	}
	return n.clone(), nil
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
			p.to.kids = slices.Grow(p.to.kids, len(p.from.kids)-len(p.to.kids))
			c.parent = p.to
			p.to.kids = append(p.to.kids, c)
			if len(k.kids) > 0 {
				stack = append(stack, pair{k, c})
			}
		}
	}
	return top
}

func (n *node) shallow() *node {
	c := *n
	c.parent, c.kids, c.attrs = nil, nil, nil
	if len(n.attrs) > 0 {
		c.attrs = make([]*attribute, 0, len(n.attrs))
	}
	for _, a := range n.attrs {
		b := *a
		b.parent = &c
		c.attrs = append(c.attrs, &b)
	}
	return &c
}

// nodeBytes and attributeBytes are what a node and an attribute take of the memory budget with their places in the lists
// around them.
const (
	nodeBytes      = 256
	attributeBytes = 128
)

// size is the memory that a node takes without those inside it.
func (n *node) size() int64 { return nodeBytes + attributeBytes*int64(len(n.attrs)) }

// attr returns the attribute of that name, or nil.
func (n *node) attr(name qname) *attribute { return named(n.attrs, name) }

// named returns the attribute of that name in a list, or nil.
func named(list []*attribute, name qname) *attribute {
	for _, a := range list {
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

// equal is XNode.DeepEquals of a run: each pair of nodes is a step, and what lies deeper than is written is an exception.
func equal(t *value.Thread, a, b *node) (bool, *value.Exception) { return equalFrom(t, a, b, 0) }

func equalFrom(t *value.Thread, a, b *node, depth int) (bool, *value.Exception) {
	if a == nil || b == nil {
		return a == b, nil
	}
	if depth > maxDepth {
		return false, tooDeep()
	}
	if e := t.Budget.Step(); e != nil {
		return false, e
	}
	if !equalAlone(a, b) {
		return false, nil
	}
	for i, k := range a.kids {
		if same, e := equalFrom(t, k, b.kids[i], depth+1); !same || e != nil {
			return same, e
		}
	}
	return true, nil
}

// equalAlone compares two nodes without those inside them.
func equalAlone(a, b *node) bool {
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
	return true
}
