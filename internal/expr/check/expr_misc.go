package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// noDelegate reports a lambda or a method where its delegate type cannot be told.
func (c *checker) noDelegate(e syntax.Expr) {
	var at syntax.Node = e
	if l, ok := e.(*syntax.LambdaExpr); ok {
		at = l.Arrow
	}
	c.report(at, "CS8917", "The type of the delegate cannot be told; write it instead of var")
}

// typeofExpr types typeof(T).
func (c *checker) typeofExpr(e *syntax.TypeofExpr) bound.Expr {
	t := c.types.Type(e.Type)
	if t.Kind == types.Invalid {
		return c.Bad(e)
	}
	of := c.lib.Special(types.TypeOf)
	if of == nil {
		c.report(e, "CS0246", "Policy expressions have no 'typeof'")
		return c.Bad(e)
	}
	return &bound.TypeOf{Node: convert.Node(e, of), Of: t}
}

// defaultExpr types default(T) and default.
func (c *checker) defaultExpr(e *syntax.DefaultExpr) bound.Expr {
	if e.Type == nil {
		return &bound.Literal{Node: convert.Node(e, c.lib.Basic(types.DefaultLiteral))}
	}
	t := c.types.Type(e.Type)
	if t.Kind == types.Invalid {
		return c.Bad(e)
	}
	return c.DefaultOf(e, t)
}

// sizeof types sizeof(T), which is safe for the predefined types alone.
func (c *checker) sizeof(e *syntax.SizeofExpr) bound.Expr {
	t := c.types.Type(e.Type)
	n := t.Size()
	if n == 0 {
		if t.Kind != types.Invalid {
			c.report(e, "CS0233", "The size of '%s' is not known; a policy expression cannot be unsafe", t.Name())
		}
		return c.Bad(e)
	}
	return c.IntLiteral(e, n)
}

// nameofExpr types nameof(x), nil for any other call.
func (c *checker) nameofExpr(e *syntax.CallExpr) bound.Expr {
	id, ok := e.Fun.(*syntax.IdentExpr)
	if !ok || id.Name.Text != "nameof" || len(id.Args) > 0 || len(e.Args) != 1 || c.names.Lookup("nameof") != nil {
		return nil
	}
	arg := e.Args[0].Value
	if root := nameRoot(arg); root != arg {
		switch root.(type) {
		case *syntax.IdentExpr, *syntax.TypeExpr, *syntax.ThisExpr:
		default:
			c.report(root, "CS8082", "A part of what 'nameof' names must be a name as well")
			return c.Bad(e)
		}
	}
	name := ""
	switch a := arg.(type) {
	case *syntax.IdentExpr:
		name = a.Name.Text
	case *syntax.MemberExpr:
		name = a.Name.Text
	}
	if m, ok := arg.(*syntax.MemberExpr); !ok || !c.namesMember(m) {
		if x := c.bind(arg, false); convert.IsBad(x) {
			return c.Bad(e)
		}
	}
	if name == "" {
		c.report(arg, "CS8081", "'nameof' needs a name")
		return c.Bad(e)
	}
	t := c.Special(types.String)
	return &bound.Literal{Node: convert.Node(e, t), Value: value.OfGo(name)}
}

// nameRoot is what stands before the first dot.
func nameRoot(e syntax.Expr) syntax.Expr {
	for {
		m, ok := e.(*syntax.MemberExpr)
		if !ok {
			return e
		}
		e = m.X
	}
}

// namesMember reports whether x.Name is a member of the type x, which nameof may name without an object.
func (c *checker) namesMember(m *syntax.MemberExpr) bool {
	named := false
	c.try(func() {
		if t, ok := c.bind(m.X, false).(*typeExpr); ok {
			named = len(t.of.Find(m.Name.Text, false)) > 0
		}
	})
	return named
}

// maxAlignment bounds the width of a hole in an interpolated string.
const maxAlignment = 32767

// interpolated types $"…".
func (c *checker) interpolated(e *syntax.InterpolatedExpr) bound.Expr {
	n := &bound.Interpolation{Node: convert.Node(e, c.Special(types.String))}
	ok := true
	for i := range e.Parts {
		p := &e.Parts[i]
		if !p.Hole {
			n.Parts = append(n.Parts, bound.InterpolationPart{Text: p.Text})
			continue
		}
		hole, fine := c.hole(p)
		ok = ok && fine
		n.Parts = append(n.Parts, hole)
	}
	switch {
	case !ok:
		return c.Bad(e)
	case len(n.Parts) == 0:
		return &bound.Literal{Node: n.Node, Value: value.OfGo("")}
	case len(n.Parts) == 1 && n.Parts[0].X == nil:
		return &bound.Literal{Node: n.Node, Value: value.OfGo(n.Parts[0].Text)}
	}
	return n
}

// hole types {value,width:format}.
func (c *checker) hole(p *syntax.InterpolationPart) (bound.InterpolationPart, bool) {
	part := bound.InterpolationPart{Text: p.Format, X: c.expr(p.Expr)}
	if convert.IsBad(part.X) {
		return part, false
	}
	switch part.X.Type().Kind {
	case types.Null, types.DefaultLiteral:
		part.X = c.DefaultOf(part.X, c.Special(types.Object))
	case types.Void, types.Typeless:
		c.report(p.Expr, "CS8115", "'%s' is no value for a string; cast it", part.X.Type().Name())
		return part, false
	}
	if p.Alignment == nil {
		return part, true
	}
	number := c.Special(types.Int32)
	width := c.exprOf(p.Alignment, number)
	if convert.IsBad(width) {
		return part, false
	}
	lit, ok := width.(*bound.Literal)
	if !ok || lit.T != number || lit.Value.Int() > maxAlignment || lit.Value.Int() < -maxAlignment {
		c.report(p.Alignment, "CS0150", "The width must be a constant between -%d and %d", maxAlignment, maxAlignment)
		return part, false
	}
	part.Align = int(lit.Value.Int())
	return part, true
}
