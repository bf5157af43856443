package document

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// at returns the position of an offset in the text.
func (p *parser) at(offset int) Position {
	p.last = p.src.positionAfter(p.last, offset)
	return p.last
}

// report adds an error at an offset in the text. Reading goes on; after
// MaxErrors it ends.
func (p *parser) report(offset int, message, hint string) {
	if p.fatally {
		return
	}
	e := &Error{Pos: p.src.position(offset), Message: message, Hint: hint}
	if n := len(p.stack); n > 0 {
		e.Element = p.stack[n-1].shown
	}
	p.errors = append(p.errors, e)
	if len(p.errors) >= MaxErrors {
		p.stop()
	}
}

// fatal adds an error behind which nothing can be made out, and ends the reading.
func (p *parser) fatal(offset int, message, hint string) {
	p.report(offset, message, hint)
	p.stop()
}

func (p *parser) stop() {
	p.fatally = true
	p.pos = len(p.text)
}

// scanFailed reports why an expression in the text could not be delimited. The
// offset function maps offsets of the scanned text to p.text.
func (p *parser) scanFailed(err *scanError, offset func(int) int) {
	hint := err.hint
	if strings.Contains(hint, "%s") {
		hint = strings.ReplaceAll(hint, "%s", p.src.position(offset(err.opened)).String())
	}
	p.report(offset(err.at), err.message, hint)
}

// found describes the character at an offset for a message.
func (p *parser) found(offset int) string {
	if offset >= len(p.text) {
		return "the end of the document"
	}
	if name, ok := p.src.mapping.namedValueIn(offset, offset+1); ok {
		return "the value of {{" + name + "}}"
	}
	r, _ := utf8.DecodeRuneInString(p.text[offset:])
	if strconv.IsPrint(r) {
		return fmt.Sprintf("'%c'", r)
	}
	if r == '\n' || r == '\r' {
		return "the end of the line"
	}
	return fmt.Sprintf("U+%04X", r)
}

// quotable returns s, which was read somewhere behind the offset, or a
// placeholder where part of it is the value of a named value.
func (p *parser) quotable(offset int, s string) string {
	if name, ok := p.src.mapping.namedValueIn(offset, offset+len(s)); ok {
		return "{{" + name + "}}"
	}
	return s
}
