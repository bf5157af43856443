package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// primary reads an expression that no operator begins or ends.
func (p *parser) primary() syntax.Expr {
	start := p.start()
	switch k := p.kind(); k {
	case syntax.IntLit, syntax.RealLit, syntax.CharLit, syntax.StringLit, syntax.KwTrue, syntax.KwFalse, syntax.KwNull:
		return p.literal()
	case syntax.InterpolatedLit:
		return p.interpolation()
	case syntax.Ident:
		if p.isQueryWord() {
			return p.missingExpr()
		}
		if p.isWord(0, "var") && p.peek(1).Kind == syntax.LParen {
			if d := p.declaration(syntax.Assign, syntax.Assign); d != nil {
				return d
			}
		}
		return p.identifier()
	case syntax.LParen:
		return p.parenthesised()
	case syntax.KwNew:
		return p.creation()
	case syntax.KwThis, syntax.KwBase:
		p.advance()
		return &syntax.ThisExpr{Span: p.from(start), Base: k == syntax.KwBase}
	case syntax.KwTypeof:
		t := p.keywordType()
		return &syntax.TypeofExpr{Span: p.from(start), Type: t}
	case syntax.KwSizeof:
		t := p.keywordType()
		return &syntax.SizeofExpr{Span: p.from(start), Type: t}
	case syntax.KwDefault:
		if p.peek(1).Kind != syntax.LParen {
			p.advance()
			return &syntax.DefaultExpr{Span: p.from(start)}
		}
		t := p.keywordType()
		return &syntax.DefaultExpr{Span: p.from(start), Type: t}
	case syntax.KwChecked, syntax.KwUnchecked:
		p.advance()
		p.expect(syntax.LParen)
		x := p.expr()
		p.expect(syntax.RParen)
		return &syntax.CheckedExpr{Span: p.from(start), Checked: k == syntax.KwChecked, X: x}
	case syntax.KwStackalloc:
		return p.stackAlloc()
	}
	if isPredefinedType(p.kind()) {
		return p.predefined()
	}
	return p.missingExpr()
}

// missingExpr reports that an expression is missing.
func (p *parser) missingExpr() syntax.Expr {
	at := p.start()
	switch {
	case p.kind() == syntax.LBracket:
		p.newer(p.tok().Span, "collection expressions", "12.0")
		p.skipBrackets()
		return &syntax.BadExpr{Span: p.from(at)}
	case p.kind() == syntax.EOF && (p.openComment || p.holes > 0):
		p.report(p.endSpan(), "CS1733", "Expected expression")
	case p.kind() == syntax.EOF:
		p.report(p.endSpan(), "CS1525", "Invalid expression term ')'")
	default:
		p.reportTokenHere("CS1525", "Invalid expression term '%s'", p.tok().Text)
		if p.kind() == syntax.Invalid {
			p.advance()
		}
	}
	return &syntax.BadExpr{Span: span(at, at)}
}

// reportTokenHere reports an error about the current token itself.
func (p *parser) reportTokenHere(code, format string, args ...any) {
	p.report(p.tok().Span, code, format, args...)
}

// skipBrackets goes over [ … ].
func (p *parser) skipBrackets() {
	depth := 0
	for p.kind() != syntax.EOF {
		switch p.advance().Kind {
		case syntax.LBracket:
			depth++
		case syntax.RBracket:
			if depth--; depth == 0 {
				return
			}
		}
	}
}

func (p *parser) literal() syntax.Expr {
	t := p.advance()
	if t.Kind == syntax.StringLit && t.Text == `""` && p.kind() == syntax.StringLit && p.start() == t.End {
		p.newer(t.Span, "raw string literals", "11.0")
		for p.kind() == syntax.StringLit && p.start() == p.lastEnd() {
			p.advance()
		}
	}
	return &syntax.LiteralExpr{Span: t.Span, Kind: t.Kind, Text: t.Text, Value: t.Value}
}

// keywordType reads typeof(T) and its like.
func (p *parser) keywordType() syntax.Type {
	p.advance()
	p.expect(syntax.LParen)
	t := p.parseType()
	p.expect(syntax.RParen)
	return t
}

func (p *parser) stackAlloc() syntax.Expr {
	start := p.start()
	p.advance()
	p.parseType()
	if p.kind() == syntax.LBracket {
		p.skipBrackets()
	}
	return &syntax.StackAllocExpr{Span: p.from(start)}
}

// predefined reads int.Parse and its like: a keyword type with a member.
func (p *parser) predefined() syntax.Expr {
	start := p.start()
	k := p.advance().Kind
	x := &syntax.PredefinedType{Span: p.from(start), Kind: k}
	if p.kind() != syntax.Dot {
		p.report(x.Span, "CS1525", "Invalid expression term '%s'", k)
	}
	return &syntax.TypeExpr{Span: x.Span, Type: x}
}

