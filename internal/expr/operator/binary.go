package operator

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/fold"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Text has the operators as they are written.
var Text = map[syntax.Kind]string{
	syntax.Plus: "+", syntax.Minus: "-", syntax.Star: "*", syntax.Slash: "/", syntax.Percent: "%",
	syntax.Amp: "&", syntax.Pipe: "|", syntax.Caret: "^", syntax.Bang: "!", syntax.Tilde: "~",
	syntax.ShiftLeft: "<<", syntax.ShiftRight: ">>", syntax.AmpAmp: "&&", syntax.PipePipe: "||",
	syntax.EqEq: "==", syntax.NotEq: "!=", syntax.Less: "<", syntax.LessEq: "<=", syntax.Greater: ">",
	syntax.GreaterEq: ">=", syntax.QuestionQuestion: "??", syntax.PlusPlus: "++", syntax.MinusMinus: "--",
}

// Binary types an operator on operands that are typed already.
func (c *Builder) Binary(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	switch {
	case convert.IsBad(x) || convert.IsBad(y):
		return c.Bad(at)
	case x.Type().Kind == types.Delegate || y.Type().Kind == types.Delegate:
		if n := c.delegates(at, op, x, y); n != nil {
			return n
		}
	}
	switch {
	case !IsOperand(x) && !isTuple(x) || !IsOperand(y) && !isTuple(y):
		return c.NoOperator(at, op, x, y)
	case IsNull(x) && IsNull(y):
		return c.bothNull(at, op)
	}
	if n := c.tuples(at, op, x, y); n != nil {
		return n
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
		return c.NoOperator(at, op, x, y)
	}
	return n
}

// IsOperand reports whether an operator may apply to an expression at all.
func IsOperand(x bound.Expr) bool {
	switch x.Type().Kind {
	case types.Void, types.Typeless, types.DefaultLiteral:
		return false
	default:
		return true
	}
}

// IsNull reports whether an expression is the literal null.
func IsNull(x bound.Expr) bool { return x.Type().Kind == types.Null }

func isString(x bound.Expr) bool { return x.Type().Special() == types.String }

// bothNull is null op null: equal, ambiguous, or nothing.
func (c *Builder) bothNull(at syntax.Node, op syntax.Kind) bound.Expr {
	if op == syntax.EqEq || op == syntax.NotEq {
		return c.boolLiteral(at, op == syntax.EqEq)
	}
	c.Host.Report(at, "CS0034", "'%s' between null and null could be any of its meanings", Text[op])
	return c.Bad(at)
}

// NoOperator reports that there is no such operator.
func (c *Builder) NoOperator(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	c.Host.Report(at, "CS0019", "'%s' is not defined for '%s' and '%s'", Text[op], x.Type().Name(), y.Type().Name())
	return c.Bad(at)
}

// arithmetic types + - * / % and the relational operators on numbers and enums.
func (c *Builder) arithmetic(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	if IsEnum(x) || IsEnum(y) {
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
func (c *Builder) numeric(at syntax.Node, op syntax.Kind, x, y bound.Expr, list []types.Special) bound.Expr {
	var best *types.Type
	ux, uy := c.under(x), c.under(y)
	var all []*types.Type
	for _, s := range list {
		t := c.Special(s)
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
			c.Host.Report(at, "CS0034", "'%s' between '%s' and '%s' is ambiguous; cast one of them", Text[op], x.Type().Name(), y.Type().Name())
			return c.Bad(at)
		}
	}
	return c.operator(at, op, best, x, y)
}

// under is an operand with T for T?, for the choice of an operator.
func (c *Builder) under(x bound.Expr) bound.Expr {
	if e := x.Type().NullableElem(); e != nil {
		return &bound.LocalRef{Node: convert.Node(x, e)}
	}
	return x
}

func (c *Builder) operandFits(x bound.Expr, t *types.Type) bool {
	return IsNull(x) || c.Fits(x, t).OK()
}

func (c *Builder) betterOperand(x, y bound.Expr, a, b *types.Type) bool {
	n, m := c.BetterTarget(x, a, b), c.BetterTarget(y, a, b)
	return n >= 0 && m >= 0 && n+m > 0
}

// operator makes a predefined operator: lifted where an operand is nullable, folded where both are constant.
func (c *Builder) operator(at syntax.Node, op syntax.Kind, t *types.Type, x, y bound.Expr) bound.Expr {
	lifted := IsNull(x) || IsNull(y) || x.Type().NullableElem() != nil || y.Type().NullableElem() != nil
	to := t
	if lifted && t.IsValueType() {
		to = c.Lib.NullableOf(t)
	}
	x, y = c.operandTo(x, to), c.operandTo(y, to)
	if convert.IsBad(x) || convert.IsBad(y) {
		return c.Bad(at)
	}
	if v, ok := c.folded(at, op, t, x, y); ok {
		return v
	}
	result := to
	if comparison(op) {
		result = c.Special(types.Boolean)
	}
	return &bound.Binary{
		Node: convert.Node(at, result), Op: op, X: x, Y: y, Operand: t, Lifted: to != t, Checked: c.Checked(),
	}
}

// operandTo converts an operand, a null among them.
func (c *Builder) operandTo(x bound.Expr, to *types.Type) bound.Expr {
	if IsNull(x) {
		return c.DefaultOf(x, to)
	}
	return c.Convert(x, to, x)
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
func (c *Builder) folded(at syntax.Node, op syntax.Kind, t *types.Type, x, y bound.Expr) (bound.Expr, bool) {
	a, okA := x.(*bound.Literal)
	b, okB := y.(*bound.Literal)
	if !okA || !okB || a.T.NullableElem() != nil || b.T.NullableElem() != nil {
		return nil, false
	}
	boolean := c.Special(types.Boolean)
	v, outcome := fold.Binary(op, t, boolean, a.Value, b.Value, c.FoldChecked())
	switch outcome {
	case fold.OK:
		result := t
		if comparison(op) {
			result = boolean
		}
		return &bound.Literal{Node: convert.Node(at, result), Value: v}, true
	case fold.Overflow:
		code := "CS0220"
		if t.Special() == types.Decimal {
			code = "CS0463"
		}
		c.Host.Report(at, code, "The constant overflows the type '%s'; use unchecked to cut it", t.Name())
		return c.Bad(at), true
	case fold.DivideByZero:
		c.Host.Report(at, "CS0020", "Division by the constant zero")
		return c.Bad(at), true
	default:
		return nil, false
	}
}

// Logical types && and ||.
func (c *Builder) Logical(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	t := c.Special(types.Boolean)
	if convert.IsBad(x) || convert.IsBad(y) {
		return c.Bad(at)
	}
	fx, fy := c.Fits(x, t), c.Fits(y, t)
	if !fx.OK() || !fy.OK() {
		return c.NoOperator(at, op, x, y)
	}
	x, y = c.Converted(x, t, fx), c.Converted(y, t, fy)
	if v, ok := c.folded(at, op, t, x, y); ok {
		return v
	}
	return &bound.Logical{Node: convert.Node(at, t), And: op == syntax.AmpAmp, X: x, Y: y}
}
