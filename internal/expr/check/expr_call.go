package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// call types f(args).
func (c *checker) call(e *syntax.CallExpr) bound.Expr {
	if x := c.nameofExpr(e); x != nil {
		return x
	}
	fun := c.bind(e.Fun, true)
	args := c.arguments(e.Args)
	if isBad(fun) {
		return c.bad(e)
	}
	if g, ok := fun.(*groupExpr); ok {
		return c.callGroup(e, g, args)
	}
	fun = c.valueOf(fun, e.Fun)
	switch inv := fun.Type().Invoke(); {
	case isBad(fun):
	case inv == nil:
		c.report(e.Fun, "CS0149", "A method's name is needed before the parentheses, not a value of the type '%s'", fun.Type().Name())
	default:
		return c.callDelegate(e, fun, inv, args)
	}
	return c.bad(e)
}

// callDelegate types the call of a delegate.
func (c *checker) callDelegate(e *syntax.CallExpr, fun bound.Expr, inv *types.Member, args []argument) bound.Expr {
	best, other := c.choose([]*candidate{{m: inv}}, args)
	if best == nil {
		c.noMatch(callSite{name: fun.Type().Name(), at: e.Fun, count: "CS1593"}, other, args)
		return c.bad(e)
	}
	list, _ := c.passed(best, args)
	return &bound.Invoke{Node: c.node(e, inv.Result), X: fun, Args: list}
}

// callGroup types the call of a method group.
func (c *checker) callGroup(e *syntax.CallExpr, g *groupExpr, args []argument) bound.Expr {
	best, other := c.choose(c.groupCandidates(g), args)
	if best == nil && g.recv != nil {
		withThis := append([]argument{{x: g.recv, at: g.recv, name: syntax.Name{Text: receiverName}}}, args...)
		k, near := c.choose(c.extensionCandidates(g), withThis)
		switch {
		case k != nil:
			return c.callExtension(e, g, k, near, withThis)
		case other == nil || near != nil && near.fault.arg > 0 && other.fault.kind < near.fault.kind:
			return c.failed(e, g, near, withThis)
		}
	}
	switch {
	case best == nil:
		return c.failed(e, g, other, args)
	case other != nil:
		return c.ambiguous(e, g, best, other)
	case best.m.ReadsRequestBody || best.m.ReadsResponseBody:
		c.uses(best.m)
	}
	if !c.receiverAllowed(e, g, best.m) {
		return c.bad(e)
	}
	list, order := c.passed(best, args)
	if g.local != nil {
		return &bound.LocalCall{
			Node: c.node(e, best.result(c)), Function: g.local.function, Args: list, Order: order,
		}
	}
	n := &bound.Call{Node: c.node(e, best.result(c)), Method: best.m, TypeArgs: best.typeArgs, Args: list, Order: order}
	if !best.m.Static {
		n.X = g.recv
	}
	return n
}

// callExtension types the call of an extension method.
func (c *checker) callExtension(e *syntax.CallExpr, g *groupExpr, k, other *candidate, args []argument) bound.Expr {
	if other != nil {
		return c.ambiguous(e, g, k, other)
	}
	c.uses(k.m)
	list, order := c.passed(k, args)
	return &bound.Call{Node: c.node(e, k.result(c)), Method: k.m, TypeArgs: k.typeArgs, Args: list, Order: order}
}

// receiverAllowed compares what stands before the dot with what the method needs there.
func (c *checker) receiverAllowed(e *syntax.CallExpr, g *groupExpr, m *types.Member) bool {
	switch {
	case g.local != nil:
		return true
	case m.Static && g.recv != nil:
		c.report(e.Fun, "CS0176", "'%s' belongs to the type; write %s.%s", m.Name, m.Declaring.Name(), m.Name)
		return false
	case !m.Static && g.recv == nil:
		c.report(e.Fun, "CS0120", "'%s' needs an object before the dot, not the type '%s'", m.Name, m.Declaring.Name())
		return false
	default:
		return true
	}
}

func (c *checker) ambiguous(e *syntax.CallExpr, g *groupExpr, a, b *candidate) bound.Expr {
	c.report(g.name, "CS0121", "The call fits both '%s' and '%s'; cast an argument", a.m.Text, b.m.Text)
	return c.bad(e)
}

