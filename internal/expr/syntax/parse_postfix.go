package syntax

// postfix reads member accesses, calls, indexers, ++ and -- after a primary expression.
func (p *parser) postfix(x Expr) Expr {
	for links := 0; ; links++ {
		if links >= MaxChain {
			p.stop("The expression has a chain of more than %d accesses (limit expression-chain).", MaxChain)
			return x
		}
		start := x.Range().Start
		switch p.kind() {
		case Dot, LParen, LBracket:
			x = p.access(x)
		case Arrow:
			p.reportTokenHere("CS0214", "Pointers and fixed size buffers may only be used in an unsafe context")
			p.advance()
			n := p.name()
			x = &MemberExpr{Span: p.from(start), X: x, Name: n}
		case PlusPlus, MinusMinus:
			op := p.advance()
			x = &UnaryExpr{Span: p.from(start), Op: op.Kind, Postfix: true, X: x, OpSpan: op.Span}
		case Question:
			if k := p.peek(1).Kind; k != Dot && (k != LBracket || !p.isConditionalIndex()) {
				return x
			}
			x = p.conditionalAccess(x)
		case Bang:
			if !p.isSuppression() {
				return x
			}
			op := p.advance()
			p.report(op.Span, "CS8370", "Feature 'nullable reference types' is not available in C# 7.3. Please use language version 8.0 or greater.")
		case KwSwitch:
			if p.peek(1).Kind != LBrace {
				return x
			}
			p.reportTokenHere("CS8370", "Feature 'recursive patterns' is not available in C# 7.3. Please use language version 8.0 or greater.")
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
	case Dot, Semicolon, RParen, Comma, LBracket, RBracket, RBrace:
		return true
	}
	return false
}

// isConditionalIndex reports whether ?[ is an indexer: C# 7 has no expression that begins with a bracket.
func (p *parser) isConditionalIndex() bool { return p.peek(1).Kind == LBracket }

// skipBraces goes over { … }.
func (p *parser) skipBraces() {
	depth := 0
	for p.kind() != EOF {
		switch p.advance().Kind {
		case LBrace:
			depth++
		case RBrace:
			if depth--; depth == 0 {
				return
			}
		}
	}
}

// access reads one .Name, (args) or [args].
func (p *parser) access(x Expr) Expr {
	start := x.Range().Start
	switch p.kind() {
	case Dot:
		p.advance()
		n := p.name()
		args := p.optionalTypeArgs()
		return &MemberExpr{Span: p.from(start), X: x, Name: n, Args: args}
	case LParen:
		args, end := p.arguments(LParen, RParen)
		return &CallExpr{Span: p.from(start), Fun: x, Args: args, Close: end}
	default:
		args, _ := p.arguments(LBracket, RBracket)
		return &IndexExpr{Span: p.from(start), X: x, Args: args}
	}
}

// conditionalAccess reads ?.a.b(c)[d] as one chain that runs only where x is not null.
func (p *parser) conditionalAccess(x Expr) Expr {
	if !p.enter() {
		return x
	}
	defer p.leave()
	q := p.advance()
	var then Expr = &BindingExpr{Span: Span{q.End, q.End}}
	then = p.access(then)
	for links := 0; ; links++ {
		switch p.kind() {
		case Dot, LParen, LBracket:
			then = p.access(then)
			if links < MaxChain {
				continue
			}
			p.stop("The expression has a chain of more than %d accesses (limit expression-chain).", MaxChain)
		case Question:
			if k := p.peek(1).Kind; k == Dot || k == LBracket && p.isConditionalIndex() {
				then = p.conditionalAccess(then)
			}
		}
		return &ConditionalAccessExpr{Span: x.Range().To(then.Range()), X: x, Then: then}
	}
}

// arguments reads (a, b) or [a, b] and returns the span of the closing bracket.
func (p *parser) arguments(open, closing Kind) ([]Argument, Span) {
	p.expect(open)
	var args []Argument
	if p.kind() == closing && open == LParen {
		return args, p.advance().Span
	}
	if p.kind() == EOF && open == LParen {
		return args, p.expect(closing).Span
	}
	for {
		if p.kind() == Comma {
			p.reportTokenHere("CS0839", "Argument missing")
		} else {
			args = append(args, p.argument())
		}
		if !p.accept(Comma) {
			break
		}
	}
	return args, p.expect(closing).Span
}

// argument reads one argument with its name and mode.
func (p *parser) argument() Argument {
	start := p.start()
	var a Argument
	if p.kind() == EOF || p.kind() == Semicolon {
		a.Value = p.missingArgument()
		a.Span = p.from(start)
		return a
	}
	if p.kind() == Ident && p.peek(1).Kind == Colon {
		a.Name = p.name()
		p.advance()
	}
	if k := p.kind(); k == KwRef || k == KwOut || k == KwIn {
		a.Mode = p.advance().Kind
	}
	if a.Mode == KwOut {
		if d := p.declaration(Comma, RParen); d != nil {
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
func (p *parser) missingArgument() Expr {
	at := p.missingSpan()
	p.report(at, "CS1003", "Syntax error, ']' expected")
	return &BadExpr{Span: at}
}
