package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// creation reads what new begins.
func (p *parser) creation() syntax.Expr {
	start := p.start()
	p.expect(syntax.KwNew)
	switch p.kind() {
	case syntax.LBrace:
		return p.anonymous(start)
	case syntax.LBracket:
		return p.implicitArray(start)
	case syntax.LParen:
		if !p.isTupleCreation() {
			p.arguments(syntax.LParen, syntax.RParen)
			p.newer(p.from(start), "target-typed object creation", "9.0")
			return &syntax.BadExpr{Span: p.from(start)}
		}
	case syntax.EOF, syntax.Semicolon, syntax.RParen, syntax.Comma, syntax.RBracket, syntax.RBrace, syntax.IntLit,
		syntax.StringLit:
		p.reportToken("CS1526", "A new expression requires an argument list or (), [], or {} after type")
		return &syntax.BadExpr{Span: p.from(start)}
	}
	t := p.elementType()
	if p.kind() == syntax.Question && (p.peek(1).Kind == syntax.LParen || p.peek(1).Kind == syntax.LBracket) {
		p.advance()
		t = &syntax.NullableType{Span: p.from(t.Range().Start), Elem: t}
	}
	if p.kind() == syntax.LBracket {
		return p.newArray(start, t)
	}
	return p.newObject(start, t)
}

// isTupleCreation reports whether new (A, B)[…] creates an array of tuples.
func (p *parser) isTupleCreation() bool {
	m := p.mark()
	defer p.reset(m)
	return p.scanTupleType() && p.kind() == syntax.LBracket
}

func (p *parser) newObject(start syntax.Pos, t syntax.Type) syntax.Expr {
	x := &syntax.NewExpr{Type: t}
	if p.kind() == syntax.LParen {
		x.Args, _ = p.arguments(syntax.LParen, syntax.RParen)
		x.HasArgs = true
	}
	if p.kind() == syntax.LBrace {
		x.Init = p.initializer()
	}
	x.Span = p.from(start)
	if !x.HasArgs && x.Init == nil {
		p.reportToken("CS1526", "A new expression requires an argument list or (), [], or {} after type")
	}
	return x
}

// newArray reads the brackets of new T[n, m][] { … }.
func (p *parser) newArray(start syntax.Pos, elem syntax.Type) syntax.Expr {
	x := &syntax.NewArrayExpr{}
	var rank int
	brackets := p.start()
	if p.isRank() {
		rank = p.rank()
	} else {
		sizes, _ := p.arguments(syntax.LBracket, syntax.RBracket)
		for _, a := range sizes {
			x.Sizes = append(x.Sizes, a.Value)
		}
		rank = max(len(sizes), 1)
	}
	first := p.from(brackets)
	elem = p.typeSuffixes(elem, false)
	x.Type = &syntax.ArrayType{Span: p.from(elem.Range().Start), Elem: elem, Rank: rank}
	x.Rank = rank
	if p.kind() == syntax.LBrace {
		x.Init = p.arrayInitializer()
	}
	x.Span = p.from(start)
	if len(x.Sizes) == 0 && x.Init == nil {
		p.report(first, "CS1586", "Array creation must have array size or array initializer")
	}
	return x
}

func (p *parser) implicitArray(start syntax.Pos) syntax.Expr {
	p.expect(syntax.LBracket)
	x := &syntax.NewArrayExpr{Rank: 1}
	for p.accept(syntax.Comma) {
		x.Rank++
	}
	p.expect(syntax.RBracket)
	if p.kind() == syntax.LBrace {
		x.Init = p.arrayInitializer()
	} else {
		p.expect(syntax.LBrace)
		x.Init = &syntax.InitExpr{Span: p.from(p.lastEnd())}
	}
	x.Span = p.from(start)
	return x
}

