package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/fold"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// operatorText has the operators as they are written.
var operatorText = map[syntax.Kind]string{
	syntax.Plus: "+", syntax.Minus: "-", syntax.Star: "*", syntax.Slash: "/", syntax.Percent: "%",
	syntax.Amp: "&", syntax.Pipe: "|", syntax.Caret: "^", syntax.Bang: "!", syntax.Tilde: "~",
	syntax.ShiftLeft: "<<", syntax.ShiftRight: ">>", syntax.AmpAmp: "&&", syntax.PipePipe: "||",
	syntax.EqEq: "==", syntax.NotEq: "!=", syntax.Less: "<", syntax.LessEq: "<=", syntax.Greater: ">",
	syntax.GreaterEq: ">=", syntax.QuestionQuestion: "??", syntax.PlusPlus: "++", syntax.MinusMinus: "--",
}

// binary types x op y.
func (c *checker) binary(e *syntax.BinaryExpr) bound.Expr {
	switch e.Op {
	case syntax.AmpAmp, syntax.PipePipe:
		return c.logical(e)
	case syntax.QuestionQuestion:
		return c.coalesce(e)
	}
	x, y := c.expr(e.X), c.expr(e.Y)
	return c.binaryOf(e, e.Op, x, y)
}

// binaryOf types an operator on operands that are typed already.
func (c *checker) binaryOf(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	switch {
	case isBad(x) || isBad(y):
		return c.bad(at)
	case !operand(x) || !operand(y):
		return c.noOperator(at, op, x, y)
	case isNull(x) && isNull(y):
		return c.bothNull(at, op, x, y)
	}
	if n := c.userBinary(at, op, x, y); n != nil {
		return n
	}
	var n bound.Expr
	switch op {
	case syntax.ShiftLeft, syntax.ShiftRight:
		n = c.shift(at, op, x, y)
	case syntax.EqEq, syntax.NotEq:
		n = c.equality(at, op, x, y)
	case syntax.Plus:
		if isString(x) || isString(y) {
			return c.concat(at, x, y)
		}
		n = c.arithmetic(at, op, x, y)
	case syntax.Amp, syntax.Pipe, syntax.Caret:
		n = c.bitwise(at, op, x, y)
	default:
		n = c.arithmetic(at, op, x, y)
	}
	if n == nil {
		return c.noOperator(at, op, x, y)
	}
	return n
}

// operand reports whether an operator may apply to an expression at all.
func operand(x bound.Expr) bool {
	switch x.Type().Kind {
	case types.Void, types.Typeless, types.DefaultLiteral:
		return false
	default:
		return true
	}
}

func isNull(x bound.Expr) bool { return x.Type().Kind == types.Null }

func isString(x bound.Expr) bool { return x.Type().Special() == types.String }

// bothNull is null op null: equal, ambiguous, or nothing.
func (c *checker) bothNull(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	if op == syntax.EqEq || op == syntax.NotEq {
		return c.boolLiteral(at, op == syntax.EqEq)
	}
	c.report(at, "CS0034", "'%s' between null and null could be any of its meanings", operatorText[op])
	return c.bad(at)
}

func (c *checker) noOperator(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	c.report(at, "CS0019", "'%s' is not defined for '%s' and '%s'", operatorText[op], x.Type().Name(), y.Type().Name())
	return c.bad(at)
}

// logical types && and ||.
func (c *checker) logical(e *syntax.BinaryExpr) bound.Expr {
	x, y := c.expr(e.X), c.expr(e.Y)
	t := c.special(types.Boolean)
	if isBad(x) || isBad(y) {
		return c.bad(e)
	}
	fx, fy := c.fits(x, t), c.fits(y, t)
	if !fx.ok() || !fy.ok() {
		return c.noOperator(e, e.Op, x, y)
	}
	x, y = c.converted(x, t, fx), c.converted(y, t, fy)
	if v, ok := c.folded(e, e.Op, t, x, y); ok {
		return v
	}
	return &bound.Logical{Node: c.node(e, t), And: e.Op == syntax.AmpAmp, X: x, Y: y}
}

// arithmetic types + - * / % and the relational operators on numbers and enums.
func (c *checker) arithmetic(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	if isEnum(x) || isEnum(y) {
		return c.enumArithmetic(at, op, x, y)
	}
	return c.numeric(at, op, x, y, arithmeticTypes)
}

