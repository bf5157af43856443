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
	b      value.Text
	thread *value.Thread
	indent bool
	depth  int
	// mixed says that the element being written has text, or stands in one that has.
	mixed bool
	// scopes are the declarations of the elements around, innermost last.
	scopes []binding
	// outer are the declarations of the elements around the node that is written, innermost first: their prefixes
	// are declared again where they are needed.
	outer  []binding
	failed *value.Exception
}

// binding binds a prefix, "" for the default namespace.
type binding struct {
	prefix, uri string
}

// write returns the text of a node.
// Without a run it is bounded but not paid for.
func write(t *value.Thread, n *node, indent bool) (string, *value.Exception) {
	w := &writer{b: value.NewText(t), thread: t, indent: indent}
	for p := n.parent; p != nil; p = p.parent {
		for _, a := range p.attrs {
			if a.isDeclaration() {
				w.outer = append(w.outer, bindingOf(a))
			}
		}
	}
	w.node(n, true)
	if w.failed != nil {
		return "", w.failed
	}
	return w.b.Done()
}

// goes reports whether nothing has failed yet, and takes a step of the run.
func (w *writer) goes() bool {
	if w.failed == nil {
		w.failed = w.b.Err()
	}
	if w.failed == nil && w.thread != nil {
		w.failed = w.thread.Budget.Step()
	}
	return w.failed == nil
}

func tooDeep() *value.Exception { return value.InvalidOperation("The XML is nested too deeply.") }

func (w *writer) node(n *node, first bool) {
	if !w.goes() {
		return
	}
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
		w.cdata(n.text)
	case commentNode:
		w.newLine(first)
		w.b.Add("<!--")
		w.b.Add(commentText(n.text))
		w.b.Add("-->")
	case instructionNode:
		w.newLine(first)
		w.b.Add("<?")
		w.b.Add(n.target)
		if n.text != "" {
			w.b.Add(" ")
			w.b.Add(n.text)
		}
		w.b.Add("?>")
	case doctypeNode:
		w.newLine(first)
		w.b.Add(n.text)
	}
}

// commentText is the text of a comment without the two dashes that would end it.
func commentText(s string) string {
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "- -")
	}
	if strings.HasSuffix(s, "-") {
		s += " "
	}
	return s
}

// cdata writes a CDATA section, or several where the text has the end of one.
func (w *writer) cdata(s string) {
	w.b.Add("<![CDATA[")
	for i := strings.Index(s, "]]>"); i >= 0; i = strings.Index(s, "]]>") {
		w.b.Add(s[:i])
		w.b.Add("]]]]><![CDATA[>")
		s = s[i+len("]]>"):]
	}
	w.b.Add(s)
	w.b.Add("]]>")
}

// newLine indents what is not in text; nothing stands before the first node.
func (w *writer) newLine(first bool) {
	if !w.indent || w.mixed || first && w.depth == 0 {
		return
	}
	w.b.Char('\n')
	w.b.Repeat("  ", w.depth)
}

func (w *writer) element(n *node) {
	if w.depth >= maxDepth {
		w.failed = tooDeep()
		return
	}
	scopes, mixed := len(w.scopes), w.mixed
	for _, a := range n.attrs {
		if a.isDeclaration() {
			w.declare(a)
		}
	}
	tag, added := w.tag(n)
	own := len(added)
	w.b.Char('<')
	w.b.Add(tag)
	for _, a := range n.attrs {
		added = w.attribute(a, added, own)
	}
	for _, d := range slices.Backward(added) {
		w.declaration(d)
	}
	if len(n.kids) == 0 && !n.full {
		w.b.Add(" />")
		w.scopes, w.mixed = w.scopes[:scopes], mixed
		return
	}
	w.b.Char('>')
	w.depth++
	for _, k := range n.kids {
		w.node(k, false)
	}
	w.depth--
	if len(n.kids) > 0 {
		w.newLine(false)
	}
	w.b.Add("</")
	w.b.Add(tag)
	w.b.Char('>')
	w.scopes, w.mixed = w.scopes[:scopes], mixed
}

func (w *writer) declare(a *attribute) { w.scopes = append(w.scopes, bindingOf(a)) }

// bindingOf is what an attribute declares.
func bindingOf(a *attribute) binding {
	prefix := a.name.local
	if a.name.ns == "" {
		prefix = ""
	}
	return binding{prefix, a.value}
}

// around is the declaration of a namespace by an element around the node that is written.
func (w *writer) around(uri string, prefixed bool) (binding, bool) {
	for i, d := range w.outer {
		hidden := slices.ContainsFunc(w.outer[:i], func(o binding) bool { return o.prefix == d.prefix })
		if d.uri == uri && !hidden && (d.prefix != "" || !prefixed) {
			return d, true
		}
	}
	return binding{}, false
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
	if o, ok := w.around(n.name.ns, false); ok && n.name.ns != "" {
		d = o
	}
	w.scopes = append(w.scopes, d)
	if d.prefix != "" {
		return d.prefix + ":" + n.name.local, []binding{d}
	}
	return n.name.local, []binding{d}
}

// attribute writes one attribute; a namespace without prefix gets one. The declarations added so far begin with
// those of the element's own name.
func (w *writer) attribute(a *attribute, added []binding, own int) []binding {
	name := a.name.local
	switch {
	case a.name.ns == xmlnsURI:
		name = "xmlns:" + name
	case a.name.ns != "":
		p, ok := w.prefix(a.name.ns)
		if !ok {
			d, around := w.around(a.name.ns, true)
			if !around {
				d = binding{"p" + strconv.Itoa(w.depth+1+len(added)-own), a.name.ns}
			}
			w.scopes = append(w.scopes, d)
			added = append(added, d)
			p = d.prefix
		}
		name = p + ":" + name
	}
	w.b.Char(' ')
	w.b.Add(name)
	w.b.Add(`="`)
	w.escape(a.value, true)
	w.b.Char('"')
	return added
}

func (w *writer) declaration(d binding) {
	name := "xmlns"
	if d.prefix != "" {
		name += ":" + d.prefix
	}
	w.b.Char(' ')
	w.b.Add(name)
	w.b.Add(`="`)
	w.escape(d.uri, true)
	w.b.Char('"')
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

// escaped is what a byte of character data, or of an attribute's value, is written as; "" as it is.
func escaped(c byte, attr bool) string {
	switch {
	case c == '&':
		return "&amp;"
	case c == '<':
		return "&lt;"
	case c == '>':
		return "&gt;"
	case c == '\r' && !attr:
		return "\n"
	case !attr:
		return ""
	case c == '"':
		return "&quot;"
	case c == '\n':
		return "&#xA;"
	case c == '\r':
		return "&#xD;"
	case c == '\t':
		return "&#x9;"
	}
	return ""
}

func (w *writer) escape(s string, attr bool) {
	from := 0
	for i := range len(s) {
		text := escaped(s[i], attr)
		if text == "" {
			continue
		}
		w.b.Add(s[from:i])
		from = i + 1
		if text == "\n" && from < len(s) && s[from] == '\n' {
			continue // The line feed after a carriage return stands for both.
		}
		w.b.Add(text)
	}
	w.b.Add(s[from:])
}
