package check

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/scope"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// call types f(args).
func (c *checker) call(e *syntax.CallExpr) bound.Expr {
	if x := c.nameofExpr(e); x != nil {
		return x
	}
	fun := c.bind(e.Fun, true)
	args := c.arguments(e.Args)
	if convert.IsBad(fun) {
		return c.Bad(e)
	}
	if g, ok := fun.(*overload.Group); ok {
		return c.callGroup(e, g, args)
	}
	fun = c.valueOf(fun, e.Fun)
	switch inv := fun.Type().Invoke(); {
	case convert.IsBad(fun):
	case inv == nil:
		c.report(e.Fun, "CS0149", "A method's name is needed before the parentheses, not a value of the type '%s'", fun.Type().Name())
	default:
		return c.callDelegate(e, fun, inv, args)
	}
	return c.Bad(e)
}

// callDelegate types the call of a delegate.
func (c *checker) callDelegate(e *syntax.CallExpr, fun bound.Expr, inv *types.Member, args []overload.Argument) bound.Expr {
	best, other := c.Choose([]*overload.Candidate{overload.NewCandidate(inv)}, args)
	if best == nil {
		c.NoMatch(overload.Site{Name: fun.Type().Name(), At: e.Fun, Count: "CS1593", Single: true}, other, args)
		return c.Bad(e)
	}
	list, _ := c.Passed(best, args)
	return &bound.Invoke{Node: convert.Node(e, inv.Result), X: fun, Args: list}
}

// callGroup types the call of a method group.
func (c *checker) callGroup(e *syntax.CallExpr, g *overload.Group, args []overload.Argument) bound.Expr {
	best, other := c.Choose(c.GroupCandidates(g), args)
	if (best == nil || best.M.Static) && g.Recv != nil {
		withThis := append([]overload.Argument{{X: g.Recv, At: g.Recv, Name: syntax.Name{Text: overload.Receiver}}}, args...)
		k, near := c.Choose(c.ExtensionCandidates(g), withThis)
		switch {
		case k != nil:
			return c.callExtension(e, g, k, near, withThis)
		case best == nil && (other == nil || near != nil && near.NearerThan(other)):
			return c.failed(e, g, near, withThis)
		}
	}
	switch {
	case best == nil:
		return c.failed(e, g, other, args)
	case other != nil && anyBad(args):
		return c.Bad(e)
	case other != nil:
		return c.ambiguous(e, g, best, other)
	case best.M.ReadsRequestBody || best.M.ReadsResponseBody:
		c.Uses(best.M)
	}
	if !c.receiverAllowed(e, g, best.M) {
		return c.Bad(e)
	}
	list, order := c.Passed(best, args)
	if g.Local != nil {
		return &bound.LocalCall{
			Node: convert.Node(e, best.Result(c.lib)), Function: c.instantiate(g.Local, best.TypeArgs, e), Args: list, Order: order,
		}
	}
	n := &bound.Call{Node: convert.Node(e, best.Result(c.lib)), Method: best.M, TypeArgs: best.TypeArgs, Args: list, Order: order}
	if !best.M.Static {
		n.X = g.Recv
	}
	return n
}

// callExtension types the call of an extension method.
func (c *checker) callExtension(e *syntax.CallExpr, g *overload.Group, k, other *overload.Candidate, args []overload.Argument) bound.Expr {
	if other != nil && anyBad(args) {
		return c.Bad(e)
	}
	if other != nil {
		return c.ambiguous(e, g, k, other)
	}
	c.Uses(k.M)
	list, order := c.Passed(k, args)
	return &bound.Call{Node: convert.Node(e, k.Result(c.lib)), Method: k.M, TypeArgs: k.TypeArgs, Args: list, Order: order}
}

// receiverAllowed compares what stands before the dot with what the method needs there.
func (c *checker) receiverAllowed(e *syntax.CallExpr, g *overload.Group, m *types.Member) bool {
	switch {
	case g.Local != nil:
		return true
	case m.Static && g.Recv != nil:
		c.report(e.Fun, "CS0176", "'%s' belongs to the type; write %s.%s", m.Name, m.Declaring.Name(), m.Name)
		return false
	case !m.Static && g.Recv == nil:
		c.report(e.Fun, "CS0120", "'%s' needs an object before the dot, not the type '%s'", m.Name, m.Declaring.Name())
		return false
	default:
		return true
	}
}

// anyBad reports whether an argument has an error, which has been reported.
func anyBad(args []overload.Argument) bool {
	for i := range args {
		if args[i].X != nil && convert.IsBad(args[i].X) {
			return true
		}
	}
	return false
}

