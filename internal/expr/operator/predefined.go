package operator

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/fold"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// IsEnum reports whether the type of an expression is an enum, or a nullable one.
func IsEnum(x bound.Expr) bool { return x.Type().Underlying().Kind == types.Enum }

func isBool(x bound.Expr) bool { return x.Type().Underlying().Special() == types.Boolean }

func (c *Builder) boolLiteral(at syntax.Node, b bool) bound.Expr {
	t := c.Special(types.Boolean)
	return &bound.Literal{Node: convert.Node(at, t), Value: value.BoxedBool(t, b)}
}

// enumType returns the enum of which both operands are values, a constant 0 and null included; nil for none.
func (c *Builder) enumType(x, y bound.Expr) *types.Type {
	t := x.Type().Underlying()
	if t.Kind != types.Enum {
		t = y.Type().Underlying()
	}
	if c.operandFits(c.under(x), t) && c.operandFits(c.under(y), t) {
		return t
	}
	return nil
}

// enumArithmetic types + - and the relational operators where an operand is an enum.
func (c *Builder) enumArithmetic(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	both := c.enumType(x, y)
	if both != nil && comparison(op) {
		return c.operator(at, op, both, x, y)
	}
	enum := x.Type().Underlying()
	if enum.Kind != types.Enum {
		enum = y.Type().Underlying()
	}
	number := enum.Def.Underlying
	switch {
	case op == syntax.Minus && both != nil && IsEnum(x) && IsEnum(y):
		return c.operator(at, op, number, c.Cast(x, c.likeNull(x, number), x), c.Cast(y, c.likeNull(y, number), y))
	case op == syntax.Plus && !(IsEnum(x) && IsEnum(y)), op == syntax.Minus && IsEnum(x):
		other := y
		if !IsEnum(x) {
			other = x
		}
		if !c.operandFits(c.under(other), number) {
			return nil
		}
		n := c.operator(at, op, number, c.toNumber(x, number), c.toNumber(y, number))
		if convert.IsBad(n) {
			return n
		}
		return c.Cast(n, c.likeNull(n, enum), at)
	default:
		return nil
	}
}

// toNumber converts an enum to its underlying type and leaves other operands alone.
func (c *Builder) toNumber(x bound.Expr, number *types.Type) bound.Expr {
	if IsEnum(x) {
		return c.Cast(x, c.likeNull(x, number), x)
	}
	return x
}

// likeNull is t, or t? where x is nullable.
func (c *Builder) likeNull(x bound.Expr, t *types.Type) *types.Type {
	if x.Type().NullableElem() != nil {
		return c.Lib.NullableOf(t)
	}
	return t
}

// bitwise types & | ^ on integers, booleans and enums.
func (c *Builder) bitwise(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	boolean := c.Special(types.Boolean)
	switch {
	case IsEnum(x) || IsEnum(y):
		if t := c.enumType(x, y); t != nil {
			return c.operator(at, op, t, x, y)
		}
		return nil
	case isBool(x) || isBool(y):
		if c.operandFits(c.under(x), boolean) && c.operandFits(c.under(y), boolean) {
			return c.operator(at, op, boolean, x, y)
		}
		return nil
	default:
		return c.numeric(at, op, x, y, integerTypes)
	}
}

// shift types << and >>.
func (c *Builder) shift(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	count := c.Special(types.Int32)
	if !c.operandFits(c.under(y), count) || IsNull(x) {
		return nil
	}
	var t *types.Type
	for _, s := range integerTypes {
		if n := c.Special(s); c.operandFits(c.under(x), n) {
			t = n
			break
		}
	}
	if t == nil {
		return nil
	}
	lifted := x.Type().NullableElem() != nil || y.Type().NullableElem() != nil || IsNull(y)
	result := t
	if lifted {
		result, count = c.Lib.NullableOf(t), c.Lib.NullableOf(count)
	}
	x, y = c.operandTo(x, result), c.operandTo(y, count)
	if v, ok := c.folded(at, op, t, x, y); ok {
		return v
	}
	return &bound.Binary{Node: convert.Node(at, result), Op: op, X: x, Y: y, Operand: t, Lifted: lifted}
}

// equality types == and !=.
func (c *Builder) equality(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	boolean := c.Special(types.Boolean)
	switch {
	case isString(x) && isString(y), isString(x) && IsNull(y), IsNull(x) && isString(y):
		return c.operator(at, op, c.Special(types.String), x, y)
	case IsEnum(x) || IsEnum(y):
		if t := c.enumType(x, y); t != nil {
			return c.operator(at, op, t, x, y)
		}
		return nil
	case isBool(x) && c.operandFits(c.under(y), boolean), isBool(y) && c.operandFits(c.under(x), boolean):
		return c.operator(at, op, boolean, x, y)
	}
	if n := c.numeric(at, op, x, y, arithmeticTypes); n != nil && !(IsNull(x) || IsNull(y)) {
		return n
	} else if n != nil && (x.Type().Underlying().IsNumeric() || y.Type().Underlying().IsNumeric()) {
		return n
	}
	if n := c.nullTest(at, op, x, y); n != nil {
		return n
	}
	return c.referenceEquality(at, op, x, y)
}

// nullTest compares a nullable whose type has no operator == with null.
func (c *Builder) nullTest(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	if IsNull(x) {
		x, y = y, x
	}
	if !IsNull(y) || x.Type().NullableElem() == nil {
		return nil
	}
	boolean := c.Special(types.Boolean)
	null := &bound.Literal{Node: convert.Node(y, c.Lib.Basic(types.Null))}
	is := &bound.Is{Node: convert.Node(at, boolean), X: x, Pattern: &bound.ConstPattern{Value: null}}
	if op == syntax.EqEq {
		return is
	}
	return &bound.Unary{Node: convert.Node(at, boolean), Op: syntax.Bang, X: is, Operand: boolean}
}

