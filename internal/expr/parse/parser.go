package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// parser reads tokens by recursive descent. Where C# needs to look ahead further than one token, it marks a
// place, scans, and comes back.
type parser struct {
	src    string
	tokens []syntax.Token
	pos    int
	depth  int
	// holes is the number of interpolated strings around.
	holes int
	diags *syntax.Diagnostics
	// tooDeep says that the nesting limit has been reported and the rest is skipped.
	tooDeep bool
	// openComment says that a comment runs to the end of the text, from comment on.
	openComment bool
	comment     int
	// inQuery counts the query expressions around: in them some names are keywords.
	inQuery int
	// lastError is the place of the last error about a token, so that one mistake is reported once.
	lastError syntax.Pos
	// lastComma is the token before which a comma was last missing, plus one: a list ends where none was read since.
	lastComma int
}

func newParser(src string, start, end, depth, holes int, diags *syntax.Diagnostics) *parser {
	p := &parser{src: src, depth: depth, holes: holes, diags: diags, lastError: -1}
	l := &lexer{src: src, pos: start, end: end, holes: holes, diags: diags}
	p.tokens = l.tokenize()
	p.openComment, p.comment = l.openComment, l.comment
	return p
}

// Source reads the text of one policy expression: the statements of @{…} where block, else the expression of
// @(…). It reports every error to diags and always returns a tree.
func Source(code string, block bool, diags *syntax.Diagnostics) *syntax.Unit {
	if len(code) > MaxSource {
		diags.Report(syntax.Span{}, codeLimit, "The expression is longer than %d bytes (limit expression-length).", MaxSource)
		return &syntax.Unit{X: &syntax.BadExpr{}}
	}
	p := newParser(code, 0, len(code), 0, 0, diags)
	if block {
		return &syntax.Unit{Block: p.wholeBlock()}
	}
	return &syntax.Unit{X: p.wholeExpr()}
}

// wholeExpr reads an expression that is all there is. Policies wrap it in return ( … );, and the errors are
// those of a compiler that sees it wrapped so.
func (p *parser) wholeExpr() syntax.Expr {
	x := p.expr()
	switch {
	case p.kind() == syntax.EOF && p.openComment:
		at := syntax.Pos(p.comment)
		p.report(span(at, at), "CS1035", "End-of-file found, '*/' expected")
	case p.kind() == syntax.EOF || p.tooDeep:
	case p.kind() == syntax.RParen:
		p.report(p.endSpan(), "CS1002", "; expected")
	default:
		p.reportToken("CS1026", ") expected")
	}
	return x
}

// wholeBlock reads statements up to the end.
func (p *parser) wholeBlock() *syntax.BlockStmt {
	b := &syntax.BlockStmt{Span: span(0, syntax.Pos(len(p.src))), Close: p.endSpan()}
	for p.kind() != syntax.EOF && !p.tooDeep {
		if p.kind() == syntax.RBrace {
			p.report(p.endSpan(), "CS1022", "Type or namespace definition, or end-of-file expected")
			return b
		}
		if !p.startsStatement() {
			if p.kind() == syntax.KwCase {
				p.reportToken("CS1003", "Syntax error, 'switch' expected")
			}
			p.reportToken("CS1513", "} expected")
			return b
		}
		b.List = append(b.List, p.statement())
	}
	if p.openComment {
		at := syntax.Pos(p.comment)
		p.report(span(at, at), "CS1035", "End-of-file found, '*/' expected")
	}
	return b
}

func (p *parser) tok() *syntax.Token { return &p.tokens[p.pos] }

func (p *parser) kind() syntax.Kind { return p.tokens[p.pos].Kind }

// peek returns the token n places ahead, EOF beyond the end.
func (p *parser) peek(n int) *syntax.Token {
	return &p.tokens[min(p.pos+n, len(p.tokens)-1)]
}

// advance returns the current token and goes on to the next.
func (p *parser) advance() syntax.Token {
	t := p.tokens[p.pos]
	if t.Kind != syntax.EOF {
		p.pos++
	}
	return t
}

// accept goes on where the current token is of that kind.
func (p *parser) accept(k syntax.Kind) bool {
	if p.kind() != k {
		return false
	}
	p.advance()
	return true
}

// isWord reports whether the token n places ahead is that contextual keyword.
func (p *parser) isWord(n int, word string) bool {
	t := p.peek(n)
	return t.Kind == syntax.Ident && !t.Verbatim && t.Text == word
}

// start is where the current token begins.
func (p *parser) start() syntax.Pos { return p.tok().Start }

