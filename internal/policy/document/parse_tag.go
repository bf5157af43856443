package document

import (
	"fmt"
	"strings"
)

// startTag reads a start tag or an empty-element tag.
func (p *parser) startTag() {
	start := p.pos
	length := nameLength(p.text[start+1:])
	if length == 0 {
		p.fatal(start, fmt.Sprintf("found %s where an element's name is expected", p.found(start+1)), "write &lt; for a '<' in text")
		return
	}
	name := p.text[start+1 : start+1+length]
	e := &Element{Name: name, Pos: p.at(start), src: p.src}
	p.stack = append(p.stack, frame{element: e, shown: p.quotable(start+1, name)})
	if !p.checkElement(start, e) {
		return
	}
	p.pos += 1 + length
	empty := p.attributes(e)
	if p.fatally {
		return
	}
	e.start, e.InnerPos = p.pos, p.at(p.pos)
	if len(p.stack) > 1 {
		parent := p.stack[len(p.stack)-2].element
		parent.Children = append(parent.Children, e)
	} else {
		p.root = e
	}
	if empty {
		p.close(p.pos)
	}
}

// checkElement checks name and limits of an element that was just pushed.
func (p *parser) checkElement(start int, e *Element) bool {
	p.elements++
	switch {
	case len(e.Name) > p.limits.NameLength:
		p.frame().shown = p.quotable(start+1, e.Name[:16]) + "…"
		p.fatal(start, fmt.Sprintf("the element's name has more than %d bytes", p.limits.NameLength), "use a shorter name")
	case len(p.stack) > p.limits.Depth:
		p.fatal(start, fmt.Sprintf("elements nest deeper than %d", p.limits.Depth), "move inner ones to policy fragments")
	case p.elements > p.limits.Elements:
		p.fatal(start, fmt.Sprintf("the document has more than %d elements", p.limits.Elements), "move parts of it to policy fragments")
	case len(p.stack) == 1:
		return p.checkRoot(start, e)
	}
	return !p.fatally
}

func (p *parser) checkRoot(start int, e *Element) bool {
	size, limit := len(p.src.original), p.limits.DocumentBytes
	switch e.Name {
	case RootPolicies:
	case RootFragment:
		limit = p.limits.FragmentBytes
	default:
		p.fatal(start, fmt.Sprintf("the root element is <%s>", p.frame().shown),
			"write <policies>…</policies>, or <fragment>…</fragment> for a policy fragment")
		return false
	}
	if size > limit {
		err := tooLarge(e.Pos, size, limit)
		p.fatal(start, err.Message, err.Hint)
	}
	return !p.fatally
}

// attributes reads the rest of a start tag behind the name, and says whether it
// is an empty-element tag.
func (p *parser) attributes(e *Element) (empty bool) {
	for {
		gap := p.skipSpace()
		rest := p.text[p.pos:]
		switch {
		case p.fatally:
			return false
		case rest == "":
			p.fatal(p.pos, fmt.Sprintf("the document ends in the tag <%s> of %s", p.frame().shown, e.Pos), "close it with > or />")
			return false
		case rest[0] == '>':
			p.pos++
			return false
		case strings.HasPrefix(rest, "/>"):
			p.pos += len("/>")
			return true
		case rest[0] == '<':
			p.report(p.pos, fmt.Sprintf("found '<' in the tag <%s> of %s", p.frame().shown, e.Pos), "close the tag with > or />")
			return false
		}
		if !gap {
			p.noGap(e)
		}
		if len(e.Attributes) >= p.limits.Attributes {
			p.fatal(p.pos, fmt.Sprintf("the element has more than %d attributes", p.limits.Attributes), "remove some")
			return false
		}
		p.attribute(e)
	}
}

