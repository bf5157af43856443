package xml

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// xmlError is an XmlException with its place; line 0 is none.
func xmlError(message string, line, column int) *value.Exception {
	if line > 0 {
		message += fmt.Sprintf(" Line %d, position %d.", line, column)
	}
	return value.Throw("System.Xml.XmlException", message)
}

// parser reads XML 1.0 with namespaces. Document types are kept but their entities are not known.
type parser struct {
	f     *family
	t     *value.Thread
	src   string
	pos   int
	open  []*node
	doc   *node
	names []string // the tags of the open elements as they are written.
	// keep says that white space is kept, as LoadOptions.PreserveWhitespace asks for.
	keep bool
}

// parse reads a document, white space between elements included where keep asks for it.
func parse(t *value.Thread, src string, keep bool) (*node, *value.Exception) {
	if e := t.Budget.Steps(int64(len(src))/16 + 1); e != nil {
		return nil, e
	}
	f := familyOf(t)
	p := &parser{f: f, t: t, src: strings.TrimPrefix(src, "\ufeff"), doc: &node{f: f, kind: documentNode}, keep: keep}
	if e := p.prolog(); e != nil {
		return nil, e
	}
	for p.pos < len(p.src) {
		if e := p.next(); e != nil {
			return nil, e
		}
	}
	switch {
	case len(p.open) > 0:
		return nil, p.fail(p.pos, "Unexpected end of file has occurred. The following elements are not closed: %s.", strings.Join(p.names, ", "))
	case p.root() == nil:
		return nil, p.fail(p.pos, "Root element is missing.")
	}
	return p.doc, nil
}

func (p *parser) root() *node { return rootOf(p.doc) }

// rootOf is the element of a document, or nil.
func rootOf(doc *node) *node {
	for _, k := range doc.kids {
		if k.kind == elementNode {
			return k
		}
	}
	return nil
}

// fail is an error at a place of the source.
func (p *parser) fail(at int, format string, args ...any) *value.Exception {
	before := p.src[:min(at, len(p.src))]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return xmlError(fmt.Sprintf(format, args...), line, column)
}

// prolog reads the XML declaration.
func (p *parser) prolog() *value.Exception {
	if !strings.HasPrefix(p.src, "<?xml") || len(p.src) > 5 && nameChar(rune(p.src[5])) {
		return nil
	}
	end := strings.Index(p.src, "?>")
	if end < 0 {
		return p.fail(len(p.src), "Unexpected end of file has occurred.")
	}
	d := &declaration{f: p.f}
	q := &parser{f: p.f, t: p.t, src: p.src[:end], pos: len("<?xml")}
	for {
		q.space()
		if q.pos >= len(q.src) {
			break
		}
		at := q.pos
		name := q.name()
		v, e := q.attributeValue(name, at)
		if e != nil {
			return e
		}
		switch name {
		case "version":
			d.version = value.Str(v)
		case "encoding":
			d.encoding = value.Str(v)
		case "standalone":
			d.standalone = value.Str(v)
		default:
			return p.fail(at, "Syntax for an XML declaration is invalid.")
		}
	}
	p.doc.declaration = d
	p.pos = end + len("?>")
	return nil
}

// next reads one piece of markup or text.
func (p *parser) next() *value.Exception {
	rest := p.src[p.pos:]
	switch {
	case rest[0] != '<':
		return p.text()
	case strings.HasPrefix(rest, "</"):
		return p.endTag()
	case strings.HasPrefix(rest, "<!--"):
		return p.delimited(commentNode, "<!--", "-->")
	case strings.HasPrefix(rest, "<![CDATA["):
		if len(p.open) == 0 {
			return p.fail(p.pos, "Data at the root level is invalid.")
		}
		return p.delimited(cdataNode, "<![CDATA[", "]]>")
	case strings.HasPrefix(rest, "<!DOCTYPE"):
		return p.doctype()
	case strings.HasPrefix(rest, "<?"):
		return p.delimited(instructionNode, "<?", "?>")
	default:
		return p.startTag()
	}
}

// add puts a node at the end of the element being read.
func (p *parser) add(n *node) *value.Exception {
	if e := p.t.Budget.Alloc(nodeBytes); e != nil {
		return e
	}
	parent := p.doc
	if len(p.open) > 0 {
		parent = p.open[len(p.open)-1]
	}
	n.f, n.parent = p.f, parent
	var e *value.Exception
	parent.kids, e = value.Append(p.t, parent.kids, n)
	return e
}

// delimited reads a comment, a CDATA section or a processing instruction.
func (p *parser) delimited(k kind, start, end string) *value.Exception {
	at := p.pos
	body := p.src[at+len(start):]
	i := strings.Index(body, end)
	if i < 0 {
		return p.fail(len(p.src), "Unexpected end of file has occurred.")
	}
	n := &node{kind: k, text: body[:i]}
	if k == instructionNode {
		n.target, n.text, _ = strings.Cut(n.text, " ")
		if strings.EqualFold(n.target, "xml") || n.target == "" {
			return p.fail(at+len(start), "Unexpected XML declaration. The XML declaration must be the first node in the document.")
		}
	}
	if k == commentNode && strings.Contains(n.text, "--") {
		return p.fail(at, "An XML comment cannot contain '--'.")
	}
	p.pos = at + len(start) + i + len(end)
	return p.add(n)
}

// doctype reads a document type as a whole.
func (p *parser) doctype() *value.Exception {
	depth, at := 0, p.pos
	for ; p.pos < len(p.src); p.pos++ {
		switch p.src[p.pos] {
		case '[':
			depth++
		case ']':
			depth--
		case '>':
			if depth == 0 {
				p.pos++
				return p.add(&node{kind: doctypeNode, text: p.src[at:p.pos]})
			}
		}
	}
	return p.fail(len(p.src), "Unexpected end of file has occurred.")
}

// text reads character data up to the next markup.
func (p *parser) text() *value.Exception {
	at := p.pos
	end := strings.IndexByte(p.src[at:], '<')
	if end < 0 {
		end = len(p.src) - at
	}
	raw := p.src[at : at+end]
	p.pos = at + end
	blank := strings.Trim(raw, " \t\r\n") == ""
	if blank && !p.keep && (len(p.open) == 0 || !p.preserves()) {
		return nil
	}
	if len(p.open) == 0 {
		if blank {
			return p.add(&node{kind: textNode, text: strings.ReplaceAll(raw, "\r\n", "\n")})
		}
		return p.fail(at+len(raw)-len(strings.TrimLeft(raw, " \t\r\n")), "Data at the root level is invalid.")
	}
	s, e := p.decode(raw, at)
	if e != nil {
		return e
	}
	top := p.open[len(p.open)-1]
	if n := len(top.kids); n > 0 && top.kids[n-1].kind == textNode {
		return top.kids[n-1].extend(p.t, s)
	}
	return p.add(&node{kind: textNode, text: s})
}

// preserves reports whether xml:space="preserve" is in force.
func (p *parser) preserves() bool {
	for _, n := range slices.Backward(p.open) {
		if a := n.attr(qname{"space", xmlURI}); a != nil {
			return a.value == "preserve"
		}
	}
	return false
}