func (c *checker) ambiguous(e *syntax.CallExpr, g *overload.Group, a, b *overload.Candidate) bound.Expr {
	c.report(g.Name, "CS0121", "The call fits both '%s' and '%s'; cast an argument", a.M.Text, b.M.Text)
	return c.Bad(e)
}

// failed reports why no method of a group takes the arguments.
func (c *checker) failed(e *syntax.CallExpr, g *overload.Group, near *overload.Candidate, args []overload.Argument) bound.Expr {
	if near == nil {
		c.report(g.Name, "CS1061", "Policy expressions have no method '%s' here", g.Name.Text)
		return c.Bad(e)
	}
	c.NoMatch(overload.Site{
		Name: g.Name.Text, At: g.Name, Count: "CS1501", Single: len(c.GroupCandidates(g)) == 1, Query: g.Name.Span == e.Span,
	}, near, args)
	return c.Bad(e)
}

// arguments types the arguments of a call.
func (c *checker) arguments(list []syntax.Argument) []overload.Argument {
	args := make([]overload.Argument, len(list))
	for i, a := range list {
		if name := a.Name.Text; name != "" && slices.ContainsFunc(list[:i], func(b syntax.Argument) bool { return b.Name.Text == name }) {
			c.report(a.Name, "CS1740", "The argument for '%s' is given twice", name)
		}
		args[i] = overload.Argument{Name: a.Name, Mode: a.Mode, At: a.Value}
		args[i].X = c.argumentValue(a)
	}
	return args
}

// argumentValue types one argument; one by reference must be a variable.
func (c *checker) argumentValue(a syntax.Argument) bound.Expr {
	if a.Mode == syntax.KwOut {
		if d := c.outDeclaration(a.Value); d != nil {
			return d
		}
	}
	x := c.expr(a.Value)
	if a.Mode == syntax.Invalid || convert.IsBad(x) {
		return x
	}
	switch x := x.(type) {
	case *bound.LocalRef:
		if !x.Local.ReadOnly || a.Mode == syntax.KwIn {
			return x
		}
		switch x.Local.Kept {
		case rangeVariable:
			c.report(a.Value, "CS1939", "The range variable '%s' of a query cannot be passed by reference", x.Local.Name)
			return c.Bad(a.Value)
		case inParameter:
			c.report(a.Value, "CS8329", "The in parameter '%s' cannot be passed by reference", x.Local.Name)
			return c.Bad(a.Value)
		}
		c.report(a.Value, "CS1657", "The variable '%s' of a foreach or using cannot be passed by reference", x.Local.Name)
		return c.Bad(a.Value)
	case *bound.ElementRef:
		return x
	default:
		c.report(a.Value, "CS1510", "Only a variable can be passed by reference")
		return c.Bad(a.Value)
	}
}

// outDeclaration is `out var x`, `out T x` or `out _`, nil for another argument.
func (c *checker) outDeclaration(e syntax.Expr) *overload.OutDecl {
	d := &overload.OutDecl{Node: convert.Node(e, c.lib.Basic(types.Typeless))}
	switch e := e.(type) {
	case *syntax.IdentExpr:
		if e.Name.Text != "_" || len(e.Args) > 0 || c.names.Lookup("_") != nil {
			return nil
		}
	case *syntax.DeclarationExpr:
		d.Decl = e
		if !isVar(e.Type) {
			d.Typ = c.types.Type(e.Type)
		}
	default:
		return nil
	}
	return d
}

// signature is what a local function is called by: its parameters with modes and defaults, and its result.
func (c *checker) signature(s *scope.Symbol) *types.Member {
	m := &types.Member{
		Kind: syntax.MethodMember, Name: s.Name, Static: true, TypeParams: s.TypeParams, Result: s.Function.Result, Text: s.Name,
	}
	for i, v := range s.Function.Params {
		p := types.Parameter{Name: v.Name, Type: v.Type}
		declared := s.Body.Params[i]
		switch declared.Mode {
		case syntax.KwOut, syntax.KwRef, syntax.KwIn:
			p.Mode = declared.Mode
		case syntax.KwParams:
			p.Params = v.Type.Kind == types.Array
		}
		if declared.Default != nil {
			p.Optional = true
			c.try(func() {
				if lit, ok := c.exprOf(declared.Default, v.Type).(*bound.Literal); ok {
					p.Default = lit.Value
				}
			})
		}
		m.Params = append(m.Params, p)
	}
	return m
}
