package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/operator"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// conditional types c ? a : b.
func (c *checker) conditional(e *syntax.CondExpr) bound.Expr {
	test := c.condition(e.Cond)
	x, y := c.expr(e.Then), c.expr(e.Else)
	if convert.IsBad(x) || convert.IsBad(y) {
		return c.Bad(e)
	}
	t := c.commonType(x, y)
	if t == nil {
		c.report(e, "CS0173", "The two sides, '%s' and '%s', have no common type; cast one of them", x.Type().Name(), y.Type().Name())
		return c.Bad(e)
	}
	x, y = c.convert(x, t, e.Then), c.convert(y, t, e.Else)
	if lit, ok := test.(*bound.Literal); ok {
		return c.constantChoice(e, lit, x, y)
	}
	return &bound.Cond{Node: convert.Node(e, t), Test: test, Then: x, Else: y}
}

// constantChoice folds a conditional where all three parts are constant.
func (c *checker) constantChoice(e *syntax.CondExpr, test *bound.Literal, x, y bound.Expr) bound.Expr {
	a, okA := x.(*bound.Literal)
	b, okB := y.(*bound.Literal)
	if !okA || !okB {
		return &bound.Cond{Node: convert.Node(e, x.Type()), Test: test, Then: x, Else: y}
	}
	if !test.Value.Bool() {
		a = b
	}
	return &bound.Literal{Node: convert.Node(e, x.Type()), Value: a.Value}
}

// commonType is the type of the two sides to which the other converts, nil where there is none.
func (c *checker) commonType(x, y bound.Expr) *types.Type {
	tx, ty := x.Type(), y.Type()
	if tx.Plain == ty.Plain && convert.Plain(tx) {
		return tx
	}
	toY := convert.Plain(ty) && c.Fits(x, ty).OK()
	toX := convert.Plain(tx) && c.Fits(y, tx).OK()
	switch {
	case toX && toY:
		if c.lib.Implicit(tx, ty).Exists() && !c.lib.Implicit(ty, tx).Exists() {
			return ty
		}
		return tx
	case toY:
		return ty
	case toX:
		return tx
	default:
		return nil
	}
}

// coalesce types x ?? y.
func (c *checker) coalesce(e *syntax.BinaryExpr) bound.Expr {
	x, y := c.expr(e.X), c.expr(e.Y)
	if convert.IsBad(x) || convert.IsBad(y) {
		return c.Bad(e)
	}
	t := x.Type()
	if operator.IsNull(x) && convert.Plain(y.Type()) && y.Type().AcceptsNull() {
		return y
	}
	if !t.AcceptsNull() || operator.IsNull(x) || !operator.IsOperand(x) {
		return c.NoOperator(e, e.Op, x, y)
	}
	n := &bound.Coalesce{X: x, Unwrap: t.NullableElem() != nil}
	bare := t.Underlying()
	switch {
	case n.Unwrap && c.Fits(y, bare).OK():
		n.Node = convert.Node(e, bare)
	case c.Fits(y, t).OK():
		n.Node = convert.Node(e, t)
	case convert.Plain(y.Type()) && c.lib.Implicit(bare, y.Type()).Exists():
		n.Node = convert.Node(e, y.Type())
	default:
		return c.NoOperator(e, e.Op, x, y)
	}
	n.Temp = c.names.Temp(bare)
	n.Then = c.convert(convert.ReadTemp(e.X, n.Temp), n.T, e.X)
	n.Y = c.convert(y, n.T, e.Y)
	return n
}

// conditionalAccess types x?.… and x?[…].
func (c *checker) conditionalAccess(e *syntax.ConditionalAccessExpr) bound.Expr {
	x := c.expr(e.X)
	if convert.IsBad(x) {
		return c.Bad(e)
	}
	t := x.Type()
	if !t.AcceptsNull() || operator.IsNull(x) || !operator.IsOperand(x) {
		q := e.Then.Range().Start
		c.diags.Report(syntax.Span{Start: q - 1, End: q}, "CS0023", "'?.' cannot follow an operand of type '%s', which is never null", t.Name())
		return c.Bad(e)
	}
	n := &bound.CondAccess{X: x, Temp: c.names.Temp(t.Underlying()), Unwrap: t.NullableElem() != nil}
	c.receivers = append(c.receivers, convert.ReadTemp(e.X, n.Temp))
	then := c.expr(e.Then)
	c.receivers = c.receivers[:len(c.receivers)-1]
	if convert.IsBad(then) {
		return c.Bad(e)
	}
	rt := then.Type()
	if rt.Kind == types.Typeless {
		c.report(e, "CS8977", "A method after '?.' must be called")
		return c.Bad(e)
	}
	if rt.IsValueType() && rt.NullableElem() == nil {
		rt = c.lib.NullableOf(rt)
		then = c.convert(then, rt, e.Then)
	}
	n.Node, n.Then = convert.Node(e, rt), then
	return n
}

// receiver is what a conditional access around has tested.
func (c *checker) receiver(e *syntax.BindingExpr) bound.Expr {
	if len(c.receivers) == 0 {
		return c.Bad(e)
	}
	ref, ok := c.receivers[len(c.receivers)-1].(*bound.LocalRef)
	if !ok {
		return c.Bad(e)
	}
	return localRef(ref.Local, e)
}

// throwExpr types throw x, which fits every type.
func (c *checker) throwExpr(e *syntax.ThrowExpr) bound.Expr {
	x := c.exprOf(e.X, c.Special(types.Exception))
	if convert.IsBad(x) {
		return c.Bad(e)
	}
	return &bound.Throw{Node: convert.Node(e, c.lib.Basic(types.Typeless)), X: x}
}
