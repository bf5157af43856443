package parse

import "github.com/sallyport/sallyport/internal/expr/syntax"

// unary reads prefix operators, casts and what they apply to.
func (p *parser) unary() syntax.Expr {
	if !p.enter() {
		return &syntax.BadExpr{Span: p.tok().Span}
	}
	defer p.leave()
	start := p.start()
	switch k := p.kind(); k {
	case syntax.Plus, syntax.Minus, syntax.Bang, syntax.Tilde, syntax.PlusPlus, syntax.MinusMinus, syntax.Amp, syntax.Star:
		op := p.advance()
		x := p.unary()
		return &syntax.UnaryExpr{Span: p.from(start), Op: k, X: x, OpSpan: op.Span}
	case syntax.Caret:
		op := p.advance()
		p.newer(op.Span, "index operator", "8.0")
		return p.unary()
	case syntax.KwRef:
		p.advance()
		x := p.expr()
		return &syntax.RefExpr{Span: p.from(start), X: x}
	case syntax.LParen:
		if p.isCast() {
			p.advance()
			t := p.parseType()
			p.expect(syntax.RParen)
			x := p.unary()
			return &syntax.CastExpr{Span: p.from(start), Type: t, X: x}
		}
	case syntax.Ident:
		if p.isWord(0, "await") && p.startsOperand(1) {
			p.advance()
			x := p.unary()
			return &syntax.AwaitExpr{Span: p.from(start), X: x}
		}
	}
	return p.postfix(p.primary())
}

// startsOperand reports whether the token n places ahead, after a name like await, can only be an operand.
func (p *parser) startsOperand(n int) bool {
	switch p.peek(n).Kind {
	case syntax.Ident, syntax.IntLit, syntax.RealLit, syntax.StringLit, syntax.CharLit, syntax.InterpolatedLit,
		syntax.KwNew, syntax.KwThis, syntax.KwBase, syntax.KwTypeof, syntax.KwDefault:
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
	if scan == notType || p.kind() != syntax.RParen {
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
	case syntax.Ident, syntax.IntLit, syntax.RealLit, syntax.StringLit, syntax.CharLit, syntax.InterpolatedLit,
		syntax.LParen, syntax.Tilde, syntax.Bang:
		return true
	case syntax.KwIs, syntax.KwAs, syntax.KwIn, syntax.KwElse, syntax.KwOut, syntax.KwRef:
		return false
	default:
		return k.IsKeyword() && (isPredefinedType(k) || startsKeywordExpr(k))
	}
}

// startsKeywordExpr reports whether k is a keyword that begins an expression.
func startsKeywordExpr(k syntax.Kind) bool {
	switch k {
	case syntax.KwNew, syntax.KwThis, syntax.KwBase, syntax.KwTrue, syntax.KwFalse, syntax.KwNull,
		syntax.KwTypeof, syntax.KwSizeof, syntax.KwDefault, syntax.KwChecked, syntax.KwUnchecked,
		syntax.KwDelegate, syntax.KwThrow, syntax.KwStackalloc:
		return true
	}
	return false
}

// startsExpr reports whether a token of kind k can begin an expression.
func startsExpr(k syntax.Kind) bool {
	switch k {
	case syntax.Ident, syntax.IntLit, syntax.RealLit, syntax.StringLit, syntax.CharLit, syntax.InterpolatedLit,
		syntax.LParen, syntax.Plus, syntax.Minus, syntax.Bang, syntax.Tilde,
		syntax.PlusPlus, syntax.MinusMinus, syntax.Star, syntax.Amp, syntax.KwRef:
		return true
	}
	return isPredefinedType(k) || startsKeywordExpr(k)
}

// typeAfterOperator reads the type after as or is, where ? may begin the rest of a conditional expression:
// it does where an expression and a colon follow.
func (p *parser) typeAfterOperator() syntax.Type {
	t := p.typeSuffixes(p.elementType(), false)
	for p.kind() == syntax.Question && !p.isConditionalRest() {
		start := t.Range().Start
		p.advance()
		t = p.typeSuffixes(&syntax.NullableType{Span: p.from(start), Elem: t}, false)
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
	return p.diags.Len() == m.errors && p.kind() == syntax.Colon
}

// isPattern reads the pattern after is.
func (p *parser) isPattern() syntax.Pattern { return p.pattern(false) }

// pattern reads a pattern; in a case label, the word when ends it.
func (p *parser) pattern(inCase bool) syntax.Pattern {
	start := p.start()
	p.refuseNewPattern()
	if p.isWord(0, "var") && p.peek(1).Kind == syntax.Ident && !(inCase && p.isGuard(1)) {
		p.advance()
		n := p.name()
		return &syntax.VarPattern{Span: p.from(start), Name: n}
	}
	m := p.mark()
	scan := p.scanPatternType()
	generic := scan != notType && p.tokens[p.pos-1].Kind == syntax.Greater
	named := scan != notType && p.kind() == syntax.Ident && !(inCase && p.isGuard(0)) && !p.isPatternWord()
	p.reset(m)
	if named || scan == mustType && p.isTypePattern() || generic {
		t := p.typeAfterOperator()
		tp := &syntax.TypePattern{Type: t}
		if named {
			tp.Name = p.name()
		}
		tp.Span = p.from(start)
		return tp
	}
	if !inCase && !startsExpr(p.kind()) && p.kind() != syntax.Invalid && p.kind() != syntax.KwVoid {
		p.reportToken("CS8504", "Pattern missing")
	}
	v := p.operand(precShift)
	return &syntax.ConstPattern{Span: p.from(start), Value: v}
}

// scanPatternType is scanType without ?, which belongs to a conditional expression more often.
func (p *parser) scanPatternType() typeScan {
	switch k := p.kind(); {
	case isPredefinedType(k):
		p.advance()
		return p.scanRanks(mustType)
	case k == syntax.Ident:
		if !p.scanName() {
			return notType
		}
		return p.scanRanks(maybeType)
	}
	return notType
}

func (p *parser) scanRanks(result typeScan) typeScan {
	for p.kind() == syntax.LBracket && p.isRank() {
		p.rank()
		result = mustType
	}
	return result
}

// isTypePattern reports whether a keyword type is the whole pattern rather than the start of int.MaxValue.
func (p *parser) isTypePattern() bool {
	return !isPredefinedType(p.kind()) || p.peek(1).Kind != syntax.Dot
}

// isGuard reports whether the word n places ahead is the when of a case label.
func (p *parser) isGuard(n int) bool {
	return p.isWord(n, "when") && p.peek(n+1).Kind != syntax.Colon && !p.isWord(n+1, "when")
}

// isPatternWord reports whether the current word is one that continues a pattern in later versions of C#.
func (p *parser) isPatternWord() bool {
	return (p.isWord(0, "and") || p.isWord(0, "or")) && startsExpr(p.peek(1).Kind)
}

// refuseNewPattern reports a not pattern, which C# 7.3 does not have.
func (p *parser) refuseNewPattern() {
	if p.isWord(0, "not") && (p.peek(1).Kind == syntax.KwNull || p.startsOperand(1)) {
		p.newer(p.tok().Span, "not pattern", "9.0")
		p.advance()
	}
}
