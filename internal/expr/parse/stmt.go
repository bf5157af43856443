package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// startsStatement reports whether the current token can begin a statement.
func (p *parser) startsStatement() bool {
	switch p.kind() {
	case syntax.KwCatch, syntax.KwFinally, syntax.KwClass, syntax.KwStruct, syntax.KwInterface, syntax.KwEnum,
		syntax.KwNamespace, syntax.KwPublic, syntax.KwPrivate,
		syntax.KwProtected, syntax.KwInternal, syntax.KwCase, syntax.KwOut, syntax.EOF:
		return false
	case syntax.Invalid:
		return p.tok().Text != "#"
	}
	return true
}

// statement reads one statement.
func (p *parser) statement() syntax.Stmt {
	start := p.start()
	if !p.enter() {
		return &syntax.BadStmt{Span: p.tok().Span}
	}
	defer p.leave()
	before := p.pos
	s := p.keywordStatement(start)
	if s == nil {
		s = p.simpleStatement(start)
	}
	if p.pos == before && p.kind() != syntax.EOF {
		p.advance()
	}
	return s
}

// keywordStatement reads a statement that begins with a keyword of its own, nil where none does.
func (p *parser) keywordStatement(start syntax.Pos) syntax.Stmt {
	switch p.kind() {
	case syntax.LBrace:
		return p.block()
	case syntax.Semicolon:
		p.advance()
		return &syntax.EmptyStmt{Span: p.from(start)}
	case syntax.KwIf:
		return p.ifStatement()
	case syntax.KwWhile, syntax.KwDo, syntax.KwFor, syntax.KwForeach:
		return p.loop()
	case syntax.KwSwitch:
		return p.switchStatement()
	case syntax.KwBreak, syntax.KwContinue, syntax.KwGoto, syntax.KwReturn, syntax.KwThrow:
		return p.jump()
	case syntax.KwTry:
		return p.tryStatement()
	case syntax.KwUsing:
		return p.usingStatement()
	case syntax.KwConst:
		p.advance()
		return p.finishDecl(&syntax.LocalDeclStmt{Const: true}, start)
	case syntax.KwChecked, syntax.KwUnchecked:
		if p.peek(1).Kind == syntax.LBrace {
			checked := p.advance().Kind == syntax.KwChecked
			b := p.block()
			return &syntax.CheckedStmt{Span: p.from(start), Checked: checked, Body: b}
		}
	case syntax.KwLock, syntax.KwUnsafe, syntax.KwFixed:
		return p.refusedStatement()
	case syntax.KwElse:
		p.reportTokenHere("CS8641", "'else' cannot start a statement.")
		p.advance()
		p.statement()
		return &syntax.BadStmt{Span: p.from(start)}
	}
	return nil
}

// simpleStatement reads a label, a declaration, a local function, yield, or an expression.
func (p *parser) simpleStatement(start syntax.Pos) syntax.Stmt {
	if p.kind() == syntax.Ident && p.peek(1).Kind == syntax.Colon {
		n := p.name()
		p.advance()
		body := p.labelled()
		return &syntax.LabeledStmt{Span: p.from(start), Label: n, Body: body}
	}
	if p.isWord(0, "yield") && (p.peek(1).Kind == syntax.KwReturn || p.peek(1).Kind == syntax.KwBreak) {
		return p.yield()
	}
	if p.isDeclaration() {
		return p.declarationStatement(start)
	}
	x := p.expr()
	p.expect(syntax.Semicolon)
	return &syntax.ExprStmt{Span: p.from(start), X: x}
}

// labelled is the statement after a label; before a closing brace there need be none.
func (p *parser) labelled() syntax.Stmt {
	if p.kind() == syntax.RBrace {
		p.reportTokenHere("CS1525", "Invalid expression term '}'")
		return &syntax.EmptyStmt{Span: span(p.start(), p.start())}
	}
	return p.statement()
}

func (p *parser) yield() syntax.Stmt {
	start := p.start()
	p.advance()
	s := &syntax.YieldStmt{}
	if p.advance().Kind == syntax.KwReturn {
		s.X = p.expr()
	}
	p.expect(syntax.Semicolon)
	s.Span = p.from(start)
	return s
}

