package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxWriteDepth bounds the recursion of Write; no document that Parse returned
// with default limits comes near it.
const maxWriteDepth = 1000

const indentation = "    "

// Write writes a document in its canonical layout: four spaces a level, double
// quotes, no comments. XML escapes C# as XML demands; RawXML and Auto leave it as
// it is. Parsing the output in the same format gives the same elements.
//
// The markup of an element that has text beside its child elements, and of a
// set-body with child elements, is payload: Write takes it from Inner as it is,
// with its comments and white space. The error names what cannot be written.
func Write(w io.Writer, root *Element, format Format) error {
	p := &printer{xml: format == XML}
	if err := p.element(root, 0); err != nil {
		return fmt.Errorf("writing a policy document: %w", err)
	}
	p.out.WriteByte('\n')
	if _, err := w.Write(p.out.Bytes()); err != nil {
		return fmt.Errorf("writing a policy document: %w", err)
	}
	return nil
}

// printer collects the output.
type printer struct {
	out bytes.Buffer
	xml bool
}

func (p *printer) element(e *Element, depth int) error {
	if depth > maxWriteDepth {
		return fmt.Errorf("elements nest deeper than %d", maxWriteDepth)
	}
	if err := checkName(e.Name); err != nil {
		return err
	}
	p.out.WriteString("<" + e.Name)
	for _, a := range e.Attributes {
		if err := p.attribute(a); err != nil {
			return fmt.Errorf("<%s>: attribute %q: %w", e.Name, a.Name, err)
		}
	}
	if len(e.Children) == 0 && e.Text.IsZero() {
		p.out.WriteString(" />")
		return nil
	}
	p.out.WriteByte('>')
	if err := p.content(e, depth); err != nil {
		return fmt.Errorf("<%s>: %w", e.Name, err)
	}
	p.out.WriteString("</" + e.Name + ">")
	return nil
}

func (p *printer) attribute(a Attribute) error {
	if err := checkName(a.Name); err != nil {
		return err
	}
	p.out.WriteString(" " + a.Name + `="`)
	if err := p.text(a.Value, true); err != nil {
		return err
	}
	p.out.WriteByte('"')
	return nil
}

func (p *printer) content(e *Element, depth int) error {
	if len(e.Children) > 0 && e.Inner != "" && (e.Name == "set-body" || !e.Text.IsZero()) {
		return p.payload(e)
	}
	if err := p.text(e.Text, false); err != nil {
		return err
	}
	if len(e.Children) == 0 {
		return nil
	}
	inner := "\n" + strings.Repeat(indentation, depth+1)
	for _, child := range e.Children {
		p.out.WriteString(inner)
		if err := p.element(child, depth+1); err != nil {
			return err
		}
	}
	p.out.WriteString(inner[:len(inner)-len(indentation)])
	return nil
}

// text writes a value; the quotes around an attribute's value are written already.
func (p *printer) text(t Text, attribute bool) error {
	if at := validText(t.Value); at >= 0 {
		return fmt.Errorf("a character that XML does not allow at offset %d of the value", at)
	}
	if !t.Expression {
		p.literal(t, attribute)
		return nil
	}
	code := "@(" + t.Value + ")"
	if t.Block {
		code = "@{" + t.Value + "}"
	}
	end, err := scanExpression(code, 0, false, MaxExpressionDepth)
	switch {
	case err != nil:
		return errors.New(err.message)
	case end != len(code):
		return fmt.Errorf("the expression closes a bracket at offset %d that it did not open", end-len("@()"))
	case p.xml:
		p.escape(code, attribute)
	default:
		p.code(code)
	}
	return nil
}

// code writes an expression so that only references in it are escaped.
func (p *printer) code(code string) {
	for i := range len(code) {
		switch c := code[i]; c {
		case '&':
			if _, _, known := reference(code[i:]); known {
				p.out.WriteString("&amp;")
				continue
			}
			p.out.WriteByte(c)
		case '\r':
			p.out.WriteString("&#13;")
		default:
			p.out.WriteByte(c)
		}
	}
}

// literal writes a text that is no expression: an '@' in it that would begin one
// is written as a reference, unless it did begin one when it was read.
func (p *printer) literal(t Text, attribute bool) {
	mixed := t.Mixed
	from := 0
	for at := range t.Value {
		for len(mixed) > 0 && mixed[0] < at {
			mixed = mixed[1:]
		}
		if !isExpressionStart(t.Value, at) || len(mixed) > 0 && mixed[0] == at {
			continue
		}
		p.escape(t.Value[from:at], attribute)
		p.out.WriteString("&#64;")
		from = at + 1
	}
	p.escape(t.Value[from:], attribute)
}

// escape writes text as XML.
func (p *printer) escape(s string, attribute bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '&':
			p.out.WriteString("&amp;")
		case c == '<':
			p.out.WriteString("&lt;")
		case c == '>' && (p.xml || strings.HasSuffix(s[:i], "]]")):
			p.out.WriteString("&gt;")
		case c == '"' && attribute:
			p.out.WriteString("&quot;")
		case c == '\r':
			p.out.WriteString("&#13;")
		case c == '\n' && attribute && p.xml:
			p.out.WriteString("&#10;") // An XML parser makes a literal one a space.
		case c == '\t' && attribute && p.xml:
			p.out.WriteString("&#9;")
		default:
			p.out.WriteByte(c)
		}
	}
}

// payload writes the markup inside an element as it was read. For XML the places
// where it is C# or otherwise no XML are escaped.
func (p *printer) payload(e *Element) error {
	if !p.xml {
		p.out.WriteString(e.Inner)
		return nil
	}
	start := p.out.Len()
	p.payloadXML(e)
	trial := "<fragment>" + p.out.String()[start:] + "</fragment>"
	limits := Limits{FragmentBytes: 2 * len(trial), Depth: maxWriteDepth, Elements: len(trial), Attributes: len(trial), NameLength: len(trial)}
	if _, err := Parse([]byte(trial), XML, limits); err != nil {
		return fmt.Errorf("its markup cannot be written as XML: %w", err)
	}
	return nil
}

func (p *printer) payloadXML(e *Element) {
	if e.src == nil {
		p.out.WriteString(e.Inner)
		return
	}
	at, end := e.start, e.start+len(e.Inner)
	for _, s := range e.src.raw {
		if s.start < at || s.end > end {
			continue
		}
		p.out.WriteString(e.src.text[at:s.start])
		p.asXML(e.src.text, s)
		at = s.end
	}
	p.out.WriteString(e.src.text[at:end])
}

// asXML writes what the reader has noted as not XML: the inside of a comment, or
// text that is to be escaped.
func (p *printer) asXML(text string, s span) {
	if !strings.HasSuffix(text[:s.start], "<!--") {
		var b textBuilder
		b.decode(text, s.start, s.end)
		p.escape(b.text(&source{text: text}).Value, true)
		return
	}
	comment := text[s.start:s.end]
	for strings.Contains(comment, "--") {
		comment = strings.ReplaceAll(comment, "--", "- -")
	}
	p.out.WriteString(comment)
	if strings.HasSuffix(comment, "-") {
		p.out.WriteByte(' ')
	}
}

func checkName(name string) error {
	if name == "" || nameLength(name) != len(name) {
		return fmt.Errorf("%q is no XML name", name)
	}
	return nil
}
