package xml

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// maxDepth bounds the nesting of elements that are read, written or compared.
const maxDepth = 1000

// writer writes nodes as .NET's indenting writer does: an element with text in it is not indented.
type writer struct {
	b      strings.Builder
	indent bool
	depth  int
	// mixed says that the element being written has text, or stands in one that has.
	mixed bool
	// scopes are the declarations of the elements around, innermost last.
	scopes []binding
	failed *value.Exception
}

// binding binds a prefix, "" for the default namespace.
type binding struct {
	prefix, uri string
}

// write returns the text of a node.
func write(n *node, indent bool) (string, *value.Exception) {
	w := &writer{indent: indent}
	w.node(n, true)
	return w.b.String(), w.failed
}

func (w *writer) node(n *node, first bool) {
	switch n.kind {
	case documentNode:
		for i, k := range n.kids {
			w.node(k, i == 0)
		}
	case elementNode:
		w.newLine(first)
		w.element(n)
	case textNode:
		w.mixed = true
		w.escape(n.text, false)
	case cdataNode:
		w.mixed = true
		w.b.WriteString("<![CDATA[" + strings.ReplaceAll(n.text, "]]>", "]]]]><![CDATA[>") + "]]>")
	case commentNode:
		w.newLine(first)
		w.b.WriteString("<!--" + n.text + "-->")
	case instructionNode:
		w.newLine(first)
		w.b.WriteString("<?" + n.target)
		if n.text != "" {
			w.b.WriteString(" " + n.text)
		}
		w.b.WriteString("?>")
	case doctypeNode:
		w.newLine(first)
		w.b.WriteString(n.text)
	}
}

// newLine indents what is not in text; nothing stands before the first node.
func (w *writer) newLine(first bool) {
	if !w.indent || w.mixed || first && w.depth == 0 {
		return
	}
	w.b.WriteByte('\n')
	w.b.WriteString(strings.Repeat("  ", w.depth))
}

func (w *writer) element(n *node) {
	if w.depth >= maxDepth {
		w.failed = value.InvalidOperation("The XML is nested too deeply.")
		return
	}
	scopes, mixed := len(w.scopes), w.mixed
	for _, a := range n.attrs {
		if a.isDeclaration() {
			w.declare(a)
		}
	}
	tag, added := w.tag(n)
	w.b.WriteString("<" + tag)
	for _, a := range n.attrs {
		added = w.attribute(a, added)
	}
	for _, d := range added {
		w.declaration(d)
	}
	if len(n.kids) == 0 && !n.full {
		w.b.WriteString(" />")
		w.scopes, w.mixed = w.scopes[:scopes], mixed
		return
	}
	w.b.WriteByte('>')
	w.depth++
	for _, k := range n.kids {
		w.node(k, false)
	}
	w.depth--
	if len(n.kids) > 0 {
		w.newLine(false)
	}
	w.b.WriteString("</" + tag + ">")
	w.scopes, w.mixed = w.scopes[:scopes], mixed
}

func (w *writer) declare(a *attribute) {
	prefix := a.name.local
	if a.name.ns == "" {
		prefix = ""
	}
	w.scopes = append(w.scopes, binding{prefix, a.value})
}

// tag is the name of an element with its prefix, and the declaration that it needs.
func (w *writer) tag(n *node) (string, []binding) {
	if w.bound("") == n.name.ns {
		return n.name.local, nil
	}
	if n.name.ns != "" {
		if p, ok := w.prefix(n.name.ns); ok {
			return p + ":" + n.name.local, nil
		}
	}
	d := binding{"", n.name.ns}
	w.scopes = append(w.scopes, d)
	return n.name.local, []binding{d}
}

// attribute writes one attribute; a namespace without prefix gets one.
func (w *writer) attribute(a *attribute, added []binding) []binding {
	name := a.name.local
	switch {
	case a.name.ns == xmlnsURI:
		name = "xmlns:" + name
	case a.name.ns != "":
		p, ok := w.prefix(a.name.ns)
		if !ok {
			d := binding{"p" + strconv.Itoa(w.depth+1), a.name.ns}
			w.scopes = append(w.scopes, d)
			added = append(added, d)
			p = d.prefix
		}
		name = p + ":" + name
	}
	w.b.WriteString(" " + name + `="`)
	w.escape(a.value, true)
	w.b.WriteByte('"')
	return added
}

func (w *writer) declaration(d binding) {
	name := "xmlns"
	if d.prefix != "" {
		name += ":" + d.prefix
	}
	w.b.WriteString(" " + name + `="`)
	w.escape(d.uri, true)
	w.b.WriteByte('"')
}

// bound is the namespace that a prefix is bound to.
func (w *writer) bound(prefix string) string {
	for _, d := range slices.Backward(w.scopes) {
		if d.prefix == prefix {
			return d.uri
		}
	}
	return ""
}

// prefix is a prefix that is bound to a namespace, the innermost one.
func (w *writer) prefix(uri string) (string, bool) {
	if uri == xmlURI {
		return "xml", true
	}
	for _, d := range slices.Backward(w.scopes) {
		if d.prefix != "" && d.uri == uri && w.bound(d.prefix) == uri {
			return d.prefix, true
		}
	}
	return "", false
}

var (
	textEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r\n", "\n", "\r", "\n")
	attrEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#xA;", "\r", "&#xD;", "\t", "&#x9;")
)

func (w *writer) escape(s string, attr bool) {
	r := textEscapes
	if attr {
		r = attrEscapes
	}
	_, _ = r.WriteString(&w.b, s) // A strings.Builder never fails.
}
