package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/typename"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// member types x.Name.
func (c *checker) member(e *syntax.MemberExpr, invoked bool) bound.Expr {
	x := c.bind(e.X, false)
	if convert.IsBad(x) {
		return c.Bad(e)
	}
	switch x := x.(type) {
	case *nsExpr:
		return c.inNamespace(e, x)
	case *typeExpr:
		return c.staticMember(e, x.of, invoked)
	case *overload.Group:
		c.report(e.X, "CS0119", "'%s' is a method, which is not valid here; call it", x.Name.Text)
		return c.Bad(e)
	}
	if !c.hasMembers(x) {
		c.report(e, "CS0023", "'.' cannot follow an operand of type '%s'", x.Type().Name())
		return c.Bad(e)
	}
	return c.memberOf(e, x, invoked)
}

// hasMembers reports whether a dot may follow a value.
func (c *checker) hasMembers(x bound.Expr) bool {
	switch x.Type().Kind {
	case types.Void, types.Null, types.DefaultLiteral, types.Typeless:
		return false
	default:
		return true
	}
}

// memberOf types a member of a value.
func (c *checker) memberOf(e *syntax.MemberExpr, x bound.Expr, invoked bool) bound.Expr {
	t, name := x.Type(), e.Name.Text
	if i := t.Element(name); i >= 0 {
		return &bound.AnonymousRef{Node: convert.Node(e, t.Args[i]), X: x, Index: i}
	}
	args, ok := c.types.Args(e.Args)
	if !ok && !typename.HasHoles(e.Args) {
		return c.Bad(e)
	}
	list := t.Find(name, invoked)
	if len(list) > 0 && list[0].Kind != syntax.MethodMember && len(e.Args) == 0 {
		return c.memberRef(e, x, list[0])
	}
	if methods := c.methodsOnly(list); len(methods) > 0 || len(c.lib.Extensions(name)) > 0 {
		if typename.HasHoles(e.Args) {
			c.report(e, "CS0305", "The generic method '%s' needs its type arguments", name)
			return c.Bad(e)
		}
		g := &overload.Group{
			Node: convert.Node(e, c.lib.Basic(types.Typeless)), Name: e.Name, Recv: x, Of: t, Methods: methods, TypeArgs: args,
			Resolver: c.Resolver,
		}
		if len(methods) > 0 || c.extensionFits(g) {
			return g
		}
	}
	if all := t.Find(name, false); len(all) > 0 {
		if invoked {
			c.report(e.Name, "CS1955", "'%s' cannot be called like a method", name)
		} else {
			c.report(e.Name, "CS0307", "'%s' takes no type arguments", name)
		}
		return c.Bad(e)
	}
	if e.Name.Span == e.Span { // Only what a query was rewritten to has its name everywhere.
		c.report(e.X, "CS1936", "A query needs a sequence; the type '%s' has no method '%s'", t.Name(), name)
		return c.Bad(e)
	}
	c.report(e.Name, "CS1061", "Policy expressions have no member '%s' of the type '%s'", name, t.Name())
	return c.Bad(e)
}

// staticMember types a member of a type.
func (c *checker) staticMember(e *syntax.MemberExpr, t *types.Type, invoked bool) bound.Expr {
	name := e.Name.Text
	if t.Def != nil {
		if x := c.typeName(e, t.Def.Namespace+"."+t.Def.Name+"."+name, e.Args); x != nil && t.Def.Namespace != "" {
			return x
		}
	}
	if typename.HasHoles(e.Args) {
		c.report(e, "CS0305", "'%s' needs its type arguments", name)
		return c.Bad(e)
	}
	args, ok := c.types.Args(e.Args)
	if !ok {
		return c.Bad(e)
	}
	list := t.Find(name, invoked)
	switch {
	case len(list) == 0:
		c.report(e.Name, "CS0117", "Policy expressions have no member '%s' of the type '%s'", name, t.Name())
		return c.Bad(e)
	case list[0].Kind == syntax.MethodMember:
		return &overload.Group{
			Node: convert.Node(e, c.lib.Basic(types.Typeless)), Name: e.Name, Of: t, Methods: c.methodsOnly(list), TypeArgs: args,
			Resolver: c.Resolver,
		}
	case !list[0].Static:
		c.report(e, "CS0120", "'%s.%s' needs an object before the dot, not the type", t.Name(), name)
		return c.Bad(e)
	default:
		return c.memberRef(e, nil, list[0])
	}
}

// memberRef reads a property, a field or a constant.
func (c *checker) memberRef(e *syntax.MemberExpr, x bound.Expr, m *types.Member) bound.Expr {
	if m.Static && x != nil {
		c.report(e, "CS0176", "'%s' belongs to the type; write %s.%s", m.Name, m.Declaring.Name(), m.Name)
		return c.Bad(e)
	}
	c.Uses(m)
	switch m.Kind {
	case syntax.ConstantMember, syntax.EnumMember:
		return &bound.Literal{Node: convert.Node(e, m.Result), Value: m.Const}
	case syntax.FieldMember:
		return &bound.FieldRef{Node: convert.Node(e, m.Result), X: x, Field: m}
	default:
		return &bound.PropertyRef{Node: convert.Node(e, m.Result), X: x, Property: m}
	}
}

func (c *checker) methodsOnly(list []*types.Member) []*types.Member {
	if len(list) > 0 && list[0].Kind == syntax.MethodMember {
		return list
	}
	return nil
}

// extensionFits reports whether an extension method of the group's name takes the receiver.
func (c *checker) extensionFits(g *overload.Group) bool {
	for _, m := range c.lib.Extensions(g.Name.Text) {
		if c.receiverFits(g.Recv, m) {
			return true
		}
	}
	return false
}

// receiverFits reports whether an extension method takes a value of this type as its first argument; type
// parameters are inferred from it alone.
func (c *checker) receiverFits(x bound.Expr, m *types.Member) bool {
	first := m.Params[0].Type
	if len(m.TypeParams) > 0 && first.IsOpen(m.TypeParams) {
		f := c.lib.NewInference(m.TypeParams)
		f.Lower(x.Type(), first)
		for _, i := range f.Unfixed(first) {
			if !f.HasBounds(i) || !f.Fix(i) {
				return false
			}
		}
		first = f.Close(first)
	}
	switch c.lib.Standard(x.Type(), first).Kind {
	case types.ToSame, types.ToBase, types.ToObject:
		return true
	default:
		return false
	}
}
