package syntax

// isDeclaration reports whether a declaration begins here: a type, and then a name. A deconstruction into
// `var (x, y)` or `(int x, int y)` is an expression.
func (p *parser) isDeclaration() bool {
	if p.kind() == KwRef || p.kind() == KwStatic || p.kind() == KwVoid {
		return true
	}
	m := p.mark()
	defer p.reset(m)
	if p.isWord(0, "async") && p.peek(1).Kind != FatArrow && p.peek(1).Kind != LParen {
		p.advance()
	}
	first := p.kind()
	scan := p.scanType()
	switch {
	case scan == notType:
		return false
	case p.kind() == Ident:
		return scan != nullableName || p.declaratorFollows()
	case isPredefinedType(first) && scan == mustType:
		// A keyword type begins an expression only before a dot.
		return p.kind() != Dot && p.kind() != LParen
	}
	return false
}

// declaratorFollows tells `T? x = 1;` from `c ? x : y;`.
func (p *parser) declaratorFollows() bool {
	switch p.peek(1).Kind {
	case Assign, Semicolon, Comma:
		return true
	}
	return false
}

// declarationStatement reads a local variable or a local function.
func (p *parser) declarationStatement(start Pos) Stmt {
	s := &LocalDeclStmt{}
	async := false
	if p.isWord(0, "async") && p.peek(1).Kind != Assign && p.peek(1).Kind != Semicolon {
		p.advance()
		async = true
	}
	if p.kind() == KwStatic {
		p.report(p.advance().Span, "CS8370", "Feature 'static local functions' is not available in C# 7.3. Please use language version 8.0 or greater.")
	}
	if p.accept(KwRef) {
		s.Ref = true
	}
	s.Type = p.parseType()
	if p.kind() == Ident && (p.peek(1).Kind == LParen || p.peek(1).Kind == Less) {
		return p.localFunction(s.Type, async, start)
	}
	return p.finishVars(s, start)
}

// finishDecl reads the type and the variables of a declaration.
func (p *parser) finishDecl(s *LocalDeclStmt, start Pos) Stmt {
	s.Type = p.parseType()
	return p.finishVars(s, start)
}

func (p *parser) finishVars(s *LocalDeclStmt, start Pos) Stmt {
	p.variables(s)
	p.expect(Semicolon)
	s.Span = p.from(start)
	return s
}

// variables reads a = 1, b.
func (p *parser) variables(s *LocalDeclStmt) {
	for {
		start := p.start()
		v := VarDecl{Name: p.name()}
		if p.accept(Assign) {
			if p.kind() == LBrace {
				v.Init = p.arrayInitializer()
			} else {
				v.Init = p.expr()
			}
		}
		v.Span = p.from(start)
		s.Vars = append(s.Vars, v)
		if !p.accept(Comma) {
			return
		}
	}
}

func (p *parser) localFunction(result Type, async bool, start Pos) Stmt {
	f := &LocalFuncStmt{Result: result, Async: async}
	f.Name = p.name()
	if p.kind() == Less {
		f.TypeParams = p.typeParams()
	}
	f.Params = p.params(RParen)
	f.Constraints = p.constraints()
	if p.accept(FatArrow) {
		f.Body = p.expr()
		p.expect(Semicolon)
	} else {
		f.Block = p.lambdaBlock()
	}
	f.Span = p.from(start)
	return f
}

// typeParams reads <T, U>.
func (p *parser) typeParams() []TypeParam {
	p.expect(Less)
	var list []TypeParam
	for {
		list = append(list, TypeParam{Name: p.name()})
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(Greater)
	return list
}

// constraints reads where T : class, new() ….
func (p *parser) constraints() []Constraint {
	var list []Constraint
	for p.isWord(0, "where") && p.peek(1).Kind == Ident {
		start := p.start()
		p.advance()
		c := Constraint{Param: p.name()}
		p.expect(Colon)
		for {
			p.constraint(&c)
			if !p.accept(Comma) {
				break
			}
		}
		c.Span = p.from(start)
		list = append(list, c)
	}
	return list
}

func (p *parser) constraint(c *Constraint) {
	switch p.kind() {
	case KwClass:
		p.advance()
		c.Class = true
	case KwStruct:
		p.advance()
		c.Struct = true
	case KwNew:
		p.advance()
		p.expect(LParen)
		p.expect(RParen)
		c.New = true
	default:
		c.Types = append(c.Types, p.parseType())
	}
}