// failed reports why no method of a group takes the arguments.
func (c *checker) failed(e *syntax.CallExpr, g *groupExpr, near *candidate, args []argument) bound.Expr {
	if near == nil {
		c.report(g.name, "CS1061", "Policy expressions have no method '%s' here", g.name.Text)
		return c.bad(e)
	}
	c.noMatch(callSite{name: g.name.Text, at: g.name, count: "CS1501"}, near, args)
	return c.bad(e)
}

// arguments types the arguments of a call.
func (c *checker) arguments(list []syntax.Argument) []argument {
	args := make([]argument, len(list))
	for i, a := range list {
		args[i] = argument{name: a.Name, mode: a.Mode, at: a.Value}
		args[i].x = c.argumentValue(a)
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
	if a.Mode == syntax.Invalid || isBad(x) {
		return x
	}
	switch x.(type) {
	case *bound.LocalRef, *bound.ElementRef:
		return x
	default:
		c.report(a.Value, "CS1510", "Only a variable can be passed by reference")
		return c.bad(a.Value)
	}
}

// outDeclaration is `out var x`, `out T x` or `out _`, nil for another argument.
func (c *checker) outDeclaration(e syntax.Expr) *outDecl {
	d := &outDecl{Node: c.node(e, c.lib.Basic(types.Typeless))}
	switch e := e.(type) {
	case *syntax.IdentExpr:
		if e.Name.Text != "_" || len(e.Args) > 0 || c.lookup("_") != nil {
			return nil
		}
	case *syntax.DeclarationExpr:
		d.decl = e
		if !isVar(e.Type) {
			d.typ = c.resolveType(e.Type)
		}
	default:
		return nil
	}
	return d
}

// passed converts the arguments to the parameters' types, fills in defaults and builds the params array.
func (c *checker) passed(k *candidate, args []argument) (list []bound.Expr, order []int) {
	list = make([]bound.Expr, len(k.params))
	rest := len(k.params) - 1
	var elems []bound.Expr
	last, sorted := -1, true
	for i, a := range args {
		x := c.pass(k, i, a)
		n := k.places[i]
		sorted = sorted && n >= last
		last = n
		if k.expanded && n == rest {
			elems = append(elems, x)
			continue
		}
		list[n] = x
		order = append(order, n)
	}
	at := c.placeOf(args)
	if k.expanded {
		t := k.params[rest].Type
		list[rest] = &bound.NewArray{Node: c.node(at, t), Elems: elems, Sizes: []bound.Expr{c.intLiteral(at, len(elems))}}
	}
	for n, p := range k.params {
		if list[n] == nil {
			list[n] = c.omitted(p, at)
		}
	}
	if sorted {
		return list, nil
	}
	for n := range list {
		if !containsInt(order, n) {
			order = append(order, n)
		}
	}
	return list, order
}

func containsInt(list []int, n int) bool {
	for _, m := range list {
		if m == n {
			return true
		}
	}
	return false
}

func (c *checker) placeOf(args []argument) syntax.Node {
	if len(args) == 0 {
		return syntax.Span{}
	}
	return args[len(args)-1].at.Range()
}

// pass converts one argument.
func (c *checker) pass(k *candidate, i int, a argument) bound.Expr {
	to := k.paramType(i)
	if d, ok := a.x.(*outDecl); ok {
		n := &bound.OutArg{Node: c.node(a.at, to), Mode: syntax.KwOut}
		if d.decl != nil && d.decl.Designation.Name.Text != "_" {
			if l := c.declare(d.decl.Designation.Name, to); l != nil {
				n.Target = &bound.LocalRef{Node: c.node(a.at, to), Local: l}
			}
		}
		return n
	}
	if mode := k.params[k.places[i]].Mode; mode != syntax.Invalid && a.mode != syntax.Invalid {
		return &bound.OutArg{Node: c.node(a.at, to), Mode: mode, Target: a.x}
	}
	return c.converted(a.x, to, k.fits[i])
}

// omitted is the default of a parameter without argument.
func (c *checker) omitted(p types.Parameter, at syntax.Node) bound.Expr {
	if p.Default.IsNull() {
		return c.defaultOf(at, p.Type)
	}
	return &bound.Literal{Node: c.node(at, p.Type), Value: p.Default}
}

// intLiteral is a constant of the type int.
func (c *checker) intLiteral(at syntax.Node, n int) bound.Expr {
	t := c.special(types.Int32)
	return &bound.Literal{Node: c.node(at, t), Value: value.Boxed(t, uint64(n))}
}
