package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// isQuery reports whether from begins a query: from x in, from T x in.
func (p *parser) isQuery() bool {
	if !p.isWord(0, "from") {
		return false
	}
	m := p.mark()
	defer p.reset(m)
	p.advance()
	return isPredefinedType(p.kind()) || p.kind() == syntax.Ident
}

// isQueryWord reports whether the current name is a keyword because a query is around.
func (p *parser) isQueryWord() bool {
	t := p.tok()
	if p.inQuery == 0 || t.Kind != syntax.Ident || t.Verbatim {
		return false
	}
	switch t.Text {
	case "from", "where", "join", "on", "equals", "into", "let", "orderby", "ascending", "descending", "select", "group", "by":
		return true
	}
	return false
}

func (p *parser) query() syntax.Expr {
	start := p.start()
	p.inQuery++
	defer func() { p.inQuery-- }()
	q := &syntax.QueryExpr{}
	q.From = p.fromClause()
	q.Body = p.queryBody()
	q.Span = p.from(start)
	return q
}

func (p *parser) queryBody() *syntax.QueryBody {
	start := p.start()
	b := &syntax.QueryBody{}
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
func (p *parser) queryClause() syntax.QueryClause {
	start := p.start()
	switch {
	case p.isWord(0, "from"):
		return p.fromClause()
	case p.isWord(0, "let"):
		p.advance()
		c := &syntax.LetClause{Name: p.name()}
		p.expect(syntax.Assign)
		c.Value = p.expr()
		c.Span = p.from(start)
		return c
	case p.isWord(0, "where"):
		p.advance()
		c := &syntax.WhereClause{Cond: p.expr()}
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
func (p *parser) rangeVariable() (syntax.Type, syntax.Name) {
	if p.kind() == syntax.Ident && p.peek(1).Kind == syntax.KwIn {
		return nil, p.name()
	}
	t := p.parseType()
	return t, p.name()
}

func (p *parser) fromClause() *syntax.FromClause {
	start := p.start()
	p.advance()
	c := &syntax.FromClause{}
	c.Type, c.Name = p.rangeVariable()
	p.expect(syntax.KwIn)
	c.In = p.expr()
	c.Span = p.from(start)
	return c
}

func (p *parser) joinClause() syntax.QueryClause {
	start := p.start()
	p.advance()
	c := &syntax.JoinClause{}
	c.Type, c.Name = p.rangeVariable()
	p.expect(syntax.KwIn)
	c.In = p.expr()
	p.expectWord("on", "CS0743")
	c.Left = p.expr()
	p.expectWord("equals", "CS0744")
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

func (p *parser) orderByClause() syntax.QueryClause {
	start := p.start()
	p.advance()
	c := &syntax.OrderByClause{}
	for {
		at := p.start()
		key := syntax.Ordering{Key: p.expr()}
		if p.isWord(0, "descending") {
			key.Descending = true
			p.advance()
		} else if p.isWord(0, "ascending") {
			p.advance()
		}
		key.Span = p.from(at)
		c.Keys = append(c.Keys, key)
		if !p.accept(syntax.Comma) {
			break
		}
	}
	c.Span = p.from(start)
	return c
}

func (p *parser) queryEnd() syntax.QueryClause {
	start := p.start()
	switch {
	case p.isWord(0, "select"):
		p.advance()
		c := &syntax.SelectClause{Value: p.expr()}
		c.Span = p.from(start)
		return c
	case p.isWord(0, "group"):
		p.advance()
		c := &syntax.GroupClause{Value: p.expr()}
		p.expectWord("by", "CS0745")
		c.Key = p.expr()
		c.Span = p.from(start)
		return c
	}
	p.reportToken("CS0742", "A query body must end with a select clause or a group clause")
	return nil
}
