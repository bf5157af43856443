package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/fold"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// contextType is the name of the type of the variable context.
const contextType = "IExpressionContext"

// ident types a simple name: a variable, context, a type, a namespace.
func (c *checker) ident(e *syntax.IdentExpr, invoked bool) bound.Expr {
	if len(e.Args) == 0 || invoked {
		if s := c.lookup(e.Name.Text); s != nil {
			return c.symbolRef(e, s)
		}
	}
	if x := c.contextRef(e); x != nil {
		return x
	}
	if x := c.typeName(e, e.Name.Text, e.Args); x != nil {
		return x
	}
	if len(e.Args) == 0 && c.lib.IsNamespace(e.Name.Text) {
		return &nsExpr{Node: c.node(e, c.lib.Basic(types.Typeless)), name: e.Name.Text}
	}
	if c.usedEarly(e.Name.Text) {
		c.report(e, "CS0841", "The variable '%s' is used before it is declared", e.Name.Text)
	} else {
		c.report(e, "CS0103", "The name '%s' does not exist here", e.Name.Text)
	}
	return c.bad(e)
}

// symbolRef reads a variable or names a local function.
func (c *checker) symbolRef(e *syntax.IdentExpr, s *symbol) bound.Expr {
	switch {
	case s.constant != nil:
		return &bound.Literal{Node: c.node(e, s.constant.T), Value: s.constant.Value}
	case s.function != nil:
		args, ok := c.typeArgs(e.Args)
		if !ok {
			return c.bad(e)
		}
		name := e.Name
		name.Span = e.Span
		return &groupExpr{Node: c.node(e, c.lib.Basic(types.Typeless)), name: name, local: s, typeArgs: args}
	case s.local == nil || s.local.Type == nil:
		return c.bad(e)
	default:
		return &bound.LocalRef{Node: c.node(e, s.local.Type), Local: s.local}
	}
}

// contextRef is the variable context, nil for another name.
func (c *checker) contextRef(e *syntax.IdentExpr) bound.Expr {
	if e.Name.Text != "context" {
		return nil
	}
	def := c.lib.Lookup(contextType, 0)
	if def == nil {
		return nil
	}
	return &bound.ContextRef{Node: c.node(e, def.Self())}
}

// typeName is the type of that name as an expression, nil where there is none.
func (c *checker) typeName(at syntax.Node, name string, list []syntax.Type) bound.Expr {
	def := c.definition(name, len(list))
	if def == nil {
		return nil
	}
	args, ok := c.typeArgs(list)
	if !ok {
		return c.bad(at)
	}
	return &typeExpr{Node: c.node(at, c.lib.Basic(types.Typeless)), of: c.lib.Construct(def, args...)}
}

// inNamespace types a name after a namespace: a type or an inner namespace.
func (c *checker) inNamespace(e *syntax.MemberExpr, ns *nsExpr) bound.Expr {
	full := ns.name + "." + e.Name.Text
	if x := c.typeName(e, full, e.Args); x != nil {
		return x
	}
	if len(e.Args) == 0 && c.lib.IsNamespace(full) {
		return &nsExpr{Node: c.node(e, c.lib.Basic(types.Typeless)), name: full}
	}
	c.report(e, "CS0234", "Policy expressions have no type '%s' in the namespace '%s'", e.Name.Text, ns.name)
	return c.bad(e)
}

// literal types a literal.
func (c *checker) literal(e *syntax.LiteralExpr) bound.Expr {
	v, t, code := fold.Literal(c.lib, e)
	switch code {
	case "":
	case "CS1021":
		// The compiler reports the place where the literal begins, without its length.
		c.diags.Report(syntax.Span{Start: e.Start, End: e.Start}, code, "The integer is too large for any integer type")
		return c.bad(e)
	default:
		c.report(e, code, "The number is out of the range of the type '%s'", t.Name())
		return c.bad(e)
	}
	return &bound.Literal{Node: c.node(e, t), Value: v}
}
