package document

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Parse reads a document and returns its root, <policies> or <fragment>. The
// error is an *Error, or Errors where there are several; Problems turns both
// into problems of a file. A zero Limits has the defaults.
func Parse(src []byte, format Format, limits Limits) (*Element, error) {
	return ParseMapped(src, nil, format, limits)
}

// ParseMapped is Parse for a document that Substitute returned together with the
// mapping: all positions are in the document that Substitute was given. Messages
// do not quote the values of named values.
func ParseMapped(src []byte, mapping *Mapping, format Format, limits Limits) (*Element, error) {
	limits = limits.withDefaults()
	if err := checkSize(len(src), mapping, limits); err != nil {
		return nil, err
	}
	text := mapping.output(src)
	p := &parser{src: newSource(text, mapping), text: text, strict: format == XML, limits: limits}
	if p.checkCharacters() {
		p.document()
	}
	if err := asError(p.errors); err != nil {
		return nil, err
	}
	return p.root, nil
}

// parser is the state of one call of Parse. Its loops end when pos reaches the
// end of the text; fatal puts it there.
type parser struct {
	src    *source
	text   string
	pos    int
	strict bool // XML 1.0, no C# rules.
	limits Limits

	root     *Element
	stack    []frame
	elements int
	errors   []*Error
	fatally  bool     // an error ended the reading.
	last     Position // the last one that at returned.
	previous string   // the last attribute's name, fit for messages.
}

// frame is an element whose end tag was not read yet.
type frame struct {
	element *Element
	shown   string // the element's name, fit for messages.
	text    textBuilder
}

func checkSize(size int, mapping *Mapping, limits Limits) error {
	limit := max(limits.DocumentBytes, limits.FragmentBytes)
	if mapping != nil {
		if mapping.over != nil {
			return &Error{Pos: mapping.over.Pos,
				Message: fmt.Sprintf("the document becomes longer than %d bytes when the value of {{%s}} is put in",
					MaxSubstitutedBytes, mapping.over.Name),
				Hint: "use shorter named values"}
		}
		size = len(mapping.original)
	}
	if size <= limit {
		return nil
	}
	return tooLarge(Position{Line: 1, Column: 1}, size, limit)
}

func tooLarge(pos Position, size, limit int) *Error {
	return &Error{Pos: pos,
		Message: fmt.Sprintf("the document has %d bytes, more than the limit of %d", size, limit),
		Hint:    "move parts of it to policy fragments"}
}

// checkCharacters finds what may not stand anywhere in a document.
func (p *parser) checkCharacters() bool {
	if strings.HasPrefix(p.text, "\xFF\xFE") || strings.HasPrefix(p.text, "\xFE\xFF") {
		p.fatal(0, "the document is UTF-16", "save it as UTF-8")
		return false
	}
	p.pos = len(p.text) - len(strings.TrimPrefix(p.text, byteOrderMark))
	bad := validText(p.text[p.pos:])
	if bad < 0 {
		return true
	}
	bad += p.pos
	if r, width := utf8.DecodeRuneInString(p.text[bad:]); r == utf8.RuneError && width == 1 {
		p.fatal(bad, "the document is not UTF-8 here", "save it as UTF-8")
	} else {
		p.fatal(bad, fmt.Sprintf("the character U+%04X is not allowed in a document", r), "remove it")
	}
	return false
}

// document reads everything.
func (p *parser) document() {
	start := p.pos
	for p.pos < len(p.text) && !p.fatally {
		if len(p.stack) == 0 {
			p.outside(start)
		} else {
			p.content()
		}
	}
	if p.fatally {
		return
	}
	if n := len(p.stack); n > 0 {
		f := p.stack[n-1]
		p.report(len(p.text), fmt.Sprintf("the document ends inside of <%s>, which begins at %s", f.shown, f.element.Pos),
			fmt.Sprintf("close it with </%s>", f.shown))
		return
	}
	if p.root == nil {
		p.report(len(p.text), "the document has no element", "write <policies>…</policies> or <fragment>…</fragment>")
	}
}

// outside reads one thing before or after the root element.
func (p *parser) outside(start int) {
	rest := p.text[p.pos:]
	switch {
	case isSpace(rest[0]):
		p.pos++
	case strings.HasPrefix(rest, "<!--"):
		p.comment()
	case strings.HasPrefix(rest, "<!"):
		p.declaration()
	case strings.HasPrefix(rest, "<?"):
		p.instruction(p.pos == start)
	case strings.HasPrefix(rest, "</"):
		p.endTag()
	case rest[0] == '<':
		if p.root != nil {
			p.fatal(p.pos, fmt.Sprintf("a second element after the end of <%s>", p.root.Name), "a document has one root element")
			return
		}
		p.startTag()
	default:
		p.report(p.pos, "text outside of the root element", "put it into an element or into <!-- -->")
		p.pos += nextMarkup(rest)
	}
}