// referenceEquality compares two references, which must be able to be of one type.
func (c *Builder) referenceEquality(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	tx, ty := x.Type(), y.Type()
	if !tx.IsReference() && tx.Kind != types.Param || !ty.IsReference() && ty.Kind != types.Param {
		return nil
	}
	if !IsNull(x) && !IsNull(y) && !c.related(tx, ty) && !c.related(ty, tx) {
		return nil
	}
	object := c.Special(types.Object)
	return &bound.Binary{
		Node: convert.Node(at, c.Special(types.Boolean)), Op: op, X: c.operandTo(x, object), Y: c.operandTo(y, object), Operand: object,
	}
}

// related reports whether a reference of one type may be one of the other.
func (c *Builder) related(a, b *types.Type) bool {
	switch c.Lib.Explicit(a, b).Kind {
	case types.ToSame, types.ToBase, types.ToDerived:
		return true
	default:
		return false
	}
}

// concat types string concatenation, flattened; constants next to each other become one.
func (c *Builder) concat(at syntax.Node, x, y bound.Expr) bound.Expr {
	t := c.Special(types.String)
	var parts []bound.Expr
	for _, p := range []bound.Expr{x, y} {
		list := []bound.Expr{p}
		if n, ok := p.(*bound.Concat); ok {
			list = n.Parts
		}
		for _, one := range list {
			parts = c.addPart(parts, one)
		}
	}
	if lit, ok := parts[0].(*bound.Literal); ok && len(parts) == 1 {
		return &bound.Literal{Node: convert.Node(at, t), Value: lit.Value}
	}
	return &bound.Concat{Node: convert.Node(at, t), Parts: parts}
}

// maxConstant is the length of the longest string that is put together while an expression is compiled, in
// bytes; longer ones are left to the run and its budget, since constants of constants double.
const maxConstant = 32 << 10

// addPart adds one part, joined with the one before where both are constant strings.
func (c *Builder) addPart(parts []bound.Expr, x bound.Expr) []bound.Expr {
	if IsNull(x) {
		x = c.DefaultOf(x, c.Special(types.String))
	}
	lit, ok := x.(*bound.Literal)
	if n := len(parts); ok && n > 0 && isString(x) {
		if last, ok := parts[n-1].(*bound.Literal); ok && isString(last) && textLen(last)+textLen(lit) <= maxConstant {
			joined := &bound.Literal{Node: bound.Node{Span: last.Span.To(lit.Span), T: last.T}, Value: fold.Join(last.Value, lit.Value)}
			return append(parts[:n-1:n-1], joined)
		}
	}
	return append(parts, x)
}

// textLen is the length of a constant string, in bytes.
func textLen(x *bound.Literal) int { return len(x.Value.StringOrNull().Go()) }

// userBinary types a user-defined operator, nil where none applies.
func (c *Builder) userBinary(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	args := []overload.Argument{{X: x, At: x}, {X: y, At: y}}
	best, lifted := c.userOperator(at, op, args)
	if best == nil {
		return nil
	}
	m := best.M.Origin
	result := best.M.Result
	return &bound.Binary{
		Node: convert.Node(at, result), Op: op, X: c.Pass(best, 0, args[0]), Y: c.Pass(best, 1, args[1]),
		Operand: m.Params[0].Type, Lifted: lifted, Method: m, Checked: c.Checked(),
	}
}

// userOperator chooses among the operators that the operands' types declare, lifted to nullables too. The
// types that the language computes with itself have none.
func (c *Builder) userOperator(at syntax.Node, op syntax.Kind, args []overload.Argument) (best *overload.Candidate, lifted bool) {
	operands := make([]*types.Type, len(args))
	for i, a := range args {
		operands[i] = a.X.Type()
	}
	var list []*overload.Candidate
	for _, m := range c.Lib.Operators(Text[op], operands...) {
		if s := m.Declaring.Special(); s >= types.Object && s <= types.Decimal {
			continue
		}
		list = append(list, overload.NewCandidate(m))
		if l := c.liftedOperator(m, op); l != nil {
			list = append(list, overload.NewCandidate(l))
		}
	}
	if len(list) == 0 {
		return nil, false
	}
	best, other := c.Choose(list, args)
	if best == nil {
		return nil, false
	}
	if other != nil && other.M.Origin == best.M.Origin {
		return best, false
	}
	if other != nil {
		c.Host.Report(at, "CS0034", "'%s' is ambiguous between '%s' and '%s'", Text[op], best.M.Text, other.M.Text)
	}
	c.Host.Uses(best.M)
	return best, best.M.Params[0].Type != best.M.Origin.Params[0].Type
}

// liftedOperator is an operator on nullables made of one on structs, nil where it cannot be.
func (c *Builder) liftedOperator(m *types.Member, op syntax.Kind) *types.Member {
	l := *m
	l.Params = make([]types.Parameter, len(m.Params))
	for i, p := range m.Params {
		if !p.Type.IsValueType() || p.Type.NullableElem() != nil {
			return nil
		}
		p.Type = c.Lib.NullableOf(p.Type)
		l.Params[i] = p
	}
	if !comparison(op) {
		if !m.Result.IsValueType() || m.Result.NullableElem() != nil {
			return nil
		}
		l.Result = c.Lib.NullableOf(m.Result)
	}
	return &l
}
