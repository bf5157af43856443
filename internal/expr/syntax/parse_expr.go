package syntax

// expr reads an expression, assignments and lambdas included.
func (p *parser) expr() Expr {
	if !p.enter() {
		return &BadExpr{Span: p.tok().Span}
	}
	defer p.leave()
	if x := p.lambdaOrQuery(); x != nil {
		return x
	}
	if p.kind() == KwThrow {
		start := p.start()
		p.advance()
		x := p.expr()
		return &ThrowExpr{Span: p.from(start), X: x}
	}
	left := p.conditional()
	op, tokens := p.assignOp()
	if tokens == 0 {
		return left
	}
	opSpan := p.tok().Span.To(p.peek(tokens - 1).Span)
	for range tokens {
		p.advance()
	}
	right := p.expr()
	return &AssignExpr{Span: left.Range().To(right.Range()), Op: op, X: left, Y: right, OpSpan: opSpan}
}

// lambdaOrQuery reads a lambda, an anonymous method or a query where one begins, else nil.
func (p *parser) lambdaOrQuery() Expr {
	if p.isLambda() {
		return p.lambda()
	}
	if p.isQuery() {
		return p.query()
	}
	return nil
}

// assignOp returns the operator of an assignment that follows (Assign for =) and how many tokens it has.
func (p *parser) assignOp() (Kind, int) {
	k := p.kind()
	if k == Assign {
		return Assign, 1
	}
	if op, ok := compound[k]; ok {
		return op, 1
	}
	next := p.peek(1)
	adjacent := next.Start == p.tok().End
	if k == Greater && next.Kind == GreaterEq && adjacent {
		return ShiftRight, 2
	}
	if k == QuestionQuestion && next.Kind == Assign && adjacent {
		p.report(p.tok().Span.To(next.Span), "CS8370", "Feature 'coalescing assignment' is not available in C# 7.3. Please use language version 8.0 or greater.")
		return Assign, 2
	}
	return Invalid, 0
}

// conditional reads c ? a : b and what binds tighter.
func (p *parser) conditional() Expr {
	cond := p.binary(precCoalesce)
	if p.kind() != Question {
		return cond
	}
	p.advance()
	then := p.branch()
	p.expect(Colon)
	otherwise := p.branch()
	return &CondExpr{Span: cond.Range().To(otherwise.Range()), Cond: cond, Then: then, Else: otherwise}
}

// branch is an alternative of a conditional expression, which may throw.
func (p *parser) branch() Expr { return p.expr() }

// The precedences of binary operators, lowest first.
const (
	precCoalesce = iota + 1
	precOrElse
	precAndAlso
	precOr
	precXor
	precAnd
	precEquality
	precRelational
	precShift
	precAdditive
	precMultiplicative
)

// precedence returns that of a binary operator, 0 for other tokens.
func precedence(k Kind) int {
	switch k {
	case QuestionQuestion:
		return precCoalesce
	case PipePipe:
		return precOrElse
	case AmpAmp:
		return precAndAlso
	case Pipe:
		return precOr
	case Caret:
		return precXor
	case Amp:
		return precAnd
	case EqEq, NotEq:
		return precEquality
	case Less, Greater, LessEq, GreaterEq, KwIs, KwAs:
		return precRelational
	case ShiftLeft:
		return precShift
	case Plus, Minus:
		return precAdditive
	case Star, Slash, Percent:
		return precMultiplicative
	}
	return 0
}

// binaryOp returns the operator that follows, its precedence and the number of its tokens. Two adjacent >
// are a shift; an operator followed by = is an assignment.
func (p *parser) binaryOp() (Kind, int, int) {
	k := p.kind()
	if _, n := p.assignOp(); n > 0 {
		return Invalid, 0, 0
	}
	if k == Greater {
		if next := p.peek(1); next.Kind == Greater && next.Start == p.tok().End {
			return ShiftRight, precShift, 2
		}
	}
	return k, precedence(k), 1
}

// binary reads operators that bind at least as tight as lowest. The length of a chain of operators is bounded,
// since its tree is as deep as the chain is long.
func (p *parser) binary(lowest int) Expr {
	left := p.unary()
	for links := 0; ; links++ {
		op, prec, tokens := p.binaryOp()
		if prec == 0 || prec < lowest {
			return left
		}
		if links >= MaxChain {
			p.stop("The expression has a chain of more than %d operators (limit expression-chain).", MaxChain)
			return left
		}
		opSpan := p.tok().Span.To(p.peek(tokens - 1).Span)
		for range tokens {
			p.advance()
		}
		left = p.binaryRest(left, op, prec, opSpan)
	}
}

// binaryRest reads the right side of an operator.
func (p *parser) binaryRest(left Expr, op Kind, prec int, opSpan Span) Expr {
	start := left.Range().Start
	switch op {
	case KwIs:
		pattern := p.isPattern()
		return &IsExpr{Span: p.from(start), X: left, Pattern: pattern}
	case KwAs:
		t := p.typeAfterOperator()
		return &AsExpr{Span: p.from(start), X: left, Type: t}
	case QuestionQuestion:
		right := p.coalesceRight()
		return &BinaryExpr{Span: left.Range().To(right.Range()), Op: op, X: left, Y: right, OpSpan: opSpan}
	}
	right := p.operand(prec + 1)
	return &BinaryExpr{Span: left.Range().To(right.Range()), Op: op, X: left, Y: right, OpSpan: opSpan}
}

// operand is the right operand of a binary operator; a lambda or a query may stand there too.
func (p *parser) operand(prec int) Expr {
	if !p.enter() {
		return &BadExpr{Span: p.tok().Span}
	}
	defer p.leave()
	if x := p.lambdaOrQuery(); x != nil {
		return x
	}
	return p.binary(prec)
}

// coalesceRight is the right operand of ??, which binds to the right and may throw.
func (p *parser) coalesceRight() Expr {
	if p.kind() == KwThrow {
		return p.expr()
	}
	return p.operand(precCoalesce)
}
