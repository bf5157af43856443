package syntax

// isLambda reports whether a lambda or an anonymous method begins here.
func (p *parser) isLambda() bool {
	n := 0
	if p.isWord(0, "async") && (p.peek(1).Kind == Ident || p.peek(1).Kind == LParen || p.peek(1).Kind == KwDelegate) {
		n = 1
	}
	switch p.peek(n).Kind {
	case KwDelegate:
		return true
	case Ident:
		return p.peek(n+1).Kind == FatArrow
	case LParen:
		return p.arrowAfterParens(n)
	}
	return false
}

// arrowAfterParens reports whether => follows the parenthesis that closes the one n tokens ahead.
func (p *parser) arrowAfterParens(n int) bool {
	depth := 0
	for i := p.pos + n; i < len(p.tokens); i++ {
		switch p.tokens[i].Kind {
		case LParen:
			depth++
		case RParen:
			if depth--; depth == 0 {
				return i+1 < len(p.tokens) && p.tokens[i+1].Kind == FatArrow
			}
		case Semicolon, LBrace, RBrace, EOF:
			return false
		}
	}
	return false
}

// lambda reads a lambda or an anonymous method.
func (p *parser) lambda() Expr {
	start := p.start()
	x := &LambdaExpr{}
	if p.isWord(0, "async") && p.peek(1).Kind != FatArrow {
		p.advance()
		x.Async = true
	}
	if p.kind() == KwDelegate {
		return p.anonymousMethod(start, x)
	}
	if p.kind() == Ident {
		n := p.name()
		x.Params = []Param{{Span: n.Span, Name: n}}
	} else {
		x.Params = p.lambdaParams()
	}
	x.Arrow = p.expect(FatArrow).Span
	if p.kind() == LBrace {
		x.Block = p.lambdaBlock()
	} else {
		x.Body = p.expr()
	}
	x.Span = p.from(start)
	return x
}

// lambdaBlock reads the block of a lambda; the words of a query around it mean nothing there.
func (p *parser) lambdaBlock() *BlockStmt {
	outer := p.inQuery
	p.inQuery = 0
	b := p.block()
	p.inQuery = outer
	return b
}

func (p *parser) anonymousMethod(start Pos, x *LambdaExpr) Expr {
	x.Arrow = p.expect(KwDelegate).Span
	x.AnonymousMethod = true
	if p.kind() == LParen {
		x.Params = p.params(RParen)
	} else {
		x.NoParams = true
	}
	x.Block = p.lambdaBlock()
	x.Span = p.from(start)
	return x
}

// lambdaParams reads (a, b) or (int a, out int b).
func (p *parser) lambdaParams() []Param {
	p.expect(LParen)
	var list []Param
	for p.kind() != RParen && p.kind() != EOF {
		start := p.start()
		var one Param
		if k := p.kind(); k == KwRef || k == KwOut || k == KwIn {
			one.Mode = p.advance().Kind
		}
		if next := p.peek(1).Kind; p.kind() != Ident || next != Comma && next != RParen {
			one.Type = p.parseType()
		}
		one.Name = p.name()
		one.Span = p.from(start)
		list = append(list, one)
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(RParen)
	return list
}

// params reads the parameters of a local function or a signature, between ( or [ and closing.
func (p *parser) params(closing Kind) []Param {
	p.advance()
	var list []Param
	for p.kind() != closing && p.kind() != EOF {
		start := p.start()
		var one Param
		switch k := p.kind(); k {
		case KwRef, KwOut, KwIn, KwParams, KwThis:
			one.Mode = p.advance().Kind
		}
		one.Type = p.parseType()
		one.Name = p.name()
		if p.accept(Assign) {
			one.Default = p.expr()
		}
		one.Span = p.from(start)
		list = append(list, one)
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(closing)
	return list
}