// noGap reports that something stands where white space or the end of the tag is
// expected. That is mostly a quote that is missing or not escaped; where no
// attribute follows, what comes next cannot be made out.
func (p *parser) noGap(e *Element) {
	message := fmt.Sprintf("found %s where white space, '/>' or '>' is expected", p.found(p.pos))
	hint := "separate attributes with white space"
	lost := false
	if n := len(e.Attributes); n > 0 {
		last := e.Attributes[n-1]
		lost = true
		switch {
		case p.attributeFollows() && !strings.ContainsAny(last.Value.Value, "<\n"):
			lost = false
		case p.strict && hasExpressionMark(last.Value.Value):
			hint = fmt.Sprintf("write &quot; for a quote in the value of %q; C# as it is needs the format rawxml", p.previous)
		case hasExpressionMark(last.Value.Value):
			hint = fmt.Sprintf("an expression must be the whole value of %q: "+
				"begin it right behind the quote, and end the value right behind it", p.previous)
		case strings.ContainsAny(last.Value.Value, "<\n"):
			hint = fmt.Sprintf("a quote is missing in front of it; the value of %q begins at %s", p.previous, last.Value.Pos)
		default:
			hint = fmt.Sprintf("write &quot; for a quote in the value of %q", p.previous)
		}
	}
	p.report(p.pos, message, hint)
	if lost {
		p.stop()
	}
}

func hasExpressionMark(s string) bool {
	return strings.Contains(s, "@(") || strings.Contains(s, "@{")
}

// attributeFollows says whether a name and '=' come next.
func (p *parser) attributeFollows() bool {
	rest := p.text[p.pos:]
	rest = rest[nameLength(rest):]
	start, _ := trimSpace(rest[:min(len(rest), 64)])
	return len(rest) < len(p.text)-p.pos && strings.HasPrefix(rest[start:], "=")
}

func (p *parser) skipSpace() bool {
	start := p.pos
	for p.pos < len(p.text) && isSpace(p.text[p.pos]) {
		p.pos++
	}
	return p.pos > start
}

// attribute reads one attribute.
func (p *parser) attribute(e *Element) {
	start := p.pos
	length := nameLength(p.text[start:])
	if length == 0 {
		p.fatal(start, fmt.Sprintf("found %s where an attribute's name is expected", p.found(start)), `write name="value"`)
		return
	}
	if length > p.limits.NameLength {
		p.fatal(start, fmt.Sprintf("the attribute's name has more than %d bytes", p.limits.NameLength), "use a shorter name")
		return
	}
	a := Attribute{Name: p.text[start : start+length], Pos: p.at(start)}
	shown := p.quotable(start, a.Name)
	p.previous = shown
	if _, twice := e.Attr(a.Name); twice {
		p.report(start, fmt.Sprintf("the attribute %q is written twice", shown), "remove one")
	}
	p.pos += length
	p.skipSpace()
	if p.pos >= len(p.text) || p.text[p.pos] != '=' {
		p.report(start, fmt.Sprintf("the attribute %q has no value", shown), fmt.Sprintf("write %s=\"value\"", shown))
		p.pos = min(start+length, p.pos)
		p.keep(e, a)
		return
	}
	p.pos++
	p.skipSpace()
	a.Value = p.attributeValue(shown)
	p.keep(e, a)
}

// keep adds an attribute to the element unless reading has ended.
func (p *parser) keep(e *Element, a Attribute) {
	if !p.fatally {
		e.Attributes = append(e.Attributes, a)
	}
}

// attributeValue reads a quoted value from its opening quote.
func (p *parser) attributeValue(name string) Text {
	opening := p.pos
	if opening >= len(p.text) || p.text[opening] != '"' && p.text[opening] != '\'' {
		p.unquoted(name)
		return Text{}
	}
	quote := p.text[opening]
	start := opening + 1
	p.pos = start
	var b textBuilder
	b.begin(p.at(start), start)
	if !p.strict {
		p.attributeExpression(&b, start)
	}
	p.attributeLiteral(&b, quote, opening)
	if p.fatally {
		return Text{}
	}
	p.pos++
	t := b.text(p.src)
	if p.strict && !p.atGap() {
		return t // A quote that is not escaped ended it; noGap says so.
	}
	return p.settle(t, true)
}

// atGap says whether what may follow an attribute comes next.
func (p *parser) atGap() bool {
	return p.pos >= len(p.text) || isSpace(p.text[p.pos]) || strings.IndexByte("/><", p.text[p.pos]) >= 0
}

// attributeExpression reads an expression at the start of a value, if there is
// one: the quote in it does not end the value.
func (p *parser) attributeExpression(b *textBuilder, start int) {
	p.skipSpace()
	if !isExpressionStart(p.text, p.pos) {
		p.pos = start
		return
	}
	at := p.pos
	end, err := scanExpression(p.text, at, true, p.limits.ExpressionDepth)
	if err != nil {
		p.scanFailed(err, func(at int) int { return at })
		p.stop()
		return
	}
	b.literal(p.text, start, at)
	b.decode(p.text, at, end)
	p.notXML(at, end)
	p.pos = end
}

