package syntax

// unary reads prefix operators, casts and what they apply to.
func (p *parser) unary() Expr {
	if !p.enter() {
		return &BadExpr{Span: p.tok().Span}
	}
	defer p.leave()
	start := p.start()
	switch k := p.kind(); k {
	case Plus, Minus, Bang, Tilde, PlusPlus, MinusMinus, Amp, Star:
		op := p.advance()
		x := p.unary()
		return &UnaryExpr{Span: p.from(start), Op: k, X: x, OpSpan: op.Span}
	case Caret:
		op := p.advance()
		p.report(op.Span, "CS8370", "Feature 'index operator' is not available in C# 7.3. Please use language version 8.0 or greater.")
		return p.unary()
	case KwRef:
		p.advance()
		x := p.expr()
		return &RefExpr{Span: p.from(start), X: x}
	case LParen:
		if p.isCast() {
			p.advance()
			t := p.parseType()
			p.expect(RParen)
			x := p.unary()
			return &CastExpr{Span: p.from(start), Type: t, X: x}
		}
	case Ident:
		if p.isWord(0, "await") && p.startsOperand(1) {
			p.advance()
			x := p.unary()
			return &AwaitExpr{Span: p.from(start), X: x}
		}
	}
	return p.postfix(p.primary())
}

// startsOperand reports whether the token n places ahead, after a name like await, can only be an operand.
func (p *parser) startsOperand(n int) bool {
	switch p.peek(n).Kind {
	case Ident, IntLit, RealLit, StringLit, CharLit, InterpolatedLit, KwNew, KwThis, KwBase, KwTypeof, KwDefault:
		return true
	}
	return false
}

// isCast decides whether ( begins a cast, by what the parentheses hold and what follows them, as C# does.
func (p *parser) isCast() bool {
	m := p.mark()
	defer p.reset(m)
	p.advance()
	scan := p.scanType()
	if scan == notType || p.kind() != RParen {
		return false
	}
	p.advance()
	if scan == mustType || scan == nullableName {
		return scan == mustType || p.startsCastOperand()
	}
	return p.startsCastOperand()
}

// startsCastOperand reports whether what follows (name) makes it a cast: + and - do not, since they are
// binary operators then.
func (p *parser) startsCastOperand() bool {
	switch k := p.kind(); k {
	case Ident, IntLit, RealLit, StringLit, CharLit, InterpolatedLit, LParen, Tilde, Bang:
		return true
	case KwIs, KwAs, KwIn, KwElse, KwOut, KwRef:
		return false
	default:
		return k.IsKeyword() && (isPredefinedType(k) || startsKeywordExpr(k))
	}
}

// startsKeywordExpr reports whether k is a keyword that begins an expression.
func startsKeywordExpr(k Kind) bool {
	switch k {
	case KwNew, KwThis, KwBase, KwTrue, KwFalse, KwNull, KwTypeof, KwSizeof, KwDefault, KwChecked, KwUnchecked,
		KwDelegate, KwThrow, KwStackalloc:
		return true
	}
	return false
}

// startsExpr reports whether a token of kind k can begin an expression.
func startsExpr(k Kind) bool {
	switch k {
	case Ident, IntLit, RealLit, StringLit, CharLit, InterpolatedLit, LParen, Plus, Minus, Bang, Tilde,
		PlusPlus, MinusMinus, Star, Amp, KwRef:
		return true
	}
	return isPredefinedType(k) || startsKeywordExpr(k)
}

// typeAfterOperator reads the type after as or is, where ? may begin the rest of a conditional expression:
// it does where an expression and a colon follow.
func (p *parser) typeAfterOperator() Type {
	t := p.typeSuffixes(p.elementType(), false)
	for p.kind() == Question && !p.isConditionalRest() {
		start := t.Range().Start
		p.advance()
		t = p.typeSuffixes(&NullableType{Span: p.from(start), Elem: t}, false)
	}
	return t
}

// isConditionalRest reports whether ? expression : follows.
func (p *parser) isConditionalRest() bool {
	if !startsExpr(p.peek(1).Kind) {
		return false
	}
	m := p.mark()
	defer p.reset(m)
	p.advance()
	if !p.enter() {
		return false
	}
	defer p.leave()
	p.expr()
	return p.diags.Len() == m.errors && p.kind() == Colon
}

// isPattern reads the pattern after is.
func (p *parser) isPattern() Pattern { return p.pattern(false) }

// pattern reads a pattern; in a case label, the word when ends it.
func (p *parser) pattern(inCase bool) Pattern {
	start := p.start()
	p.refuseNewPattern()
	if p.isWord(0, "var") && p.peek(1).Kind == Ident && !(inCase && p.isGuard(1)) {
		p.advance()
		n := p.name()
		return &VarPattern{Span: p.from(start), Name: n}
	}
	m := p.mark()
	scan := p.scanPatternType()
	generic := scan != notType && p.tokens[p.pos-1].Kind == Greater
	named := scan != notType && p.kind() == Ident && !(inCase && p.isGuard(0)) && !p.isPatternWord()
	p.reset(m)
	if named || scan == mustType && p.isTypePattern() || generic {
		t := p.typeAfterOperator()
		tp := &TypePattern{Type: t}
		if named {
			tp.Name = p.name()
		}
		tp.Span = p.from(start)
		return tp
	}
	v := p.operand(precShift)
	return &ConstPattern{Span: p.from(start), Value: v}
}

// scanPatternType is scanType without ?, which belongs to a conditional expression more often.
func (p *parser) scanPatternType() typeScan {
	switch k := p.kind(); {
	case isPredefinedType(k):
		p.advance()
		return p.scanRanks(mustType)
	case k == Ident:
		if !p.scanName() {
			return notType
		}
		return p.scanRanks(maybeType)
	}
	return notType
}

func (p *parser) scanRanks(result typeScan) typeScan {
	for p.kind() == LBracket && p.isRank() {
		p.rank()
		result = mustType
	}
	return result
}

// isTypePattern reports whether a keyword type is the whole pattern rather than the start of int.MaxValue.
func (p *parser) isTypePattern() bool {
	return !isPredefinedType(p.kind()) || p.peek(1).Kind != Dot
}

// isGuard reports whether the word n places ahead is the when of a case label.
func (p *parser) isGuard(n int) bool {
	return p.isWord(n, "when") && p.peek(n+1).Kind != Colon && !p.isWord(n+1, "when")
}

// isPatternWord reports whether the current word is one that continues a pattern in later versions of C#.
func (p *parser) isPatternWord() bool {
	return (p.isWord(0, "and") || p.isWord(0, "or")) && startsExpr(p.peek(1).Kind)
}

// refuseNewPattern reports a not pattern, which C# 7.3 does not have.
func (p *parser) refuseNewPattern() {
	if p.isWord(0, "not") && (p.peek(1).Kind == KwNull || p.startsOperand(1)) {
		p.report(p.tok().Span, "CS8370", "Feature 'not pattern' is not available in C# 7.3. Please use language version 9.0 or greater.")
		p.advance()
	}
}
