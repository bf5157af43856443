package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// loop reads while, do, for and foreach.
func (p *parser) loop() syntax.Stmt {
	start := p.start()
	switch p.advance().Kind {
	case syntax.KwWhile:
		s := &syntax.WhileStmt{}
		s.Cond = p.parenCondition()
		s.Body = p.embedded()
		s.Span = p.from(start)
		return s
	case syntax.KwDo:
		s := &syntax.DoStmt{}
		s.Body = p.embedded()
		p.expect(syntax.KwWhile)
		s.Cond = p.parenCondition()
		p.expect(syntax.Semicolon)
		s.Span = p.from(start)
		return s
	case syntax.KwFor:
		return p.forRest(start)
	}
	return p.foreachRest(start)
}

func (p *parser) forRest(start syntax.Pos) syntax.Stmt {
	s := &syntax.ForStmt{}
	p.expect(syntax.LParen)
	if p.kind() != syntax.Semicolon {
		if p.isDeclaration() {
			s.Decl = p.headDeclaration()
		} else {
			s.Init = p.exprList()
		}
	}
	p.expect(syntax.Semicolon)
	s.Cond = p.optionalExpr(syntax.Semicolon)
	p.expect(syntax.Semicolon)
	if p.kind() != syntax.RParen {
		s.Step = p.exprList()
	}
	p.expect(syntax.RParen)
	s.Body = p.embedded()
	s.Span = p.from(start)
	return s
}

// headDeclaration reads the declaration in the head of a for or using statement.
func (p *parser) headDeclaration() *syntax.LocalDeclStmt {
	start := p.start()
	d := &syntax.LocalDeclStmt{}
	d.Ref = p.accept(syntax.KwRef)
	d.Type = p.parseType()
	p.variables(d)
	d.Span = p.from(start)
	return d
}

func (p *parser) exprList() []syntax.Expr {
	var list []syntax.Expr
	for {
		list = append(list, p.expr())
		if !p.accept(syntax.Comma) {
			return list
		}
	}
}

func (p *parser) foreachRest(start syntax.Pos) syntax.Stmt {
	s := &syntax.ForeachStmt{}
	p.expect(syntax.LParen)
	p.foreachHead(s)
	s.InSpan = p.expect(syntax.KwIn).Span
	s.In = p.expr()
	p.expect(syntax.RParen)
	s.Body = p.embedded()
	s.Span = p.from(start)
	return s
}

// foreachHead reads the variable of a foreach, or the target of a deconstruction.
func (p *parser) foreachHead(s *syntax.ForeachStmt) {
	if d := p.declaration(syntax.KwIn, syntax.KwIn); d != nil {
		decl, ok := d.(*syntax.DeclarationExpr)
		if !ok || decl.Designation.List != nil {
			s.Target = d
			return
		}
		s.Type, s.Name = decl.Type, decl.Designation.Name
		return
	}
	if p.isDeclaration() {
		s.Type, s.Name = p.parseType(), p.name()
		return
	}
	x := p.expr()
	if _, ok := x.(*syntax.TupleExpr); !ok {
		at := p.tok().Span
		p.report(at, "CS0230", "Type and identifier are both required in a foreach statement")
	}
	s.Target = x
}

func (p *parser) switchStatement() syntax.Stmt {
	start := p.start()
	p.advance()
	s := &syntax.SwitchStmt{}
	if p.kind() == syntax.LParen {
		s.X = p.parenCondition()
	} else {
		s.X = p.expr()
		p.report(s.X.Range(), "CS8515", "Parentheses are required around the switch governing expression.")
	}
	p.expect(syntax.LBrace)
	for p.kind() == syntax.KwCase || p.kind() == syntax.KwDefault {
		s.Sections = append(s.Sections, p.switchSection())
	}
	p.expect(syntax.RBrace)
	s.Span = p.from(start)
	return s
}

func (p *parser) switchSection() syntax.SwitchSection {
	start := p.start()
	var s syntax.SwitchSection
	for p.kind() == syntax.KwCase || p.kind() == syntax.KwDefault {
		s.Labels = append(s.Labels, p.switchLabel())
	}
	s.Body = p.statements(true)
	s.Span = p.from(start)
	return s
}

func (p *parser) switchLabel() syntax.SwitchLabel {
	start := p.start()
	var l syntax.SwitchLabel
	if p.advance().Kind == syntax.KwDefault {
		l.Default = true
	} else {
		if p.kind() == syntax.Colon {
			p.reportTokenHere("CS0150", "A constant value is expected")
		}
		l.Pattern = p.pattern(true)
		if p.isWord(0, "when") {
			p.advance()
			l.When = p.expr()
		}
	}
	p.expect(syntax.Colon)
	l.Span = p.from(start)
	return l
}

func (p *parser) tryStatement() syntax.Stmt {
	start := p.start()
	p.advance()
	s := &syntax.TryStmt{Body: p.block()}
	for p.kind() == syntax.KwCatch {
		s.Catches = append(s.Catches, p.catchClause())
	}
	if p.accept(syntax.KwFinally) {
		s.Finally = p.block()
	}
	s.Span = p.from(start)
	if len(s.Catches) == 0 && s.Finally == nil {
		at := s.Body.Close
		if at == (syntax.Span{}) {
			at = p.missingSpan()
		}
		p.report(at, "CS1524", "Expected catch or finally")
	}
	return s
}

func (p *parser) catchClause() syntax.CatchClause {
	start := p.start()
	p.advance()
	var c syntax.CatchClause
	if p.accept(syntax.LParen) {
		c.Type = p.parseType()
		if p.kind() == syntax.Ident {
			c.Name = p.name()
		}
		p.expect(syntax.RParen)
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
func (p *parser) usingStatement() syntax.Stmt {
	start := p.start()
	p.advance()
	if p.kind() != syntax.LParen {
		d, errors := &syntax.LocalDeclStmt{}, p.diags.Len()
		p.finishDecl(d, start)
		if p.diags.Len() > errors {
			return &syntax.BadStmt{Span: d.Span}
		}
		p.newer(d.Span, "using declarations", "8.0")
		return &syntax.BadStmt{Span: d.Span}
	}
	p.advance()
	s := &syntax.UsingStmt{}
	if p.isDeclaration() {
		s.Decl = p.headDeclaration()
	} else {
		s.X = p.expr()
	}
	p.expect(syntax.RParen)
	s.Body = p.embedded()
	s.Span = p.from(start)
	return s
}
