package syntax

// loop reads while, do, for and foreach.
func (p *parser) loop() Stmt {
	start := p.start()
	switch p.advance().Kind {
	case KwWhile:
		s := &WhileStmt{}
		s.Cond = p.parenCondition()
		s.Body = p.embedded()
		s.Span = p.from(start)
		return s
	case KwDo:
		s := &DoStmt{}
		s.Body = p.embedded()
		p.expect(KwWhile)
		s.Cond = p.parenCondition()
		p.expect(Semicolon)
		s.Span = p.from(start)
		return s
	case KwFor:
		return p.forRest(start)
	}
	return p.foreachRest(start)
}

func (p *parser) forRest(start Pos) Stmt {
	s := &ForStmt{}
	p.expect(LParen)
	if p.kind() != Semicolon {
		if p.isDeclaration() {
			s.Decl = p.headDeclaration()
		} else {
			s.Init = p.exprList()
		}
	}
	p.expect(Semicolon)
	s.Cond = p.optionalExpr(Semicolon)
	p.expect(Semicolon)
	if p.kind() != RParen {
		s.Step = p.exprList()
	}
	p.expect(RParen)
	s.Body = p.embedded()
	s.Span = p.from(start)
	return s
}

// headDeclaration reads the declaration in the head of a for or using statement.
func (p *parser) headDeclaration() *LocalDeclStmt {
	start := p.start()
	d := &LocalDeclStmt{}
	d.Ref = p.accept(KwRef)
	d.Type = p.parseType()
	p.variables(d)
	d.Span = p.from(start)
	return d
}

func (p *parser) exprList() []Expr {
	var list []Expr
	for {
		list = append(list, p.expr())
		if !p.accept(Comma) {
			return list
		}
	}
}

func (p *parser) foreachRest(start Pos) Stmt {
	s := &ForeachStmt{}
	p.expect(LParen)
	p.foreachHead(s)
	s.InSpan = p.expect(KwIn).Span
	s.In = p.expr()
	p.expect(RParen)
	s.Body = p.embedded()
	s.Span = p.from(start)
	return s
}

// foreachHead reads the variable of a foreach, or the target of a deconstruction.
func (p *parser) foreachHead(s *ForeachStmt) {
	if d := p.declaration(KwIn, KwIn); d != nil {
		decl, ok := d.(*DeclarationExpr)
		if !ok || decl.Designation.List != nil {
			s.Target = d
			return
		}
		s.Type, s.Name = decl.Type, decl.Designation.Name
		return
	}
	x := p.expr()
	if _, ok := x.(*TupleExpr); !ok {
		at := p.tok().Span
		p.report(at, "CS0230", "Type and identifier are both required in a foreach statement")
	}
	s.Target = x
}

func (p *parser) switchStatement() Stmt {
	start := p.start()
	p.advance()
	s := &SwitchStmt{}
	s.X = p.parenCondition()
	p.expect(LBrace)
	for p.kind() == KwCase || p.kind() == KwDefault {
		s.Sections = append(s.Sections, p.switchSection())
	}
	p.expect(RBrace)
	s.Span = p.from(start)
	return s
}

func (p *parser) switchSection() SwitchSection {
	start := p.start()
	var s SwitchSection
	for p.kind() == KwCase || p.isCaseLabel() {
		s.Labels = append(s.Labels, p.switchLabel())
	}
	if len(s.Labels) == 0 {
		p.advance()
		p.expect(Colon)
	}
	s.Body = p.statements()
	s.Span = p.from(start)
	return s
}

func (p *parser) switchLabel() SwitchLabel {
	start := p.start()
	var l SwitchLabel
	if p.advance().Kind == KwDefault {
		l.Default = true
	} else {
		l.Pattern = p.pattern(true)
		if p.isWord(0, "when") {
			p.advance()
			l.When = p.expr()
		}
	}
	p.expect(Colon)
	l.Span = p.from(start)
	return l
}

func (p *parser) tryStatement() Stmt {
	start := p.start()
	p.advance()
	s := &TryStmt{Body: p.block()}
	for p.kind() == KwCatch {
		s.Catches = append(s.Catches, p.catchClause())
	}
	if p.accept(KwFinally) {
		s.Finally = p.block()
	}
	s.Span = p.from(start)
	if len(s.Catches) == 0 && s.Finally == nil {
		p.reportToken("CS1524", "Expected catch or finally")
	}
	return s
}

func (p *parser) catchClause() CatchClause {
	start := p.start()
	p.advance()
	var c CatchClause
	if p.accept(LParen) {
		c.Type = p.parseType()
		if p.kind() == Ident {
			c.Name = p.name()
		}
		p.expect(RParen)
	}
	if p.isWord(0, "when") {
		p.advance()
		c.When = p.parenCondition()
	}
	c.Body = p.block()
	c.Span = p.from(start)
	return c
}

// usingStatement reads using (…) …. Without a parenthesis it would be a declaration of a later version, and
// is read as one for its errors.
func (p *parser) usingStatement() Stmt {
	start := p.start()
	p.advance()
	if p.kind() != LParen {
		d, errors := &LocalDeclStmt{}, p.diags.Len()
		p.finishDecl(d, start)
		if p.diags.Len() > errors {
			return &BadStmt{Span: d.Span}
		}
		p.report(d.Span, "CS8370", "Feature 'using declarations' is not available in C# 7.3. Please use language version 8.0 or greater.")
		return &BadStmt{Span: d.Span}
	}
	p.advance()
	s := &UsingStmt{}
	if p.isDeclaration() {
		s.Decl = p.headDeclaration()
	} else {
		s.X = p.expr()
	}
	p.expect(RParen)
	s.Body = p.embedded()
	s.Span = p.from(start)
	return s
}
