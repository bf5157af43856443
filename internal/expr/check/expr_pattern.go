package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/operator"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// isExpr types x is pattern.
func (c *checker) isExpr(e *syntax.IsExpr) bound.Expr {
	x := c.expr(e.X)
	if convert.IsBad(x) {
		return c.Bad(e)
	}
	if !operator.IsOperand(x) {
		c.report(e.X, "CS0837", "'is' cannot follow a lambda, a method or a call without result")
		return c.Bad(e)
	}
	n := &bound.Is{Node: convert.Node(e, c.Special(types.Boolean)), X: x}
	before := c.diags.Len()
	n.Pattern = c.isPattern(e.Pattern, x)
	if n.Pattern == nil || c.diags.Len() > before {
		return c.Bad(e)
	}
	if !keepsValue(n.Pattern) {
		c.onlyTested(x)
	}
	return n
}

// keepsValue reports whether a pattern has a variable for what it is tried on.
func keepsValue(p bound.Pattern) bool {
	switch p := p.(type) {
	case *bound.TypePattern:
		return p.Local != nil
	case *bound.VarPattern:
		return p.Local != nil
	default:
		return false
	}
}

// isPattern checks the pattern after is, where a type alone is allowed to be one that never fits.
func (c *checker) isPattern(p syntax.Pattern, x bound.Expr) bound.Pattern {
	switch p := p.(type) {
	case *syntax.TypePattern:
		if p.Name.Text == "" {
			return c.typeTest(p.Type, c.types.Type(p.Type), x)
		}
	case *syntax.ConstPattern:
		if t := c.patternType(p.Value); t != nil {
			return c.typeTest(p, t, x)
		}
	}
	return c.pattern(p, x)
}

// typeTest is x is T: what can never be is false rather than an error.
func (c *checker) typeTest(at syntax.Node, t *types.Type, x bound.Expr) bound.Pattern {
	switch {
	case t.Kind == types.Invalid:
		return nil
	case t.Kind == types.Void:
		c.report(at, "CS1547", "'void' is not a type that a value can have")
		return nil
	}
	return &bound.TypePattern{Of: t.Underlying(), Always: c.Always(x.Type(), t.Underlying())}
}

// patternType is the type that an expression in a pattern names, nil where it is a value.
func (c *checker) patternType(e syntax.Expr) *types.Type {
	var x bound.Expr
	c.try(func() { x = c.bind(e, false) })
	if t, ok := x.(*typeExpr); ok {
		return t.of
	}
	return nil
}

// pattern checks a pattern against an operand and declares its variable; nil where it has an error.
func (c *checker) pattern(p syntax.Pattern, x bound.Expr) bound.Pattern {
	switch p := p.(type) {
	case *syntax.TypePattern:
		return c.typePattern(p, x)
	case *syntax.VarPattern:
		v := &bound.VarPattern{}
		if p.Name.Text != "_" {
			t := x.Type()
			if operator.IsNull(x) {
				t = c.Special(types.Object)
			}
			v.Local = c.names.DeclareLate(p.Name, t)
		}
		return v
	case *syntax.ConstPattern:
		if t := c.patternType(p.Value); t != nil {
			if c.patternFits(p, t, x) {
				return c.typeTest(p, t, x)
			}
			return nil
		}
		return c.constPattern(p, x)
	default:
		return nil
	}
}

// typePattern is T x.
func (c *checker) typePattern(p *syntax.TypePattern, x bound.Expr) bound.Pattern {
	if isVar(p.Type) {
		return c.pattern(&syntax.VarPattern{Span: p.Span, Name: p.Name}, x)
	}
	t := c.types.Type(p.Type)
	ok := t.Kind != types.Invalid
	if ok && t.NullableElem() != nil {
		c.report(p.Type, "CS8116", "A pattern tests for '%s', which a value that is not null is; not for '%s'", t.NullableElem().Name(), t.Name())
		ok = false
	}
	ok = ok && c.patternFits(p.Type, t, x)
	n := &bound.TypePattern{Of: t}
	if p.Name.Text != "" && p.Name.Text != "_" {
		n.Local = c.names.DeclareLate(p.Name, t)
	}
	if !ok {
		return nil
	}
	n.Always = c.Always(x.Type(), t)
	return n
}

// patternFits reports a type that no value of the operand's type can have.
func (c *checker) patternFits(at syntax.Node, t *types.Type, x bound.Expr) bool {
	if operator.IsNull(x) || convert.IsBad(x) {
		return true
	}
	switch c.lib.Explicit(x.Type(), t).Kind {
	case types.NoConversion, types.ToUser, types.ToNumber:
		c.report(at, "CS8121", "A value of the type '%s' is never of the type '%s'", x.Type().Name(), t.Name())
		return false
	default:
		return true
	}
}

// constPattern is a constant, converted to the operand's type; for an operand of a wider type it is boxed
// when it is compared.
func (c *checker) constPattern(p *syntax.ConstPattern, x bound.Expr) bound.Pattern {
	v := c.expr(p.Value)
	if convert.IsBad(v) {
		return nil
	}
	if isDefault(v) {
		c.report(p.Value, "CS8505", "'default' is no pattern; write the value that it stands for")
		return nil
	}
	lit, ok := v.(*bound.Literal)
	if !ok {
		c.report(p.Value, "CS9135", "A constant of the type '%s' is needed here", x.Type().Name())
		return nil
	}
	t := x.Type()
	if operator.IsNull(lit) {
		if !t.AcceptsNull() && t.Kind != types.Param {
			c.report(p.Value, "CS0037", "A value of the type '%s' is never null", t.Name())
			return nil
		}
		return &bound.ConstPattern{Value: lit}
	}
	to := t.Underlying()
	if !to.IsValueType() && to.Special() != types.String {
		if !c.Fits(lit, to).OK() {
			c.CannotConvert(lit, to, p.Value)
			return nil
		}
		return &bound.ConstPattern{Value: lit}
	}
	converted, ok := c.convert(lit, to, p.Value).(*bound.Literal)
	if !ok {
		return nil
	}
	return &bound.ConstPattern{Value: converted}
}
