package syntax

// creation reads what new begins.
func (p *parser) creation() Expr {
	start := p.start()
	p.expect(KwNew)
	switch p.kind() {
	case LBrace:
		return p.anonymous(start)
	case LBracket:
		return p.implicitArray(start)
	case LParen:
		if !p.isTupleCreation() {
			p.arguments(LParen, RParen)
			p.report(p.from(start), "CS8370", "Feature 'target-typed object creation' is not available in C# 7.3. Please use language version 9.0 or greater.")
			return &BadExpr{Span: p.from(start)}
		}
	case EOF:
		p.report(p.endSpan(), "CS1526", "A new expression requires an argument list or (), [], or {} after type")
		return &BadExpr{Span: p.from(start)}
	}
	t := p.elementType()
	if p.kind() == Question && (p.peek(1).Kind == LParen || p.peek(1).Kind == LBracket) {
		p.advance()
		t = &NullableType{Span: p.from(t.Range().Start), Elem: t}
	}
	if p.kind() == LBracket {
		return p.newArray(start, t)
	}
	return p.newObject(start, t)
}

// isTupleCreation reports whether new (A, B)[…] creates an array of tuples.
func (p *parser) isTupleCreation() bool {
	m := p.mark()
	defer p.reset(m)
	return p.scanTupleType() && p.kind() == LBracket
}

func (p *parser) newObject(start Pos, t Type) Expr {
	x := &NewExpr{Type: t}
	if p.kind() == LParen {
		x.Args, _ = p.arguments(LParen, RParen)
		x.HasArgs = true
	}
	if p.kind() == LBrace {
		x.Init = p.initializer()
	}
	x.Span = p.from(start)
	if !x.HasArgs && x.Init == nil {
		p.reportToken("CS1526", "A new expression requires an argument list or (), [], or {} after type")
	}
	return x
}

// newArray reads the brackets of new T[n, m][] { … }.
func (p *parser) newArray(start Pos, elem Type) Expr {
	x := &NewArrayExpr{}
	rank := 1
	if p.isRank() {
		rank = p.rank()
	} else {
		sizes, _ := p.arguments(LBracket, RBracket)
		for _, a := range sizes {
			x.Sizes = append(x.Sizes, a.Value)
		}
		rank = max(len(sizes), 1)
	}
	elem = p.typeSuffixes(elem, false)
	x.Type = &ArrayType{Span: p.from(elem.Range().Start), Elem: elem, Rank: rank}
	x.Rank = rank
	if p.kind() == LBrace {
		x.Init = p.arrayInitializer()
	}
	x.Span = p.from(start)
	if len(x.Sizes) == 0 && x.Init == nil {
		p.report(x.Span, "CS1586", "Array creation must have array size or array initializer")
	}
	return x
}

func (p *parser) implicitArray(start Pos) Expr {
	p.expect(LBracket)
	x := &NewArrayExpr{Rank: 1}
	for p.accept(Comma) {
		x.Rank++
	}
	p.expect(RBracket)
	if p.kind() == LBrace {
		x.Init = p.arrayInitializer()
	} else {
		p.expect(LBrace)
		x.Init = &InitExpr{Span: p.from(p.lastEnd())}
	}
	x.Span = p.from(start)
	return x
}

// arrayInitializer reads { 1, 2 } or { { 1 }, { 2 } }.
func (p *parser) arrayInitializer() *InitExpr {
	start := p.start()
	x := &InitExpr{}
	if !p.enter() {
		return x
	}
	defer p.leave()
	p.expect(LBrace)
	for p.kind() != RBrace && p.kind() != EOF {
		before := p.pos
		at := p.start()
		var v Expr
		if p.kind() == LBrace {
			v = p.arrayInitializer()
		} else {
			v = p.expr()
		}
		x.Items = append(x.Items, InitItem{Span: p.from(at), Values: []Expr{v}})
		if !p.accept(Comma) || p.pos == before {
			break
		}
	}
	p.expect(RBrace)
	x.Span = p.from(start)
	return x
}

// anonymous reads { a, b = c } after new.
func (p *parser) anonymous(start Pos) Expr {
	p.expect(LBrace)
	x := &NewAnonymousExpr{}
	for p.kind() != RBrace && p.kind() != EOF {
		at := p.start()
		var m AnonymousMember
		if p.kind() == Ident && p.peek(1).Kind == Assign {
			m.Name = p.name()
			p.advance()
			m.Value = p.expr()
		} else {
			m.Value = p.expr()
		}
		m.Span = p.from(at)
		x.Members = append(x.Members, m)
		if !p.accept(Comma) {
			break
		}
	}
	p.expect(RBrace)
	x.Span = p.from(start)
	return x
}

// initializer reads the braces of an object or collection initialiser.
func (p *parser) initializer() *InitExpr {
	start := p.start()
	x := &InitExpr{}
	if !p.enter() {
		return x
	}
	defer p.leave()
	p.expect(LBrace)
	x.Object = p.kind() == LBracket || p.kind() == Ident && p.peek(1).Kind == Assign || p.kind() == RBrace
	for p.kind() != RBrace && p.kind() != EOF {
		before := p.pos
		x.Items = append(x.Items, p.initItem(x.Object))
		if !p.accept(Comma) || p.pos == before {
			break
		}
	}
	p.expect(RBrace)
	x.Span = p.from(start)
	return x
}

// initItem reads one entry of an object or collection initialiser.
func (p *parser) initItem(object bool) InitItem {
	start := p.start()
	var item InitItem
	switch {
	case object && p.kind() == Ident && p.peek(1).Kind == Assign:
		item.Name = p.name()
		p.advance()
		item.Value = p.initValue()
	case p.kind() == LBracket:
		item.Index, _ = p.arguments(LBracket, RBracket)
		p.expect(Assign)
		item.Value = p.initValue()
	case p.kind() == LBrace:
		item.Braced = true
		p.advance()
		for {
			item.Values = append(item.Values, p.expr())
			if !p.accept(Comma) {
				break
			}
		}
		p.expect(RBrace)
	default:
		item.Values = []Expr{p.collectionElement(object)}
	}
	item.Span = p.from(start)
	return item
}

// collectionElement reads an element that is no assignment; an assignment is CS0747.
func (p *parser) collectionElement(object bool) Expr {
	start := p.start()
	x := p.expr()
	if _, assign := x.(*AssignExpr); assign || object {
		p.report(p.from(start), "CS0747", "Invalid initializer member declarator")
	}
	return x
}

// initValue reads what is assigned to a member: an expression or a nested initialiser.
func (p *parser) initValue() Expr {
	if p.kind() == LBrace {
		return p.initializer()
	}
	return p.expr()
}