// The operand types of the predefined operators, in the order in which C# lists them.
var (
	arithmeticTypes = []types.Special{
		types.Int32, types.UInt32, types.Int64, types.UInt64, types.Single, types.Double, types.Decimal,
	}
	integerTypes = arithmeticTypes[:4]
)

// numeric types an operator that both operands are promoted for; nil where it does not apply. An ambiguity
// is reported.
func (c *checker) numeric(at syntax.Node, op syntax.Kind, x, y bound.Expr, list []types.Special) bound.Expr {
	var best *types.Type
	ux, uy := c.under(x), c.under(y)
	var all []*types.Type
	for _, s := range list {
		t := c.special(s)
		if c.operandFits(ux, t) && c.operandFits(uy, t) {
			all = append(all, t)
		}
	}
	for _, t := range all {
		if best == nil || c.betterOperand(ux, uy, t, best) {
			best = t
		}
	}
	if best == nil {
		return nil
	}
	for _, t := range all {
		if t != best && !c.betterOperand(ux, uy, best, t) {
			c.report(at, "CS0034", "'%s' between '%s' and '%s' is ambiguous; cast one of them", operatorText[op], x.Type().Name(), y.Type().Name())
			return c.bad(at)
		}
	}
	return c.operator(at, op, best, x, y)
}

// under is an operand with T for T?, for the choice of an operator.
func (c *checker) under(x bound.Expr) bound.Expr {
	if e := x.Type().NullableElem(); e != nil {
		return &bound.LocalRef{Node: c.node(x, e)}
	}
	return x
}

func (c *checker) operandFits(x bound.Expr, t *types.Type) bool {
	return isNull(x) || c.fits(x, t).ok()
}

func (c *checker) betterOperand(x, y bound.Expr, a, b *types.Type) bool {
	n, m := c.betterTarget(x, a, b), c.betterTarget(y, a, b)
	return n >= 0 && m >= 0 && n+m > 0
}

// operator makes a predefined operator: lifted where an operand is nullable, folded where both are constant.
func (c *checker) operator(at syntax.Node, op syntax.Kind, t *types.Type, x, y bound.Expr) bound.Expr {
	lifted := isNull(x) || isNull(y) || x.Type().NullableElem() != nil || y.Type().NullableElem() != nil
	to := t
	if lifted && t.IsValueType() {
		to = c.lib.NullableOf(t)
	}
	x, y = c.operandTo(x, to), c.operandTo(y, to)
	if isBad(x) || isBad(y) {
		return c.bad(at)
	}
	if v, ok := c.folded(at, op, t, x, y); ok {
		return v
	}
	result := to
	if comparison(op) {
		result = c.special(types.Boolean)
	}
	return &bound.Binary{
		Node: c.node(at, result), Op: op, X: x, Y: y, Operand: t, Lifted: to != t, Checked: c.checked,
	}
}

// operandTo converts an operand, a null among them.
func (c *checker) operandTo(x bound.Expr, to *types.Type) bound.Expr {
	if isNull(x) {
		return c.defaultOf(x, to)
	}
	return c.convert(x, to, x)
}

func comparison(op syntax.Kind) bool {
	switch op {
	case syntax.EqEq, syntax.NotEq, syntax.Less, syntax.LessEq, syntax.Greater, syntax.GreaterEq:
		return true
	default:
		return false
	}
}

// folded computes an operator on two constants; false leaves it to the run. An error is reported and is a
// value that stands for it.
func (c *checker) folded(at syntax.Node, op syntax.Kind, t *types.Type, x, y bound.Expr) (bound.Expr, bool) {
	a, okA := x.(*bound.Literal)
	b, okB := y.(*bound.Literal)
	if !okA || !okB || a.T.NullableElem() != nil || b.T.NullableElem() != nil {
		return nil, false
	}
	boolean := c.special(types.Boolean)
	v, outcome := fold.Binary(op, t, boolean, a.Value, b.Value, !c.unchecked)
	switch outcome {
	case fold.OK:
		result := t
		if comparison(op) {
			result = boolean
		}
		return &bound.Literal{Node: c.node(at, result), Value: v}, true
	case fold.Overflow:
		code := "CS0220"
		if t.Special() == types.Decimal {
			code = "CS0463"
		}
		c.report(at, code, "The constant overflows the type '%s'; use unchecked to cut it", t.Name())
		return c.bad(at), true
	case fold.DivideByZero:
		c.report(at, "CS0020", "Division by the constant zero")
		return c.bad(at), true
	default:
		return nil, false
	}
}