// nextMarkup returns how far it is to the next '<', or to the end.
func nextMarkup(text string) int {
	if i := strings.IndexByte(text, '<'); i >= 0 {
		return i
	}
	return len(text)
}

// frame returns the innermost open element.
func (p *parser) frame() *frame { return &p.stack[len(p.stack)-1] }

// content reads one piece of an element's content.
func (p *parser) content() {
	rest := p.text[p.pos:]
	switch {
	case rest[0] != '<':
		p.characters()
	case strings.HasPrefix(rest, "</"):
		p.endTag()
	case strings.HasPrefix(rest, "<!--"):
		p.comment()
	case strings.HasPrefix(rest, "<![CDATA["):
		p.cdata()
	case strings.HasPrefix(rest, "<!"):
		p.declaration()
	case strings.HasPrefix(rest, "<?"):
		p.instruction(false)
	case nameLength(rest[1:]) > 0:
		p.startTag()
	default:
		p.report(p.pos, "a '<' that begins no tag", "write &lt; for it")
		p.pos++
	}
}

// comment skips a comment.
func (p *parser) comment() {
	body := p.pos + len("<!--")
	i := strings.Index(p.text[body:], "-->")
	if i < 0 {
		p.fatal(p.pos, "the comment is not closed", "close it with -->")
		return
	}
	dashes := strings.Index(p.text[body:body+i+1], "--")
	switch {
	case dashes >= 0 && p.strict:
		p.report(body+dashes, "'--' in a comment", "XML allows it only at its end; write - - or use the format rawxml")
	case dashes >= 0:
		p.notXML(body, body+i)
	}
	p.src.comments = append(p.src.comments, span{p.pos, body + i + len("-->")})
	p.pos = body + i + len("-->")
}

// cdata adds a CDATA section to the text of the element.
func (p *parser) cdata() {
	start := p.pos + len("<![CDATA[")
	i := strings.Index(p.text[start:], "]]>")
	if i < 0 {
		p.fatal(p.pos, "the CDATA section is not closed", "close it with ]]>")
		return
	}
	f := p.frame()
	f.text.begin(p.at(start), start)
	f.text.cdata(p.text, start, start+i)
	p.pos = start + i + len("]]>")
}

// declaration refuses what begins with "<!" and is no comment. There is no way
// to define an entity, and nothing outside of the document is ever read.
func (p *parser) declaration() {
	p.fatal(p.pos, "document type declarations and other '<!' declarations are not allowed",
		"remove it; the only entities are &lt; &gt; &amp; &quot; &apos; and numeric ones such as &#10;")
}

// instruction skips a processing instruction; first says that the XML
// declaration may stand here.
func (p *parser) instruction(first bool) {
	target, _, closed := strings.Cut(p.text[p.pos+len("<?"):], "?>")
	if !closed {
		p.fatal(p.pos, "the '<?' is not closed", "close it with ?>")
		return
	}
	name := target[:nameLength(target)]
	isDeclaration := strings.EqualFold(name, "xml")
	switch {
	case name == "":
		p.report(p.pos, "a '<?' without a name", "write <?xml version=\"1.0\" encoding=\"utf-8\"?> or remove it")
	case isDeclaration && !first && len(p.stack) == 0 && (p.strict || p.root != nil):
		p.report(p.pos, "an XML declaration that is not at the start of the document", "remove it")
	case isDeclaration && p.strict:
		p.checkDeclaration(target)
	case !isDeclaration && !p.strict && len(p.stack) == 0:
		p.report(p.pos, fmt.Sprintf("the processing instruction <?%s?> outside of the root element", p.quotable(p.pos, name)), "remove it")
	}
	p.pos += len("<?") + len(target) + len("?>")
}

// checkDeclaration looks at version and encoding in the XML declaration. The
// format rawxml ignores both: it comes as text, whatever it says about itself.
func (p *parser) checkDeclaration(declaration string) {
	if v, ok := pseudoAttribute(declaration, "version"); !ok || v != "1.0" {
		p.report(p.pos, "the XML declaration has no version 1.0", `write <?xml version="1.0" encoding="utf-8"?>`)
	}
	if v, ok := pseudoAttribute(declaration, "encoding"); ok && !strings.EqualFold(v, "utf-8") {
		p.report(p.pos, "the XML declaration has another encoding than utf-8", `write <?xml version="1.0" encoding="utf-8"?>`)
	}
}

// pseudoAttribute returns the quoted value of a name in an XML declaration.
func pseudoAttribute(declaration, name string) (string, bool) {
	_, rest, found := strings.Cut(declaration, name)
	rest = strings.TrimLeft(rest, " \t\r\n")
	if !found || !strings.HasPrefix(rest, "=") {
		return "", false
	}
	rest = strings.TrimLeft(rest[1:], " \t\r\n")
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return "", false
	}
	value, _, closed := strings.Cut(rest[1:], rest[:1])
	return value, closed
}
