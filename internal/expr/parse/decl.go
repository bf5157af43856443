package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// isDeclaration reports whether a declaration begins here: a type, and then a name. A deconstruction into
// `var (x, y)` or `(int x, int y)` is an expression.
func (p *parser) isDeclaration() bool {
	if p.kind() == syntax.KwRef || p.kind() == syntax.KwStatic || p.kind() == syntax.KwVoid {
		return true
	}
	m := p.mark()
	defer p.reset(m)
	if p.isWord(0, "async") && p.peek(1).Kind != syntax.FatArrow && p.peek(1).Kind != syntax.LParen {
		p.advance()
	}
	first := p.kind()
	scan := p.scanType()
	switch {
	case scan == notType:
		return false
	case p.kind() == syntax.Ident:
		return scan != nullableName || p.declaratorFollows()
	case isPredefinedType(first) && scan == mustType:
		// A keyword type begins an expression only before a dot.
		return p.kind() != syntax.Dot && p.kind() != syntax.LParen
	}
	return false
}

// declaratorFollows tells `T? x = 1;` from `c ? x : y;`.
func (p *parser) declaratorFollows() bool {
	switch p.peek(1).Kind {
	case syntax.Assign, syntax.Semicolon, syntax.Comma:
		return true
	}
	return false
}

// declarationStatement reads a local variable or a local function.
func (p *parser) declarationStatement(start syntax.Pos) syntax.Stmt {
	s := &syntax.LocalDeclStmt{}
	async := false
	if p.isWord(0, "async") && p.peek(1).Kind != syntax.Assign && p.peek(1).Kind != syntax.Semicolon {
		p.advance()
		async = true
	}
	if p.kind() == syntax.KwStatic {
		static := p.advance().Span
		if p.variableFollows() {
			p.report(static, "CS0106", "The modifier 'static' is not valid for this item")
		}
		p.newer(static, "static local functions", "8.0")
	}
	if p.accept(syntax.KwRef) {
		s.Ref = true
	}
	s.Type = p.parseType()
	p.sizedType()
	if p.kind() == syntax.Ident && (p.peek(1).Kind == syntax.LParen || p.peek(1).Kind == syntax.Less) {
		return p.localFunction(s.Type, async, start)
	}
	return p.finishVars(s, start)
}

// variableFollows reports whether a type, a name and what may follow a variable's name come next.
func (p *parser) variableFollows() bool {
	m := p.mark()
	defer p.reset(m)
	return p.scanType() != notType && p.kind() == syntax.Ident && p.declaratorFollows()
}

// sizedType reports the length in int[3] a, for which C# has no place, and goes over it.
func (p *parser) sizedType() {
	if p.kind() != syntax.LBracket {
		return
	}
	m := p.mark()
	at := p.start()
	p.skipBrackets()
	if p.kind() != syntax.Ident {
		p.reset(m)
		return
	}
	p.report(p.from(at), "CS0270", "Array size cannot be specified in a variable declaration (try initializing with a 'new' expression)")
}

// finishDecl reads the type and the variables of a declaration.
func (p *parser) finishDecl(s *syntax.LocalDeclStmt, start syntax.Pos) syntax.Stmt {
	s.Type = p.parseType()
	return p.finishVars(s, start)
}

func (p *parser) finishVars(s *syntax.LocalDeclStmt, start syntax.Pos) syntax.Stmt {
	p.variables(s)
	p.expect(syntax.Semicolon)
	s.Span = p.from(start)
	return s
}

// variables reads a = 1, b.
func (p *parser) variables(s *syntax.LocalDeclStmt) {
	for {
		start := p.start()
		v := syntax.VarDecl{Name: p.name()}
		if p.kind() == syntax.LBracket {
			at := p.start()
			p.skipBrackets()
			p.report(p.from(at), "CS0650", "Bad array declarator: To declare a managed array the rank specifier precedes "+
				"the variable's identifier. To declare a fixed size buffer field, use the fixed keyword before the field type.")
		}
		if p.accept(syntax.Assign) {
			if p.kind() == syntax.LBrace {
				v.Init = p.arrayInitializer()
			} else {
				v.Init = p.expr()
			}
		}
		v.Span = p.from(start)
		s.Vars = append(s.Vars, v)
		if !p.accept(syntax.Comma) {
			return
		}
	}
}

func (p *parser) localFunction(result syntax.Type, async bool, start syntax.Pos) syntax.Stmt {
	f := &syntax.LocalFuncStmt{Result: result, Async: async}
	f.Name = p.name()
	if p.kind() == syntax.Less {
		f.TypeParams = p.typeParams()
	}
	f.Params = p.params(syntax.RParen)
	f.Constraints = p.constraints()
	switch {
	case p.accept(syntax.FatArrow):
		f.Body = p.expr()
		p.expect(syntax.Semicolon)
	case p.kind() == syntax.LBrace:
		f.Block = p.lambdaBlock()
	default:
		p.missingBody(f)
	}
	f.Span = p.from(start)
	return f
}

// missingBody reports a local function without a body.
func (p *parser) missingBody(f *syntax.LocalFuncStmt) {
	at := p.missingSpan()
	f.Block = &syntax.BlockStmt{Span: at, Close: at}
	if p.kind() == syntax.Semicolon {
		p.report(f.Name.Span, "CS8112", "Local function '%s' must declare a body.", f.Name.Text)
	}
	p.expect(syntax.Semicolon)
}

// typeParams reads <T, U>.
func (p *parser) typeParams() []syntax.TypeParam {
	p.expect(syntax.Less)
	var list []syntax.TypeParam
	for {
		list = append(list, syntax.TypeParam{Name: p.name()})
		if !p.accept(syntax.Comma) {
			break
		}
	}
	p.expect(syntax.Greater)
	return list
}

// constraints reads where T : class, new() ….
func (p *parser) constraints() []syntax.Constraint {
	var list []syntax.Constraint
	for p.isWord(0, "where") && p.peek(1).Kind == syntax.Ident {
		start := p.start()
		p.advance()
		c := syntax.Constraint{Param: p.name()}
		p.expect(syntax.Colon)
		for {
			p.constraint(&c)
			if !p.accept(syntax.Comma) {
				break
			}
		}
		c.Span = p.from(start)
		list = append(list, c)
	}
	return list
}

func (p *parser) constraint(c *syntax.Constraint) {
	switch p.kind() {
	case syntax.KwClass:
		p.advance()
		c.Class = true
	case syntax.KwStruct:
		p.advance()
		c.Struct = true
	case syntax.KwNew:
		p.advance()
		p.expect(syntax.LParen)
		p.expect(syntax.RParen)
		c.New = true
	default:
		c.Types = append(c.Types, p.parseType())
	}
}
