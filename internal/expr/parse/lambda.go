package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// isLambda reports whether a lambda or an anonymous method begins here.
func (p *parser) isLambda() bool {
	n := 0
	if p.isWord(0, "async") && (p.peek(1).Kind == syntax.Ident || p.peek(1).Kind == syntax.LParen || p.peek(1).Kind == syntax.KwDelegate) {
		n = 1
	}
	switch p.peek(n).Kind {
	case syntax.KwDelegate:
		return true
	case syntax.Ident:
		return p.peek(n+1).Kind == syntax.FatArrow
	case syntax.LParen:
		return p.arrowAfterParens(n)
	}
	return false
}

// arrowAfterParens reports whether => follows the parenthesis that closes the one n tokens ahead.
func (p *parser) arrowAfterParens(n int) bool {
	depth := 0
	for i := p.pos + n; i < len(p.tokens); i++ {
		switch p.tokens[i].Kind {
		case syntax.LParen:
			depth++
		case syntax.RParen:
			if depth--; depth == 0 {
				return i+1 < len(p.tokens) && p.tokens[i+1].Kind == syntax.FatArrow
			}
		case syntax.Semicolon, syntax.LBrace, syntax.RBrace, syntax.EOF:
			return false
		}
	}
	return false
}

// lambda reads a lambda or an anonymous method.
func (p *parser) lambda() syntax.Expr {
	start := p.start()
	x := &syntax.LambdaExpr{}
	if p.isWord(0, "async") && p.peek(1).Kind != syntax.FatArrow {
		p.advance()
		x.Async = true
	}
	if p.kind() == syntax.KwDelegate {
		return p.anonymousMethod(start, x)
	}
	if p.kind() == syntax.Ident {
		n := p.name()
		x.Params = []syntax.Param{{Span: n.Span, Name: n}}
	} else {
		x.Params = p.lambdaParams()
	}
	x.Arrow = p.expect(syntax.FatArrow).Span
	if p.kind() == syntax.LBrace {
		x.Block = p.lambdaBlock()
	} else {
		x.Body = p.expr()
	}
	x.Span = p.from(start)
	return x
}

// lambdaBlock reads the block of a lambda; the words of a query around it mean nothing there.
func (p *parser) lambdaBlock() *syntax.BlockStmt {
	outer := p.inQuery
	p.inQuery = 0
	b := p.block()
	p.inQuery = outer
	return b
}

func (p *parser) anonymousMethod(start syntax.Pos, x *syntax.LambdaExpr) syntax.Expr {
	x.Arrow = p.expect(syntax.KwDelegate).Span
	x.AnonymousMethod = true
	if p.kind() == syntax.LParen {
		x.Params = p.params(syntax.RParen)
	} else {
		x.NoParams = true
	}
	x.Block = p.lambdaBlock()
	x.Span = p.from(start)
	return x
}

// lambdaParams reads (a, b) or (int a, out int b).
func (p *parser) lambdaParams() []syntax.Param {
	p.expect(syntax.LParen)
	var list []syntax.Param
	for p.kind() != syntax.RParen && p.kind() != syntax.EOF {
		start := p.start()
		var one syntax.Param
		if k := p.kind(); k == syntax.KwRef || k == syntax.KwOut || k == syntax.KwIn {
			one.Mode = p.advance().Kind
		}
		if next := p.peek(1).Kind; p.kind() != syntax.Ident || next != syntax.Comma && next != syntax.RParen {
			one.Type = p.parseType()
		}
		one.Name = p.name()
		one.Span = p.from(start)
		list = append(list, one)
		if !p.accept(syntax.Comma) {
			break
		}
		if p.kind() == syntax.RParen {
			p.name() // Reports that it is missing.
		}
	}
	p.expect(syntax.RParen)
	return list
}

// params reads the parameters of a local function or a signature, between ( or [ and closing.
func (p *parser) params(closing syntax.Kind) []syntax.Param {
	p.advance()
	var list []syntax.Param
	for p.kind() != closing && p.kind() != syntax.EOF && p.kind() != syntax.LBrace {
		start := p.start()
		var one syntax.Param
		switch k := p.kind(); k {
		case syntax.KwRef, syntax.KwOut, syntax.KwIn, syntax.KwParams, syntax.KwThis:
			one.Mode = p.advance().Kind
		}
		one.Type = p.parseType()
		one.Name = p.name()
		if p.accept(syntax.Assign) {
			one.Default = p.expr()
		}
		one.Span = p.from(start)
		list = append(list, one)
		if !p.accept(syntax.Comma) {
			break
		}
	}
	p.expect(closing)
	return list
}
