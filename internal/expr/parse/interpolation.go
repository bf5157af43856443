package parse

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// interpolated reads $"…" or $@"…". The holes' expressions are left as ranges of text for the parser.
func (l *lexer) interpolated() syntax.Token {
	start := l.pos
	verbatim := l.src[l.pos] == '@' || l.peek(1) == '@'
	if l.src[l.pos] == '@' {
		l.errorAt(start, start+2, "CS8401", "'@$' is not C# 7; write '$@'")
	}
	l.pos += 2
	if verbatim {
		l.pos++
	}
	p := &interpolationReader{lexer: l, verbatim: verbatim, start: start}
	p.read()
	t := l.token(syntax.InterpolatedLit, start)
	t.Parts = p.parts
	return t
}

// interpolationReader reads the content of one interpolated string.
type interpolationReader struct {
	*lexer
	verbatim bool
	start    int
	text     strings.Builder
	textFrom int
	// failed says that an error has been reported: there is one for each string.
	failed bool
	parts  []syntax.InterpolationPart
}

// fail reports an error, unless the string has one.
func (p *interpolationReader) fail(start, end int, code, format string, args ...any) {
	if !p.failed {
		p.failed = true
		p.errorAt(start, end, code, format, args...)
	}
}

func (p *interpolationReader) read() {
	p.textFrom = p.pos
	for p.pos < p.end {
		switch c := p.src[p.pos]; {
		case c == '"' && p.verbatim && p.peek(1) == '"':
			p.text.WriteByte('"')
			p.pos += 2
		case c == '"':
			p.flush()
			p.pos++
			return
		case c == '{' && p.peek(1) == '{', c == '}' && p.peek(1) == '}':
			p.text.WriteByte(c)
			p.pos += 2
		case c == '{':
			p.flush()
			p.hole()
			p.textFrom = p.pos
		case c == '}':
			p.fail(p.pos, p.pos+1, "CS8086", "A '}' character must be escaped (by doubling) in an interpolated string.")
			p.pos++
		case c == '\\' && !p.verbatim:
			p.escape(&p.text)
		case (c == '\n' || c == '\r') && !p.verbatim:
			p.flush()
			p.fail(p.start, p.start, "CS1010", "Newline in constant")
			return
		default:
			p.text.WriteByte(c)
			p.pos++
		}
	}
	p.flush()
	p.fail(p.start, p.start, "CS1039", "Unterminated string literal")
}

// flush ends a run of literal text.
func (p *interpolationReader) flush() {
	if p.text.Len() == 0 {
		return
	}
	p.parts = append(p.parts, syntax.InterpolationPart{
		Span: span(syntax.Pos(p.textFrom), syntax.Pos(p.pos)), Text: joinSurrogates(p.text.String()),
	})
	p.text.Reset()
}

// hole reads {expression,alignment:format} and keeps the range of expression and alignment.
func (p *interpolationReader) hole() {
	p.pos++
	from := p.pos
	p.skipHole()
	part := syntax.InterpolationPart{Span: span(syntax.Pos(from), syntax.Pos(p.pos)), Text: p.src[from:p.pos], Hole: true}
	if p.peek(0) == ':' {
		p.pos++
		part.Format, part.HasFormat = p.format(), true
	}
	p.parts = append(p.parts, part)
	if p.peek(0) == '}' {
		p.pos++
		return
	}
	if p.pos < p.end {
		// The place that the C# compiler gives is one to the left of the brace.
		p.fail(from-2, from, "CS8076", "Missing close delimiter '}' for interpolated expression started with '{'.")
		p.pos++
	}
}

// skipHole skips the expression of a hole, to the colon of its format or to its closing brace: both count
// only outside of brackets, and quotes are skipped as C# reads them.
func (p *interpolationReader) skipHole() {
	depth := 0
	inner := &lexer{src: p.src, pos: p.pos, end: p.end, holes: p.holes + 1, diags: &syntax.Diagnostics{}}
	if inner.holes > MaxInterpolation {
		p.fail(p.pos, p.pos, codeLimit, "Interpolated strings are nested more than %d levels deep (limit expression-interpolation).",
			MaxInterpolation)
		p.pos = p.end
		return
	}
	for tokens := 0; ; tokens++ {
		inner.skipTrivia()
		at := inner.pos
		t := inner.next()
		switch t.Kind {
		case syntax.EOF:
			// What is wrong with a hole that is not closed is for the parser to say, where there is more than one token.
			p.failed = p.failed || tokens > 1
			p.pos = p.end
			return
		case syntax.LParen, syntax.LBracket, syntax.LBrace:
			depth++
		case syntax.RParen, syntax.RBracket, syntax.RBrace:
			if t.Kind == syntax.RBrace && depth == 0 {
				p.pos = at
				return
			}
			depth--
		case syntax.Colon, syntax.ColonColon:
			if depth <= 0 && !(t.Kind == syntax.ColonColon && strings.HasSuffix(p.src[:at], "global")) {
				p.pos = at
				return
			}
		}
	}
}

// format reads the format of a hole up to its closing brace.
func (p *interpolationReader) format() string {
	var b strings.Builder
	for p.pos < p.end {
		switch c := p.src[p.pos]; {
		case c == '}' && p.peek(1) == '}', c == '{' && p.peek(1) == '{':
			b.WriteByte(c)
			p.pos += 2
		case c == '{':
			p.fail(p.pos, p.pos+1, "CS1056", "Unexpected character '{'")
			p.pos++
		case c == '}':
			return b.String()
		case c == '"' && p.verbatim && p.peek(1) == '"':
			b.WriteByte('"')
			p.pos += 2
		case c == '"':
			return b.String()
		case c == '\\' && !p.verbatim:
			p.escape(&b)
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
	return b.String()
}
