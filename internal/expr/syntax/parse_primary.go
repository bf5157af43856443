package syntax

// primary reads an expression that no operator begins or ends.
func (p *parser) primary() Expr {
	start := p.start()
	switch k := p.kind(); k {
	case IntLit, RealLit, CharLit, StringLit, KwTrue, KwFalse, KwNull:
		return p.literal()
	case InterpolatedLit:
		return p.interpolation()
	case Ident:
		if p.isWord(0, "var") && p.peek(1).Kind == LParen {
			if d := p.declaration(Assign, Assign); d != nil {
				return d
			}
		}
		return p.identifier()
	case LParen:
		return p.parenthesised()
	case KwNew:
		return p.creation()
	case KwThis, KwBase:
		p.advance()
		return &ThisExpr{Span: p.from(start), Base: k == KwBase}
	case KwTypeof:
		t := p.keywordType()
		return &TypeofExpr{Span: p.from(start), Type: t}
	case KwSizeof:
		t := p.keywordType()
		return &SizeofExpr{Span: p.from(start), Type: t}
	case KwDefault:
		if p.peek(1).Kind != LParen {
			p.advance()
			return &DefaultExpr{Span: p.from(start)}
		}
		t := p.keywordType()
		return &DefaultExpr{Span: p.from(start), Type: t}
	case KwChecked, KwUnchecked:
		p.advance()
		p.expect(LParen)
		x := p.expr()
		p.expect(RParen)
		return &CheckedExpr{Span: p.from(start), Checked: k == KwChecked, X: x}
	case KwStackalloc:
		return p.stackAlloc()
	}
	if isPredefinedType(p.kind()) {
		return p.predefined()
	}
	return p.missingExpr()
}

// missingExpr reports that an expression is missing.
func (p *parser) missingExpr() Expr {
	at := p.start()
	switch {
	case p.kind() == LBracket:
		p.report(p.tok().Span, "CS8370", "Feature 'collection expressions' is not available in C# 7.3. Please use language version 12.0 or greater.")
		p.skipBrackets()
		return &BadExpr{Span: p.from(at)}
	case p.kind() == EOF && p.openComment:
		p.report(p.endSpan(), "CS1733", "Expected expression")
	case p.kind() == EOF:
		p.report(p.endSpan(), "CS1525", "Invalid expression term ')'")
	default:
		p.reportTokenHere("CS1525", "Invalid expression term '%s'", p.tok().Text)
		if p.kind() == Invalid {
			p.advance()
		}
	}
	return &BadExpr{Span: Span{at, at}}
}

// reportTokenHere reports an error about the current token itself.
func (p *parser) reportTokenHere(code, format string, args ...any) {
	p.report(p.tok().Span, code, format, args...)
}

// skipBrackets goes over [ … ].
func (p *parser) skipBrackets() {
	depth := 0
	for p.kind() != EOF {
		switch p.advance().Kind {
		case LBracket:
			depth++
		case RBracket:
			if depth--; depth == 0 {
				return
			}
		}
	}
}

func (p *parser) literal() Expr {
	t := p.advance()
	if t.Kind == StringLit && t.Text == `""` && p.kind() == StringLit && p.start() == t.End {
		p.report(t.Span, "CS8370", "Feature 'raw string literals' is not available in C# 7.3. Please use language version 11.0 or greater.")
		for p.kind() == StringLit && p.start() == p.lastEnd() {
			p.advance()
		}
	}
	return &LiteralExpr{Span: t.Span, Kind: t.Kind, Text: t.Text, Value: t.Value}
}

// keywordType reads typeof(T) and its like.
func (p *parser) keywordType() Type {
	p.advance()
	p.expect(LParen)
	t := p.parseType()
	p.expect(RParen)
	return t
}

func (p *parser) stackAlloc() Expr {
	start := p.start()
	p.advance()
	p.parseType()
	if p.kind() == LBracket {
		p.skipBrackets()
	}
	return &StackAllocExpr{Span: p.from(start)}
}

// predefined reads int.Parse and its like: a keyword type with a member.
func (p *parser) predefined() Expr {
	start := p.start()
	k := p.advance().Kind
	x := &PredefinedType{Span: p.from(start), Kind: k}
	if p.kind() != Dot {
		p.report(x.Span, "CS1525", "Invalid expression term '%s'", k)
	}
	return &TypeExpr{Span: x.Span, Type: x}
}

