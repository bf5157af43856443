package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// postfix reads member accesses, calls, indexers, ++ and -- after a primary expression.
func (p *parser) postfix(x syntax.Expr) syntax.Expr {
	for links := 0; ; links++ {
		if links >= MaxChain {
			p.stop("The expression has a chain of more than %d accesses (limit expression-chain).", MaxChain)
			return x
		}
		start := x.Range().Start
		switch p.kind() {
		case syntax.Dot, syntax.LParen, syntax.LBracket:
			x = p.access(x)
		case syntax.Arrow:
			p.reportTokenHere("CS0214", "Pointers and fixed size buffers may only be used in an unsafe context")
			p.advance()
			n := p.name()
			x = &syntax.MemberExpr{Span: p.from(start), X: x, Name: n}
		case syntax.PlusPlus, syntax.MinusMinus:
			op := p.advance()
			x = &syntax.UnaryExpr{Span: p.from(start), Op: op.Kind, Postfix: true, X: x, OpSpan: op.Span}
		case syntax.Question:
			if k := p.peek(1).Kind; k != syntax.Dot && (k != syntax.LBracket || !p.isConditionalIndex()) {
				return x
			}
			x = p.conditionalAccess(x)
		case syntax.Bang:
			if !p.isSuppression() {
				return x
			}
			op := p.advance()
			p.newer(op.Span, "nullable reference types", "8.0")
		case syntax.KwSwitch:
			if p.peek(1).Kind != syntax.LBrace {
				return x
			}
			p.newer(p.tok().Span, "recursive patterns", "8.0")
			p.advance()
			p.skipBraces()
		default:
			return x
		}
	}
}

// isSuppression reports whether ! is the postfix operator of later versions: no operand can follow.
func (p *parser) isSuppression() bool {
	switch p.peek(1).Kind {
	case syntax.Dot, syntax.Semicolon, syntax.RParen, syntax.Comma, syntax.LBracket, syntax.RBracket, syntax.RBrace:
		return true
	}
	return false
}

// isConditionalIndex reports whether ?[ is an indexer: C# 7 has no expression that begins with a bracket.
func (p *parser) isConditionalIndex() bool { return p.peek(1).Kind == syntax.LBracket }

// skipBraces goes over { … }.
func (p *parser) skipBraces() {
	depth := 0
	for p.kind() != syntax.EOF {
		switch p.advance().Kind {
		case syntax.LBrace:
			depth++
		case syntax.RBrace:
			if depth--; depth == 0 {
				return
			}
		}
	}
}

// access reads one .Name, (args) or [args].
func (p *parser) access(x syntax.Expr) syntax.Expr {
	start := x.Range().Start
	switch p.kind() {
	case syntax.Dot:
		p.advance()
		n := p.name()
		args := p.optionalTypeArgs()
		return &syntax.MemberExpr{Span: p.from(start), X: x, Name: n, Args: args}
	case syntax.LParen:
		args, end := p.arguments(syntax.LParen, syntax.RParen)
		return &syntax.CallExpr{Span: p.from(start), Fun: x, Args: args, Close: end}
	default:
		args, _ := p.arguments(syntax.LBracket, syntax.RBracket)
		return &syntax.IndexExpr{Span: p.from(start), X: x, Args: args}
	}
}

// conditionalAccess reads ?.a.b(c)[d] as one chain that runs only where x is not null.
func (p *parser) conditionalAccess(x syntax.Expr) syntax.Expr {
	if !p.enter() {
		return x
	}
	defer p.leave()
	q := p.advance()
	var then syntax.Expr = &syntax.BindingExpr{Span: span(q.End, q.End)}
	then = p.access(then)
	for links := 0; ; links++ {
		switch p.kind() {
		case syntax.Dot, syntax.LParen, syntax.LBracket:
			then = p.access(then)
			if links < MaxChain {
				continue
			}
			p.stop("The expression has a chain of more than %d accesses (limit expression-chain).", MaxChain)
		case syntax.Question:
			if k := p.peek(1).Kind; k == syntax.Dot || k == syntax.LBracket && p.isConditionalIndex() {
				then = p.conditionalAccess(then)
			}
		}
		return &syntax.ConditionalAccessExpr{Span: x.Range().To(then.Range()), X: x, Then: then}
	}
}

// arguments reads (a, b) or [a, b] and returns the span of the closing bracket.
func (p *parser) arguments(open, closing syntax.Kind) ([]syntax.Argument, syntax.Span) {
	p.expect(open)
	var args []syntax.Argument
	if p.kind() == closing && open == syntax.LParen {
		return args, p.advance().Span
	}
	switch {
	case (p.kind() == syntax.EOF || p.kind() == syntax.Semicolon) && open == syntax.LParen:
		return args, p.expect(closing).Span
	case p.kind() == closing:
		p.reportTokenHere("CS0443", "Syntax error; value expected")
		return []syntax.Argument{{Value: &syntax.BadExpr{Span: p.tok().Span}}}, p.advance().Span
	}
	for {
		switch {
		case open == syntax.LBracket && (p.kind() == syntax.Comma || p.kind() == closing):
			p.reportTokenHere("CS0443", "Syntax error; value expected")
		case p.kind() == syntax.Comma:
			p.reportTokenHere("CS0839", "Argument missing")
		case p.kind() == syntax.EOF && open == syntax.LParen:
			at := p.start()
			args = append(args, syntax.Argument{Span: span(at, at), Value: p.missingExpr()})
		default:
			args = append(args, p.argument())
		}
		if !p.nextItem() {
			break
		}
	}
	return args, p.expect(closing).Span
}

// argument reads one argument with its name and mode.
func (p *parser) argument() syntax.Argument {
	start := p.start()
	var a syntax.Argument
	if p.kind() == syntax.EOF || p.kind() == syntax.Semicolon {
		a.Value = p.missingArgument()
		a.Span = p.from(start)
		return a
	}
	if p.kind() == syntax.Ident && p.peek(1).Kind == syntax.Colon {
		a.Name = p.name()
		p.advance()
	}
	if k := p.kind(); k == syntax.KwRef || k == syntax.KwOut || k == syntax.KwIn {
		a.Mode = p.advance().Kind
	}
	if a.Mode == syntax.KwOut {
		d := p.declaration(syntax.Comma, syntax.RParen)
		if d == nil {
			d = p.declaration(syntax.EOF, syntax.Semicolon)
		}
		if d != nil {
			a.Value = d
			a.Span = p.from(start)
			return a
		}
	}
	a.Value = p.expr()
	a.Span = p.from(start)
	return a
}

// missingArgument is an index or argument that is missing before the end: the error is about the bracket.
func (p *parser) missingArgument() syntax.Expr {
	at := p.missingSpan()
	p.report(at, "CS1003", "Syntax error, ']' expected")
	return &syntax.BadExpr{Span: at}
}