// arrayInitializer reads { 1, 2 } or { { 1 }, { 2 } }.
func (p *parser) arrayInitializer() *syntax.InitExpr {
	start := p.start()
	x := &syntax.InitExpr{}
	if !p.enter() {
		return x
	}
	defer p.leave()
	p.expect(syntax.LBrace)
	for p.kind() != syntax.RBrace && p.kind() != syntax.EOF {
		before := p.pos
		at := p.start()
		var v syntax.Expr
		if p.kind() == syntax.LBrace {
			v = p.arrayInitializer()
		} else {
			v = p.expr()
		}
		x.Items = append(x.Items, syntax.InitItem{Span: p.from(at), Values: []syntax.Expr{v}})
		if !p.nextItem() || p.pos == before {
			break
		}
	}
	p.expect(syntax.RBrace)
	x.Span = p.from(start)
	return x
}

// anonymous reads { a, b = c } after new.
func (p *parser) anonymous(start syntax.Pos) syntax.Expr {
	p.expect(syntax.LBrace)
	x := &syntax.NewAnonymousExpr{}
	for p.kind() != syntax.RBrace && p.kind() != syntax.EOF {
		at := p.start()
		var m syntax.AnonymousMember
		if p.kind() == syntax.Ident && p.peek(1).Kind == syntax.Assign {
			m.Name = p.name()
			p.advance()
			m.Value = p.expr()
		} else {
			m.Value = p.expr()
		}
		m.Span = p.from(at)
		x.Members = append(x.Members, m)
		if !p.nextItem() {
			break
		}
	}
	p.expect(syntax.RBrace)
	x.Span = p.from(start)
	return x
}

// initializer reads the braces of an object or collection initialiser.
func (p *parser) initializer() *syntax.InitExpr {
	start := p.start()
	x := &syntax.InitExpr{}
	if !p.enter() {
		return x
	}
	defer p.leave()
	p.expect(syntax.LBrace)
	x.Object = p.kind() == syntax.LBracket || p.kind() == syntax.Ident && p.peek(1).Kind == syntax.Assign || p.kind() == syntax.RBrace
	for p.kind() != syntax.RBrace && p.kind() != syntax.EOF {
		before := p.pos
		x.Items = append(x.Items, p.initItem(x.Object))
		if !p.nextItem() || p.pos == before {
			if p.kind() == syntax.Semicolon {
				p.reportToken("CS1003", "Syntax error, ',' expected")
			}
			break
		}
	}
	p.expect(syntax.RBrace)
	x.Span = p.from(start)
	return x
}

// initItem reads one entry of an object or collection initialiser.
func (p *parser) initItem(object bool) syntax.InitItem {
	start := p.start()
	var item syntax.InitItem
	switch {
	case object && p.kind() == syntax.Ident && p.peek(1).Kind == syntax.Assign:
		item.Name = p.name()
		p.advance()
		item.Value = p.initValue()
	case p.kind() == syntax.LBracket:
		item.Index, _ = p.arguments(syntax.LBracket, syntax.RBracket)
		p.expect(syntax.Assign)
		item.Value = p.initValue()
	case p.kind() == syntax.LBrace:
		item.Braced = true
		p.advance()
		for {
			item.Values = append(item.Values, p.expr())
			if !p.accept(syntax.Comma) {
				break
			}
		}
		p.expect(syntax.RBrace)
	default:
		item.Values = []syntax.Expr{p.collectionElement(object)}
	}
	item.Span = p.from(start)
	return item
}

// collectionElement reads an element that is no assignment; an assignment is CS0747.
func (p *parser) collectionElement(object bool) syntax.Expr {
	start := p.start()
	x := p.expr()
	if _, assign := x.(*syntax.AssignExpr); assign || object {
		p.report(p.from(start), "CS0747", "Invalid initializer member declarator")
	}
	return x
}

// initValue reads what is assigned to a member: an expression or a nested initialiser.
func (p *parser) initValue() syntax.Expr {
	if p.kind() == syntax.LBrace {
		return p.initializer()
	}
	return p.expr()
}
