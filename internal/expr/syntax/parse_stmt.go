package syntax

// startsStatement reports whether the current token can begin a statement.
func (p *parser) startsStatement() bool {
	switch p.kind() {
	case KwCatch, KwFinally, KwClass, KwStruct, KwInterface, KwEnum, KwNamespace, KwPublic, KwPrivate,
		KwProtected, KwInternal, KwCase, EOF:
		return false
	case Invalid:
		return p.tok().Text != "#"
	}
	return true
}

// statement reads one statement.
func (p *parser) statement() Stmt {
	start := p.start()
	if !p.enter() {
		return &BadStmt{Span: p.tok().Span}
	}
	defer p.leave()
	before := p.pos
	s := p.keywordStatement(start)
	if s == nil {
		s = p.simpleStatement(start)
	}
	if p.pos == before && p.kind() != EOF {
		p.advance()
	}
	return s
}

// keywordStatement reads a statement that begins with a keyword of its own, nil where none does.
func (p *parser) keywordStatement(start Pos) Stmt {
	switch p.kind() {
	case LBrace:
		return p.block()
	case Semicolon:
		p.advance()
		return &EmptyStmt{Span: p.from(start)}
	case KwIf:
		return p.ifStatement()
	case KwWhile, KwDo, KwFor, KwForeach:
		return p.loop()
	case KwSwitch:
		return p.switchStatement()
	case KwBreak, KwContinue, KwGoto, KwReturn, KwThrow:
		return p.jump()
	case KwTry:
		return p.tryStatement()
	case KwUsing:
		return p.usingStatement()
	case KwConst:
		p.advance()
		return p.finishDecl(&LocalDeclStmt{Const: true}, start)
	case KwChecked, KwUnchecked:
		if p.peek(1).Kind == LBrace {
			checked := p.advance().Kind == KwChecked
			b := p.block()
			return &CheckedStmt{Span: p.from(start), Checked: checked, Body: b}
		}
	case KwLock, KwUnsafe, KwFixed:
		return p.refusedStatement()
	case KwElse:
		p.reportTokenHere("CS8641", "'else' cannot start a statement.")
		p.advance()
		p.statement()
		return &BadStmt{Span: p.from(start)}
	}
	return nil
}

// simpleStatement reads a label, a declaration, a local function, yield, or an expression.
func (p *parser) simpleStatement(start Pos) Stmt {
	if p.kind() == Ident && p.peek(1).Kind == Colon {
		n := p.name()
		p.advance()
		body := p.labelled()
		return &LabeledStmt{Span: p.from(start), Label: n, Body: body}
	}
	if p.isWord(0, "yield") && (p.peek(1).Kind == KwReturn || p.peek(1).Kind == KwBreak) {
		return p.yield()
	}
	if p.isDeclaration() {
		return p.declarationStatement(start)
	}
	x := p.expr()
	p.expect(Semicolon)
	return &ExprStmt{Span: p.from(start), X: x}
}

// labelled is the statement after a label; before a closing brace there need be none.
func (p *parser) labelled() Stmt {
	if p.kind() == RBrace {
		p.reportTokenHere("CS1525", "Invalid expression term '}'")
		return &EmptyStmt{Span: Span{p.start(), p.start()}}
	}
	return p.statement()
}

func (p *parser) yield() Stmt {
	start := p.start()
	p.advance()
	s := &YieldStmt{}
	if p.advance().Kind == KwReturn {
		s.X = p.expr()
	}
	p.expect(Semicolon)
	s.Span = p.from(start)
	return s
}

func (p *parser) refusedStatement() Stmt {
	start := p.start()
	switch k := p.advance().Kind; k {
	case KwLock:
		p.expect(LParen)
		x := p.expr()
		p.expect(RParen)
		body := p.embedded()
		return &LockStmt{Span: p.from(start), X: x, Body: body}
	case KwFixed:
		p.expect(LParen)
		p.parseType()
		p.name()
		p.expect(Assign)
		p.expr()
		p.expect(RParen)
	}
	body := p.embedded()
	return &UnsafeStmt{Span: p.from(start), Body: body}
}

// block reads { … }.
func (p *parser) block() *BlockStmt {
	start := p.start()
	b := &BlockStmt{}
	if !p.enter() {
		return b
	}
	defer p.leave()
	if p.kind() != LBrace {
		p.expect(LBrace)
		b.Span = Span{start, start}
		return b
	}
	p.advance()
	b.List = p.statements()
	b.Close = p.expect(RBrace).Span
	b.Span = p.from(start)
	return b
}

// statements reads up to a closing brace or the next case label.
func (p *parser) statements() []Stmt {
	var list []Stmt
	for p.kind() != RBrace && p.startsStatement() && !p.isCaseLabel() {
		list = append(list, p.statement())
	}
	return list
}

// isCaseLabel reports whether default: follows; case is no start of a statement anyway.
func (p *parser) isCaseLabel() bool {
	return p.kind() == KwDefault && p.peek(1).Kind == Colon
}

// embedded reads the statement of an if or a loop.
func (p *parser) embedded() Stmt {
	if p.kind() == RBrace || p.kind() == EOF {
		at := p.missingSpan()
		p.reportToken("CS1525", "Invalid expression term '%s'", p.closing())
		return &BadStmt{Span: at}
	}
	return p.statement()
}

// closing is the text of the bracket or end that stands where something is missing.
func (p *parser) closing() string {
	if p.kind() == EOF {
		return "}"
	}
	return p.tok().Text
}

func (p *parser) ifStatement() Stmt {
	start := p.start()
	p.advance()
	s := &IfStmt{}
	s.Cond = p.parenCondition()
	s.Then = p.embedded()
	if p.accept(KwElse) {
		s.Else = p.embedded()
	}
	s.Span = p.from(start)
	return s
}

// parenCondition reads (x).
func (p *parser) parenCondition() Expr {
	p.expect(LParen)
	x := p.expr()
	p.expect(RParen)
	return x
}

func (p *parser) jump() Stmt {
	start := p.start()
	switch p.advance().Kind {
	case KwBreak:
		p.expect(Semicolon)
		return &BreakStmt{Span: p.from(start)}
	case KwContinue:
		p.expect(Semicolon)
		return &ContinueStmt{Span: p.from(start)}
	case KwReturn:
		x := p.optionalExpr(Semicolon)
		p.expect(Semicolon)
		return &ReturnStmt{Span: p.from(start), X: x}
	case KwThrow:
		x := p.optionalExpr(Semicolon)
		p.expect(Semicolon)
		return &ThrowStmt{Span: p.from(start), X: x}
	}
	return p.gotoRest(start)
}

func (p *parser) gotoRest(start Pos) Stmt {
	s := &GotoStmt{}
	switch {
	case p.accept(KwCase):
		s.Case = p.expr()
	case p.accept(KwDefault):
		s.Default = true
	default:
		s.Label = p.name()
	}
	p.expect(Semicolon)
	s.Span = p.from(start)
	return s
}

// optionalExpr reads an expression unless end follows.
func (p *parser) optionalExpr(end Kind) Expr {
	if p.kind() == end {
		return nil
	}
	return p.expr()
}
