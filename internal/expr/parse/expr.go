package parse

import (
	"strings"

	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// expr reads an expression, assignments and lambdas included.
func (p *parser) expr() syntax.Expr {
	if !p.enter() {
		return &syntax.BadExpr{Span: p.tok().Span}
	}
	defer p.leave()
	if x := p.lambdaOrQuery(); x != nil {
		return x
	}
	if p.kind() == syntax.KwThrow {
		start := p.start()
		p.advance()
		x := p.expr()
		return &syntax.ThrowExpr{Span: p.from(start), X: x}
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
	return &syntax.AssignExpr{Span: left.Range().To(right.Range()), Op: op, X: left, Y: right, OpSpan: opSpan}
}

// lambdaOrQuery reads a lambda, an anonymous method or a query where one begins, else nil.
func (p *parser) lambdaOrQuery() syntax.Expr {
	if p.isLambda() {
		return p.lambda()
	}
	if p.isQuery() {
		return p.query()
	}
	return nil
}

// assignOp returns the operator of an assignment that follows (Assign for =) and how many tokens it has.
func (p *parser) assignOp() (syntax.Kind, int) {
	k := p.kind()
	if k == syntax.Assign {
		return syntax.Assign, 1
	}
	if op, ok := compound[k]; ok {
		return op, 1
	}
	next := p.peek(1)
	adjacent := next.Start == p.tok().End
	if k == syntax.Greater && next.Kind == syntax.GreaterEq && adjacent {
		return syntax.ShiftRight, 2
	}
	if k == syntax.QuestionQuestion && next.Kind == syntax.Assign && adjacent {
		p.newer(p.tok().Span.To(next.Span), "coalescing assignment", "8.0")
		return syntax.Assign, 2
	}
	return syntax.Invalid, 0
}

// conditional reads c ? a : b and what binds tighter.
func (p *parser) conditional() syntax.Expr {
	cond := p.binary(precCoalesce)
	if p.kind() != syntax.Question {
		return cond
	}
	p.advance()
	then := p.branch()
	if p.holes > 0 && p.kind() == syntax.EOF && strings.HasPrefix(p.src[p.start():], ":") {
		p.report(cond.Range().To(then.Range()), "CS8361", "A conditional expression cannot be used directly in a string "+
			"interpolation because the ':' ends the interpolation. Parenthesize the conditional expression.")
	}
	p.expect(syntax.Colon)
	otherwise := p.branch()
	return &syntax.CondExpr{Span: cond.Range().To(otherwise.Range()), Cond: cond, Then: then, Else: otherwise}
}

// branch is an alternative of a conditional expression, which may throw.
func (p *parser) branch() syntax.Expr { return p.expr() }

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
func precedence(k syntax.Kind) int {
	switch k {
	case syntax.QuestionQuestion:
		return precCoalesce
	case syntax.PipePipe:
		return precOrElse
	case syntax.AmpAmp:
		return precAndAlso
	case syntax.Pipe:
		return precOr
	case syntax.Caret:
		return precXor
	case syntax.Amp:
		return precAnd
	case syntax.EqEq, syntax.NotEq:
		return precEquality
	case syntax.Less, syntax.Greater, syntax.LessEq, syntax.GreaterEq, syntax.KwIs, syntax.KwAs:
		return precRelational
	case syntax.ShiftLeft:
		return precShift
	case syntax.Plus, syntax.Minus:
		return precAdditive
	case syntax.Star, syntax.Slash, syntax.Percent:
		return precMultiplicative
	}
	return 0
}

// binaryOp returns the operator that follows, its precedence and the number of its tokens. Two adjacent >
// are a shift; an operator followed by = is an assignment.
func (p *parser) binaryOp() (syntax.Kind, int, int) {
	k := p.kind()
	if _, n := p.assignOp(); n > 0 {
		return syntax.Invalid, 0, 0
	}
	if k == syntax.Greater {
		if next := p.peek(1); next.Kind == syntax.Greater && next.Start == p.tok().End {
			return syntax.ShiftRight, precShift, 2
		}
	}
	return k, precedence(k), 1
}

// binary reads operators that bind at least as tight as lowest. The length of a chain of operators is bounded,
// since its tree is as deep as the chain is long.
func (p *parser) binary(lowest int) syntax.Expr {
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
func (p *parser) binaryRest(left syntax.Expr, op syntax.Kind, prec int, opSpan syntax.Span) syntax.Expr {
	start := left.Range().Start
	switch op {
	case syntax.KwIs:
		pattern := p.isPattern()
		return &syntax.IsExpr{Span: p.from(start), X: left, Pattern: pattern}
	case syntax.KwAs:
		t := p.typeAfterOperator()
		return &syntax.AsExpr{Span: p.from(start), X: left, Type: t}
	case syntax.QuestionQuestion:
		right := p.coalesceRight()
		return &syntax.BinaryExpr{Span: left.Range().To(right.Range()), Op: op, X: left, Y: right, OpSpan: opSpan}
	}
	right := p.operand(prec + 1)
	return &syntax.BinaryExpr{Span: left.Range().To(right.Range()), Op: op, X: left, Y: right, OpSpan: opSpan}
}

// operand is the right operand of a binary operator; a lambda or a query may stand there too.
func (p *parser) operand(prec int) syntax.Expr {
	if !p.enter() {
		return &syntax.BadExpr{Span: p.tok().Span}
	}
	defer p.leave()
	if x := p.lambdaOrQuery(); x != nil {
		return x
	}
	return p.binary(prec)
}

// coalesceRight is the right operand of ??, which binds to the right and may throw.
func (p *parser) coalesceRight() syntax.Expr {
	if p.kind() == syntax.KwThrow {
		return p.expr()
	}
	return p.operand(precCoalesce)
}

// compound maps a compound assignment to its binary operator.
var compound = map[syntax.Kind]syntax.Kind{
	syntax.PlusAssign: syntax.Plus, syntax.MinusAssign: syntax.Minus, syntax.StarAssign: syntax.Star,
	syntax.SlashAssign: syntax.Slash, syntax.PercentAssign: syntax.Percent,
	syntax.AmpAssign: syntax.Amp, syntax.PipeAssign: syntax.Pipe, syntax.CaretAssign: syntax.Caret,
	syntax.ShiftLeftAssign: syntax.ShiftLeft, syntax.ShiftRightAssign: syntax.ShiftRight,
}