// identifier reads a simple name, with type arguments where the tokens after them say so.
func (p *parser) identifier() Expr {
	start := p.start()
	if p.isWord(0, "global") && p.peek(1).Kind == ColonColon {
		p.advance()
		p.advance()
		n := p.name()
		return &TypeExpr{Span: p.from(start), Type: &NamedType{Span: p.from(start), Name: n, Global: true}}
	}
	n := p.name()
	args := p.optionalTypeArgs()
	return &IdentExpr{Span: p.from(start), Name: n, Args: args}
}

// optionalTypeArgs reads type arguments in an expression, or nothing.
func (p *parser) optionalTypeArgs() []Type {
	if p.kind() != Less || !p.isGenericName() {
		return nil
	}
	return p.typeArgs()
}

// parenthesised reads (x) or a tuple.
func (p *parser) parenthesised() Expr {
	start := p.start()
	p.expect(LParen)
	first := p.tupleElem()
	if p.kind() != Comma && first.Name.Text == "" {
		if d, ok := first.Value.(*DeclarationExpr); ok {
			p.report(d.Designation.Span, "CS1026", ") expected")
		}
		p.expect(RParen)
		return &ParenExpr{Span: p.from(start), X: first.Value}
	}
	t := &TupleExpr{Elems: []Argument{first}}
	for p.accept(Comma) {
		t.Elems = append(t.Elems, p.tupleElem())
	}
	p.expect(RParen)
	t.Span = p.from(start)
	if len(t.Elems) < 2 {
		p.report(t.Span, "CS8124", "Tuple must contain at least two elements.")
	}
	return t
}

// tupleElem reads an element of a tuple or of a deconstruction's target.
func (p *parser) tupleElem() Argument {
	start := p.start()
	var a Argument
	if p.kind() == Ident && p.peek(1).Kind == Colon {
		a.Name = p.name()
		p.advance()
	}
	if d := p.declaration(Comma, RParen); d != nil {
		a.Value = d
	} else {
		a.Value = p.expr()
	}
	a.Span = p.from(start)
	return a
}

// declaration reads `T x` or `var (x, y)` where one stands, ended by one of two tokens, else nil.
func (p *parser) declaration(end1, end2 Kind) Expr {
	m := p.mark()
	start := p.start()
	if p.isWord(0, "var") && p.peek(1).Kind == LParen {
		t := p.namedVar()
		d, ok := p.designations()
		if ok && (p.kind() == end1 || p.kind() == end2 || p.kind() == KwIn || p.kind() == Assign) {
			return &DeclarationExpr{Span: p.from(start), Type: t, Designation: d}
		}
		p.reset(m)
		return nil
	}
	if p.scanType() == notType || p.kind() != Ident {
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
	return &DeclarationExpr{Span: p.from(start), Type: t, Designation: Designation{Span: n.Span, Name: n}}
}

// namedVar reads the word var as a type.
func (p *parser) namedVar() Type {
	t := p.advance()
	return &NamedType{Span: t.Span, Name: Name{Span: t.Span, Text: t.Text}}
}

// designations reads (x, (y, _)) and reports whether it is one.
func (p *parser) designations() (Designation, bool) {
	start := p.start()
	if !p.enter() {
		return Designation{}, false
	}
	defer p.leave()
	if p.kind() == Ident {
		n := p.name()
		return Designation{Span: n.Span, Name: n}, true
	}
	var d Designation
	if !p.accept(LParen) {
		return d, false
	}
	for {
		one, ok := p.designations()
		if !ok {
			return d, false
		}
		d.List = append(d.List, one)
		if !p.accept(Comma) {
			break
		}
	}
	ok := p.accept(RParen) && len(d.List) >= 2
	d.Span = p.from(start)
	return d, ok
}

// interpolation parses the holes of an interpolated string.
func (p *parser) interpolation() Expr {
	t := p.advance()
	x := &InterpolatedExpr{Span: t.Span, Parts: t.Parts}
	for i := range x.Parts {
		part := &x.Parts[i]
		if !part.Hole {
			continue
		}
		inner := newParser(p.src, int(part.Start), int(part.End), p.depth+1, p.diags)
		if inner.kind() == EOF {
			p.report(Span{part.Start, part.Start}, "CS1733", "Expected expression")
			part.Expr = &BadExpr{Span: part.Span}
			continue
		}
		part.Expr = inner.expr()
		if inner.accept(Comma) {
			part.Alignment = inner.conditional()
		}
		if inner.kind() != EOF {
			inner.reportToken("CS1073", "Unexpected token '%s'", inner.tok().Text)
		}
	}
	return x
}