// identifier reads a simple name, with type arguments where the tokens after them say so.
func (p *parser) identifier() syntax.Expr {
	start := p.start()
	if p.isWord(0, "global") && p.peek(1).Kind == syntax.ColonColon {
		p.advance()
		p.advance()
		n := p.name()
		args := p.optionalTypeArgs()
		return &syntax.IdentExpr{Span: p.from(start), Name: n, Args: args}
	}
	n := p.name()
	args := p.optionalTypeArgs()
	return &syntax.IdentExpr{Span: p.from(start), Name: n, Args: args}
}

// optionalTypeArgs reads type arguments in an expression, or nothing.
func (p *parser) optionalTypeArgs() []syntax.Type {
	if p.kind() != syntax.Less || !p.isGenericName() {
		return nil
	}
	return p.typeArgs()
}

// parenthesised reads (x) or a tuple.
func (p *parser) parenthesised() syntax.Expr {
	start := p.start()
	p.expect(syntax.LParen)
	first := p.tupleElem()
	if p.kind() != syntax.Comma && first.Name.Text == "" {
		if d, ok := first.Value.(*syntax.DeclarationExpr); ok {
			p.report(d.Designation.Span, "CS1026", ") expected")
		}
		p.expect(syntax.RParen)
		return &syntax.ParenExpr{Span: p.from(start), X: first.Value}
	}
	t := &syntax.TupleExpr{Elems: []syntax.Argument{first}}
	for p.accept(syntax.Comma) {
		t.Elems = append(t.Elems, p.tupleElem())
	}
	p.expect(syntax.RParen)
	t.Span = p.from(start)
	if len(t.Elems) < 2 {
		p.report(t.Span, "CS8124", "Tuple must contain at least two elements.")
	}
	return t
}

// tupleElem reads an element of a tuple or of a deconstruction's target.
func (p *parser) tupleElem() syntax.Argument {
	start := p.start()
	var a syntax.Argument
	if p.kind() == syntax.Ident && p.peek(1).Kind == syntax.Colon {
		a.Name = p.name()
		p.advance()
	}
	if d := p.declaration(syntax.Comma, syntax.RParen); d != nil {
		a.Value = d
	} else {
		a.Value = p.expr()
	}
	a.Span = p.from(start)
	return a
}

// declaration reads `T x` or `var (x, y)` where one stands, ended by one of two tokens, else nil.
func (p *parser) declaration(end1, end2 syntax.Kind) syntax.Expr {
	m := p.mark()
	start := p.start()
	if p.isWord(0, "var") && p.peek(1).Kind == syntax.LParen {
		t := p.namedVar()
		d, ok := p.designations()
		if ok && (p.kind() == end1 || p.kind() == end2 || p.kind() == syntax.KwIn || p.kind() == syntax.Assign) {
			return &syntax.DeclarationExpr{Span: p.from(start), Type: t, Designation: d}
		}
		p.reset(m)
		return nil
	}
	if p.scanType() == notType || p.kind() != syntax.Ident {
		p.reset(m)
		return nil
	}
	if k := p.peek(1).Kind; k != end1 && k != end2 {
		p.reset(m)
		return nil
	}
	p.reset(m)
	t := p.parseType()
	n := p.name()
	return &syntax.DeclarationExpr{Span: p.from(start), Type: t, Designation: syntax.Designation{Span: n.Span, Name: n}}
}

// namedVar reads the word var as a type.
func (p *parser) namedVar() syntax.Type {
	t := p.advance()
	return &syntax.NamedType{Span: t.Span, Name: syntax.Name{Span: t.Span, Text: t.Text}}
}

// designations reads (x, (y, _)) and reports whether it is one.
func (p *parser) designations() (syntax.Designation, bool) {
	start := p.start()
	if !p.enter() {
		return syntax.Designation{}, false
	}
	defer p.leave()
	if p.kind() == syntax.Ident {
		n := p.name()
		return syntax.Designation{Span: n.Span, Name: n}, true
	}
	var d syntax.Designation
	if !p.accept(syntax.LParen) {
		return d, false
	}
	for {
		one, ok := p.designations()
		if !ok {
			return d, false
		}
		d.List = append(d.List, one)
		if !p.accept(syntax.Comma) {
			break
		}
	}
	ok := p.accept(syntax.RParen) && len(d.List) >= 2
	d.Span = p.from(start)
	return d, ok
}

// interpolation parses the holes of an interpolated string.
func (p *parser) interpolation() syntax.Expr {
	t := p.advance()
	x := &syntax.InterpolatedExpr{Span: t.Span, Parts: t.Parts}
	for i := range x.Parts {
		part := &x.Parts[i]
		if !part.Hole {
			continue
		}
		inner := newParser(p.src, int(part.Start), int(part.End), p.depth+1, p.holes+1, p.diags)
		if inner.kind() == syntax.EOF {
			p.report(span(part.Start, part.Start), "CS1733", "Expected expression")
			part.Expr = &syntax.BadExpr{Span: part.Span}
			continue
		}
		part.Expr = inner.expr()
		if inner.accept(syntax.Comma) {
			part.Alignment = inner.conditional()
		}
		if inner.kind() != syntax.EOF {
			// The place that the C# compiler gives is the token before.
			inner.report(inner.tokens[max(inner.pos-1, 0)].Span, "CS1073", "Unexpected token '%s'", inner.tok().Text)
		}
	}
	return x
}
