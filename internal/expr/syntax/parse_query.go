package syntax

// isQuery reports whether from begins a query: from x in, from T x in.
func (p *parser) isQuery() bool {
	if !p.isWord(0, "from") {
		return false
	}
	m := p.mark()
	defer p.reset(m)
	p.advance()
	if p.kind() == Ident && p.peek(1).Kind == KwIn {
		return true
	}
	return p.scanType() != notType && p.kind() == Ident && p.peek(1).Kind == KwIn
}

func (p *parser) query() Expr {
	start := p.start()
	p.inQuery++
	defer func() { p.inQuery-- }()
	q := &QueryExpr{}
	q.From = p.fromClause()
	q.Body = p.queryBody()
	q.Span = p.from(start)
	return q
}

func (p *parser) queryBody() *QueryBody {
	start := p.start()
	b := &QueryBody{}
	if !p.enter() {
		return b
	}
	defer p.leave()
	for {
		c := p.queryClause()
		if c == nil {
			break
		}
		b.Clauses = append(b.Clauses, c)
	}
	b.End = p.queryEnd()
	if b.End != nil && p.isWord(0, "into") {
		p.advance()
		b.Into = p.name()
		b.Rest = p.queryBody()
	}
	b.Span = p.from(start)
	return b
}

// queryClause reads a clause in the middle of a query, nil where none follows.
func (p *parser) queryClause() QueryClause {
	start := p.start()
	switch {
	case p.isWord(0, "from"):
		return p.fromClause()
	case p.isWord(0, "let"):
		p.advance()
		c := &LetClause{Name: p.name()}
		p.expect(Assign)
		c.Value = p.expr()
		c.Span = p.from(start)
		return c
	case p.isWord(0, "where"):
		p.advance()
		c := &WhereClause{Cond: p.expr()}
		c.Span = p.from(start)
		return c
	case p.isWord(0, "join"):
		return p.joinClause()
	case p.isWord(0, "orderby"):
		return p.orderByClause()
	}
	return nil
}

// rangeVariable reads x or T x before in.
func (p *parser) rangeVariable() (Type, Name) {
	if p.kind() == Ident && p.peek(1).Kind == KwIn {
		return nil, p.name()
	}
	t := p.parseType()
	return t, p.name()
}

func (p *parser) fromClause() *FromClause {
	start := p.start()
	p.advance()
	c := &FromClause{}
	c.Type, c.Name = p.rangeVariable()
	p.expect(KwIn)
	c.In = p.expr()
	c.Span = p.from(start)
	return c
}

func (p *parser) joinClause() QueryClause {
	start := p.start()
	p.advance()
	c := &JoinClause{}
	c.Type, c.Name = p.rangeVariable()
	p.expect(KwIn)
	c.In = p.expr()
	p.expectWord("on", "CS1938")
	c.Left = p.expr()
	p.expectWord("equals", "CS1938")
	c.Right = p.expr()
	if p.isWord(0, "into") {
		p.advance()
		c.Into = p.name()
	}
	c.Span = p.from(start)
	return c
}

// expectWord goes over a contextual keyword, or reports that it is missing.
func (p *parser) expectWord(word, code string) {
	if p.isWord(0, word) {
		p.advance()
		return
	}
	p.reportToken(code, "Expected contextual keyword '%s'", word)
}

func (p *parser) orderByClause() QueryClause {
	start := p.start()
	p.advance()
	c := &OrderByClause{}
	for {
		at := p.start()
		key := Ordering{Key: p.expr()}
		if p.isWord(0, "descending") {
			key.Descending = true
			p.advance()
		} else if p.isWord(0, "ascending") {
			p.advance()
		}
		key.Span = p.from(at)
		c.Keys = append(c.Keys, key)
		if !p.accept(Comma) {
			break
		}
	}
	c.Span = p.from(start)
	return c
}

func (p *parser) queryEnd() QueryClause {
	start := p.start()
	switch {
	case p.isWord(0, "select"):
		p.advance()
		c := &SelectClause{Value: p.expr()}
		c.Span = p.from(start)
		return c
	case p.isWord(0, "group"):
		p.advance()
		c := &GroupClause{Value: p.expr()}
		p.expectWord("by", "CS1018")
		c.Key = p.expr()
		c.Span = p.from(start)
		return c
	}
	p.reportToken("CS0742", "A query body must end with a select clause or a group clause")
	return nil
}