// from returns the span from start to the end of the last token read.
func (p *parser) from(start syntax.Pos) syntax.Span { return span(start, max(start, p.lastEnd())) }

// lastEnd is where the last token read ends.
func (p *parser) lastEnd() syntax.Pos {
	if p.pos == 0 {
		return p.start()
	}
	return p.tokens[p.pos-1].End
}

// endSpan is the empty span after the last token of the text.
func (p *parser) endSpan() syntax.Span {
	if len(p.tokens) < 2 {
		return syntax.Span{}
	}
	end := p.tokens[len(p.tokens)-2].End
	return span(end, end)
}

// report adds an error unless one has been reported at the same place.
func (p *parser) report(at syntax.Span, code, format string, args ...any) {
	if at.Start == p.lastError || p.tooDeep {
		return
	}
	p.lastError = at.Start
	p.diags.Report(at, code, format, args...)
}

// newer reports a construct of a later version of C#.
func (p *parser) newer(at syntax.Span, feature, version string) {
	p.report(at, "CS8370", "Feature '%s' is not available in C# 7.3. Please use language version %s or greater.", feature, version)
}

// reportToken reports that something is missing before the current token: at the token where it stands in
// the same line as the one before, after the one before otherwise, as the C# compiler does.
func (p *parser) reportToken(code, format string, args ...any) {
	p.report(p.missingSpan(), code, format, args...)
}

func (p *parser) missingSpan() syntax.Span {
	t := p.tok()
	if t.Kind == syntax.EOF {
		return p.endSpan()
	}
	if p.pos == 0 {
		return t.Span
	}
	end := p.tokens[p.pos-1].End
	for _, c := range []byte(p.src[end:t.Start]) {
		if c == '\n' || c == '\r' {
			return span(end, end)
		}
	}
	return t.Span
}

// expect goes over a token of that kind, or reports that it is missing.
func (p *parser) expect(k syntax.Kind) syntax.Token {
	if p.kind() == k {
		return p.advance()
	}
	switch k {
	case syntax.Semicolon:
		p.reportToken("CS1002", "; expected")
	case syntax.RParen:
		p.reportToken("CS1026", ") expected")
	case syntax.RBrace:
		p.reportToken("CS1513", "} expected")
	case syntax.LBrace:
		p.reportToken("CS1514", "{ expected")
	case syntax.KwIn:
		p.reportToken("CS1515", "'in' expected")
	default:
		p.reportToken("CS1003", "Syntax error, '%s' expected", k)
	}
	at := p.missingSpan().Start
	return syntax.Token{Kind: k, Span: span(at, at)}
}

// nextItem goes over the comma of a list and reports whether another element follows. Where one follows without a
// comma, the comma is what is missing; a token that no element begins with after all ends the list.
func (p *parser) nextItem() bool {
	if p.accept(syntax.Comma) {
		return true
	}
	if !startsExpr(p.kind()) || p.tooDeep || p.lastComma == p.pos+1 {
		return false
	}
	p.lastComma = p.pos + 1
	p.reportToken("CS1003", "Syntax error, ',' expected")
	return true
}

// name reads an identifier, or reports that it is missing.
func (p *parser) name() syntax.Name {
	if p.kind() == syntax.Ident {
		t := p.advance()
		return syntax.Name{Span: t.Span, Text: t.Text, Verbatim: t.Verbatim}
	}
	p.reportToken("CS1001", "Identifier expected")
	at := p.missingSpan().Start
	return syntax.Name{Span: span(at, at)}
}

// enter goes one level deeper, and false means that the limit is reached: the rest is skipped.
func (p *parser) enter() bool {
	p.depth++
	if p.depth <= MaxDepth && !p.tooDeep {
		return true
	}
	p.stop("The expression is nested more than %d levels deep (limit expression-nesting).", MaxDepth)
	return false
}

// stop reports that a limit is exceeded and skips the rest of the text.
func (p *parser) stop(format string, limit int) {
	if !p.tooDeep {
		p.report(p.tok().Span, codeLimit, format, limit)
		p.tooDeep = true
		p.pos = len(p.tokens) - 1
	}
}

func (p *parser) leave() { p.depth-- }

// mark is a place to come back to.
type mark struct {
	pos, errors int
	lastError   syntax.Pos
}

func (p *parser) mark() mark {
	return mark{pos: p.pos, errors: p.diags.Len(), lastError: p.lastError}
}

// reset comes back to a mark and forgets the errors since, but not that the nesting was too deep.
func (p *parser) reset(m mark) {
	if p.tooDeep {
		return
	}
	p.pos, p.lastError = m.pos, m.lastError
	p.diags.Truncate(m.errors)
}
