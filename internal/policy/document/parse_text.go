package document

import (
	"fmt"
	"strings"
)

// characters reads text up to the next '<', in which expressions are skipped as
// C#: a '<' in one begins no tag.
func (p *parser) characters() {
	b := &p.frame().text
	b.begin(p.at(p.pos), p.pos)
	from := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '<':
			b.literal(p.text, from, p.pos)
			return
		case c == '&':
			b.literal(p.text, from, p.pos)
			p.reference(b)
			from = p.pos
		case c == '@' && !p.strict && isExpressionStart(p.text, p.pos):
			b.literal(p.text, from, p.pos)
			p.textExpression(b)
			from = p.pos
		case c == ']' && p.strict && strings.HasPrefix(p.text[p.pos:], "]]>"):
			p.report(p.pos, "']]>' outside of a CDATA section", "write ]]&gt; for it")
			p.pos += len("]]>")
		case c == '>' && strings.HasSuffix(p.text[from:p.pos], "]]"):
			p.notXML(p.pos, p.pos+1)
			p.pos++
		default:
			p.pos++
		}
	}
	if !p.fatally {
		b.literal(p.text, from, p.pos)
	}
}

// reference reads what an '&' outside of an expression begins.
func (p *parser) reference(b *textBuilder) {
	start := p.pos
	r, width, known := reference(p.text[start:])
	if known {
		b.reference(p.text, r, start, start+width)
		p.pos += width
		return
	}
	switch {
	case width > 0:
		p.report(start, fmt.Sprintf("the entity %s is not known", p.quotable(start, p.text[start:start+width])),
			"XML has &lt; &gt; &amp; &quot; &apos; and numeric ones such as &#10;; write &amp; for '&' itself")
	case p.strict:
		p.report(start, "an '&' that begins no entity", "write &amp; for it")
	default:
		p.notXML(start, start+1)
	}
	if p.fatally {
		return
	}
	b.literal(p.text, start, start+1)
	p.pos = start + 1
}

// textExpression reads an expression in the text of an element.
func (p *parser) textExpression(b *textBuilder) {
	start := p.pos
	end, err := scanExpression(p.text, start, true, p.limits.ExpressionDepth)
	if err == nil {
		b.decode(p.text, start, end)
		p.notXML(start, end)
		p.pos = end
		return
	}
	p.scanFailed(err, func(at int) int { return at })
	// What follows the element's end tag can be read all the same.
	i := strings.Index(p.text[min(max(err.at, p.pos), len(p.text)):], "</"+p.frame().element.Name+">")
	if i < 0 || p.fatally {
		p.stop()
		return
	}
	p.pos = max(err.at, p.pos) + i
}

// notXML notes that a part of the text is not, or may not be, XML.
func (p *parser) notXML(start, end int) {
	if n := len(p.src.raw); n > 0 && p.src.raw[n-1].end == start {
		p.src.raw[n-1].end = end
		return
	}
	p.src.raw = append(p.src.raw, span{start, end})
}

// settle decides what a text is, once all of it is read.
func (p *parser) settle(t Text, attribute bool) Text {
	settled, err := classify(t, attribute, p.limits.ExpressionDepth)
	if err != nil && !p.fatally {
		p.scanFailed(err, t.textOffset)
	}
	return settled
}