func (p *parser) refusedStatement() syntax.Stmt {
	start := p.start()
	switch k := p.advance().Kind; k {
	case syntax.KwLock:
		p.expect(syntax.LParen)
		x := p.expr()
		p.expect(syntax.RParen)
		body := p.embedded()
		return &syntax.LockStmt{Span: p.from(start), X: x, Body: body}
	case syntax.KwFixed:
		p.expect(syntax.LParen)
		p.parseType()
		p.name()
		p.expect(syntax.Assign)
		p.expr()
		p.expect(syntax.RParen)
	}
	body := p.embedded()
	return &syntax.UnsafeStmt{Span: p.from(start), Body: body}
}

// block reads { … }.
func (p *parser) block() *syntax.BlockStmt {
	start := p.start()
	b := &syntax.BlockStmt{}
	if !p.enter() {
		return b
	}
	defer p.leave()
	if p.kind() != syntax.LBrace {
		p.expect(syntax.LBrace)
		b.Span = span(start, start)
		return b
	}
	p.advance()
	b.List = p.statements(false)
	b.Close = p.expect(syntax.RBrace).Span
	b.Span = p.from(start)
	return b
}

// statements reads up to a closing brace or the next case label; in the section of a switch, default begins one
// even where its colon is missing.
func (p *parser) statements(section bool) []syntax.Stmt {
	var list []syntax.Stmt
	for p.kind() != syntax.RBrace && p.startsStatement() && !p.isCaseLabel() {
		if section && p.kind() == syntax.KwDefault && p.peek(1).Kind != syntax.LParen {
			break
		}
		list = append(list, p.statement())
	}
	return list
}

// isCaseLabel reports whether default: follows; case is no start of a statement anyway.
func (p *parser) isCaseLabel() bool {
	return p.kind() == syntax.KwDefault && p.peek(1).Kind == syntax.Colon
}

// embedded reads the statement of an if or a loop.
func (p *parser) embedded() syntax.Stmt {
	if p.kind() == syntax.RBrace || p.kind() == syntax.EOF {
		at := p.missingSpan()
		p.reportToken("CS1525", "Invalid expression term '%s'", p.closing())
		return &syntax.BadStmt{Span: at}
	}
	return p.statement()
}

// closing is the text of the bracket or end that stands where something is missing.
func (p *parser) closing() string {
	if p.kind() == syntax.EOF {
		return "}"
	}
	return p.tok().Text
}

func (p *parser) ifStatement() syntax.Stmt {
	start := p.start()
	p.advance()
	s := &syntax.IfStmt{}
	s.Cond = p.parenCondition()
	s.Then = p.embedded()
	if p.accept(syntax.KwElse) {
		s.Else = p.embedded()
	}
	s.Span = p.from(start)
	return s
}

// parenCondition reads (x).
func (p *parser) parenCondition() syntax.Expr {
	p.expect(syntax.LParen)
	x := p.expr()
	p.expect(syntax.RParen)
	return x
}

func (p *parser) jump() syntax.Stmt {
	start := p.start()
	switch p.advance().Kind {
	case syntax.KwBreak:
		p.expect(syntax.Semicolon)
		return &syntax.BreakStmt{Span: p.from(start)}
	case syntax.KwContinue:
		p.expect(syntax.Semicolon)
		return &syntax.ContinueStmt{Span: p.from(start)}
	case syntax.KwReturn:
		x := p.optionalExpr(syntax.Semicolon)
		p.expect(syntax.Semicolon)
		return &syntax.ReturnStmt{Span: p.from(start), X: x}
	case syntax.KwThrow:
		x := p.optionalExpr(syntax.Semicolon)
		p.expect(syntax.Semicolon)
		return &syntax.ThrowStmt{Span: p.from(start), X: x}
	}
	return p.gotoRest(start)
}

func (p *parser) gotoRest(start syntax.Pos) syntax.Stmt {
	s := &syntax.GotoStmt{}
	switch {
	case p.accept(syntax.KwCase):
		s.Case = p.expr()
	case p.accept(syntax.KwDefault):
		s.Default = true
	default:
		s.Label = p.name()
	}
	p.expect(syntax.Semicolon)
	s.Span = p.from(start)
	return s
}

// optionalExpr reads an expression unless end follows.
func (p *parser) optionalExpr(end syntax.Kind) syntax.Expr {
	if p.kind() == end {
		return nil
	}
	return p.expr()
}
