package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/fold"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/scope"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/typename"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// contextType is the name of the type of the variable context.
const contextType = "IExpressionContext"

// ident types a simple name: a variable, context, a type, a namespace.
func (c *checker) ident(e *syntax.IdentExpr, invoked bool) bound.Expr {
	if s := c.names.Lookup(e.Name.Text); s != nil && (len(e.Args) == 0 || invoked || s.Function != nil) {
		return c.symbolRef(e, s)
	}
	if x := c.contextRef(e); x != nil {
		return x
	}
	if x := c.typeName(e, e.Name.Text, e.Args); x != nil {
		return x
	}
	if len(e.Args) == 0 && c.lib.IsNamespace(e.Name.Text) {
		return &nsExpr{Node: convert.Node(e, c.lib.Basic(types.Typeless)), name: e.Name.Text}
	}
	if c.names.UsedEarly(e.Name.Text) {
		c.report(e, "CS0841", "The variable '%s' is used before it is declared", e.Name.Text)
	} else {
		c.report(e, "CS0103", "The name '%s' does not exist here", e.Name.Text)
	}
	return c.Bad(e)
}

// symbolRef reads a variable or names a local function.
func (c *checker) symbolRef(e *syntax.IdentExpr, s *scope.Symbol) bound.Expr {
	switch {
	case s.Constant != nil:
		return &bound.Literal{Node: convert.Node(e, s.Constant.T), Value: s.Constant.Value}
	case s.Function != nil:
		if typename.HasHoles(e.Args) {
			c.report(e, "CS0305", "The method '%s' needs its type arguments", e.Name.Text)
			return c.Bad(e)
		}
		args, ok := c.types.Args(e.Args)
		if !ok {
			return c.Bad(e)
		}
		name := e.Name
		name.Span = e.Span
		return &overload.Group{Node: convert.Node(e, c.lib.Basic(types.Typeless)), Name: name, Local: s.Function, TypeArgs: args,
			Methods: []*types.Member{c.signature(s)}, Resolver: c.Resolver}
	case s.Local == nil || s.Local.Type == nil:
		return c.Bad(e)
	default:
		return &bound.LocalRef{Node: convert.Node(e, s.Local.Type), Local: s.Local}
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
	return &bound.ContextRef{Node: convert.Node(e, def.Self())}
}

// typeName is the type of that name as an expression, nil where there is none.
func (c *checker) typeName(at syntax.Node, name string, list []syntax.Type) bound.Expr {
	if p := c.names.TypeParam(name); p != nil && len(list) == 0 {
		return &typeExpr{Node: convert.Node(at, c.lib.Basic(types.Typeless)), of: p}
	}
	def := c.types.Definition(name, len(list))
	if def == nil {
		return nil
	}
	if typename.HasHoles(list) {
		c.report(at, "CS7003", "The generic type '%s' needs its type arguments", name)
		return c.Bad(at)
	}
	args, ok := c.types.Args(list)
	if !ok {
		return c.Bad(at)
	}
	return &typeExpr{Node: convert.Node(at, c.lib.Basic(types.Typeless)), of: c.lib.Construct(def, args...)}
}

// inNamespace types a name after a namespace: a type or an inner namespace.
func (c *checker) inNamespace(e *syntax.MemberExpr, ns *nsExpr) bound.Expr {
	full := ns.name + "." + e.Name.Text
	if x := c.typeName(e, full, e.Args); x != nil {
		return x
	}
	if len(e.Args) == 0 && c.lib.IsNamespace(full) {
		return &nsExpr{Node: convert.Node(e, c.lib.Basic(types.Typeless)), name: full}
	}
	c.report(e, "CS0234", "Policy expressions have no type '%s' in the namespace '%s'", e.Name.Text, ns.name)
	return c.Bad(e)
}

// literal types a literal.
func (c *checker) literal(e *syntax.LiteralExpr) bound.Expr {
	v, t, code := fold.Literal(c.lib, e)
	switch code {
	case "":
	case "CS1021":
		// The compiler reports the place where the literal begins, without its length.
		c.diags.Report(syntax.Span{Start: e.Start, End: e.Start}, code, "The integer is too large for any integer type")
		return c.Bad(e)
	default:
		c.report(e, code, "The number is out of the range of the type '%s'", t.Name())
		return c.Bad(e)
	}
	return &bound.Literal{Node: convert.Node(e, t), Value: v}
}