// attributeLiteral reads up to the closing quote, at which it leaves pos.
func (p *parser) attributeLiteral(b *textBuilder, quote byte, opening int) {
	from := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == quote:
			b.literal(p.text, from, p.pos)
			return
		case c == '&':
			b.literal(p.text, from, p.pos)
			p.reference(b)
			from = p.pos
		case c == '<' && p.strict:
			p.fatal(p.pos, "found '<' in an attribute's value",
				fmt.Sprintf("write &lt; for it, or close the value that begins at %s; C# with '<' in it needs the format rawxml",
					p.src.position(opening)))
			return
		case c == '<':
			p.notXML(p.pos, p.pos+1)
			p.pos++
		default:
			p.pos++
		}
	}
	if !p.fatally {
		p.fatal(opening, "the attribute's value is not closed", fmt.Sprintf("close it with %c", quote))
	}
}

// unquoted reports a value without quotes and skips it.
func (p *parser) unquoted(name string) {
	p.report(p.pos, fmt.Sprintf("found %s where the quoted value of %q is expected", p.found(p.pos), name),
		fmt.Sprintf("write %s=\"value\"", name))
	if isExpressionStart(p.text, p.pos) {
		end, err := scanExpression(p.text, p.pos, true, p.limits.ExpressionDepth)
		if err != nil {
			p.stop()
			return
		}
		p.pos = end
	}
	for p.pos < len(p.text) && !isSpace(p.text[p.pos]) && p.text[p.pos] != '>' && !strings.HasPrefix(p.text[p.pos:], "/>") {
		p.pos++
	}
}

// endTag reads an end tag and closes its element.
func (p *parser) endTag() {
	start := p.pos
	nameStart := start + len("</")
	length := nameLength(p.text[nameStart:])
	name := p.text[nameStart : nameStart+length]
	p.pos = nameStart + length
	p.skipSpace()
	shown := p.quotable(nameStart, name)
	switch {
	case length == 0:
		p.fatal(start, fmt.Sprintf("found %s where the name of an end tag is expected", p.found(nameStart)), "write &lt; for a '<' in text")
		return
	case length > p.limits.NameLength:
		p.fatal(start, fmt.Sprintf("the name of the end tag has more than %d bytes", p.limits.NameLength), "use a shorter name")
		return
	case p.pos >= len(p.text) || p.text[p.pos] != '>':
		p.report(p.pos, fmt.Sprintf("found %s in the end tag </%s", p.found(p.pos), shown), "close the tag with >")
	default:
		p.pos++
	}
	if !p.isOpen(name) {
		p.unopened(start, shown)
		return
	}
	for p.frame().element.Name != name {
		inner := p.frame().shown
		p.report(start, fmt.Sprintf("found </%s> where </%s> is expected: <%s> of %s is not closed", shown, inner, inner, p.frame().element.Pos),
			fmt.Sprintf("close it with </%s>, or write <%s … />", inner, inner))
		p.close(start)
	}
	p.close(start)
}

// unopened reports an end tag without its start tag.
func (p *parser) unopened(start int, name string) {
	hint := "remove it"
	if n := len(p.stack); n > 0 {
		hint = fmt.Sprintf("remove it, or write </%s>", p.stack[n-1].shown)
	}
	p.report(start, fmt.Sprintf("found </%s>, but no <%s> is open", name, name), hint)
}

func (p *parser) isOpen(name string) bool {
	for _, f := range p.stack {
		if f.element.Name == name {
			return true
		}
	}
	return false
}

// close ends the innermost element, whose content ends at an offset. Behind it
// stands what pos is at.
func (p *parser) close(contentEnd int) {
	f := p.frame()
	e := f.element
	e.Inner = p.text[e.start:contentEnd]
	e.End = p.at(p.pos)
	f.text.begin(e.InnerPos, e.start)
	e.Text = p.settle(f.text.text(p.src), false)
	if start, end := trimSpace(e.Text.Value); start == end && len(e.Children) > 0 {
		e.Text = Text{Pos: e.InnerPos}
	}
	p.stack = p.stack[:len(p.stack)-1]
}
