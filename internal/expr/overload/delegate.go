package overload

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// lambdaFits reports whether a lambda converts to a type: a delegate with as many parameters, whose body
// types with theirs and yields what the delegate does.
func (c *Resolver) lambdaFits(x *Lambda, to *types.Type) bool {
	inv := to.Invoke()
	if inv == nil || !c.lambdaTakes(x.Syntax, inv) {
		return false
	}
	rt := c.resultOf(x, inv)
	if rt != nil && rt.Kind == types.Invalid {
		return false
	}
	if rt != nil && inv.Result.Kind != types.Void && convert.Plain(rt) {
		if c.Lib.Implicit(rt, inv.Result).Exists() {
			return true
		}
		if !constantMay(rt, inv.Result) {
			return false
		}
	}
	return c.Binder.Try(func() { c.Binder.Lambda(x.Syntax, to) })
}

// lambdaTakes compares the parameters of a lambda with those of a delegate.
func (c *Resolver) lambdaTakes(l *syntax.LambdaExpr, inv *types.Member) bool {
	if l.NoParams {
		return true
	}
	if len(l.Params) != len(inv.Params) {
		return false
	}
	for i, p := range l.Params {
		if p.Type == nil {
			continue
		}
		var t *types.Type
		c.Binder.Try(func() { t = c.Binder.ResolveType(p.Type) })
		if t != inv.Params[i].Type || p.Mode != inv.Params[i].Mode {
			return false
		}
	}
	return true
}

// resultOf is the type that a lambda's body yields with the parameters of a delegate; nil where it has none
// or has errors.
func (c *Resolver) resultOf(x *Lambda, inv *types.Member) *types.Type {
	params := make([]*types.Type, len(inv.Params))
	for i, p := range inv.Params {
		params[i] = p.Type
	}
	return c.Binder.LambdaResult(x.Syntax, params)
}

// constantMay reports whether a constant of one type may convert to another to which its type does not.
func constantMay(from, to *types.Type) bool {
	to = to.Underlying()
	switch from.Special() {
	case types.Int32:
		return to.IsInteger() || to.Kind == types.Enum
	case types.Int64:
		return to.Special() == types.UInt64 || to.Kind == types.Enum
	default:
		return from.IsInteger() && to.Kind == types.Enum
	}
}

// lambdaMismatch reports why a lambda does not convert to a type.
func (c *Resolver) lambdaMismatch(x *Lambda, to *types.Type) {
	inv := to.Invoke()
	switch {
	case inv == nil && to.Special() == types.Object:
		c.Host.Report(x.Syntax.Arrow, "CS8917", "The lambda needs a delegate type; declare a variable of one, or cast it")
	case inv == nil:
		c.Host.Report(x, "CS1660", "A lambda does not convert to the type '%s', which is no delegate", to.Name())
	case !x.Syntax.NoParams && len(x.Syntax.Params) != len(inv.Params):
		c.Host.Report(x.Syntax.Arrow, "CS1593", "The delegate '%s' takes %d parameters, not %d", to.Name(), len(inv.Params), len(x.Syntax.Params))
	case !c.lambdaTakes(x.Syntax, inv):
		c.Host.Report(x.Syntax.Arrow, "CS1661", "The parameters of the lambda are not those of the delegate '%s'", to.Name())
		c.parameterMismatch(x.Syntax, inv)
	default:
		n := c.Host.Errors()
		if _, ok := c.Binder.Lambda(x.Syntax, to); !ok && c.Host.Errors() == n {
			c.Host.Report(x, "CS1662", "The lambda does not yield what the delegate '%s' does", to.Name())
		}
	}
}

// parameterMismatch reports the parameters of a lambda whose written types are not those of a delegate.
func (c *Resolver) parameterMismatch(l *syntax.LambdaExpr, inv *types.Member) {
	for i, p := range l.Params {
		if p.Type == nil {
			continue
		}
		if t := c.Binder.ResolveType(p.Type); t != inv.Params[i].Type && t.Kind != types.Invalid {
			c.Host.Report(p.Name, "CS1678", "The parameter is declared as '%s' but must be '%s'", t.Name(), inv.Params[i].Type.Name())
		}
	}
}

// groupFits reports whether a method group converts to a delegate.
func (c *Resolver) groupFits(x *Group, to *types.Type) bool {
	inv := to.Invoke()
	return inv != nil && c.groupTarget(x, inv) != nil
}

// groupTarget chooses the method of a group that a delegate's parameters call.
func (c *Resolver) groupTarget(x *Group, inv *types.Member) *Candidate {
	args := make([]Argument, len(inv.Params))
	for i, p := range inv.Params {
		args[i] = Argument{X: &bound.LocalRef{Node: convert.Node(x, p.Type)}, Mode: p.Mode, At: x}
	}
	best, _ := c.Choose(c.GroupCandidates(x), args)
	if best == nil && x.Recv != nil {
		best, _ = c.Choose(c.ExtensionCandidates(x), append([]Argument{{Name: syntax.Name{Text: Receiver}, X: x.Recv, At: x.Recv}}, args...))
	}
	if best == nil {
		return nil
	}
	for i, a := range args {
		if p := best.paramType(i + len(best.places) - len(args)); a.Mode == syntax.Invalid && !c.byReference(a.X.Type(), p) {
			return nil
		}
	}
	if inv.Result.Kind == types.Void || c.byReference(best.Result(c.Lib), inv.Result) {
		return best
	}
	return nil
}

// byReference reports whether a value of one type is one of the other without being changed: a delegate
// calls its method without converting numbers or boxing.
func (c *Resolver) byReference(from, to *types.Type) bool {
	if from.Kind == types.Void || to.Kind == types.Void {
		return from == to
	}
	switch c.Lib.Standard(from, to).Kind {
	case types.ToSame, types.ToBase:
		return true
	default:
		return false
	}
}

// groupTo converts a method group to a delegate type to which it converts.
func (c *Resolver) groupTo(x *Group, to *types.Type) bound.Expr {
	best := c.groupTarget(x, to.Invoke())
	if best == nil {
		return c.Bad(x)
	}
	if x.Local != nil {
		return &bound.MethodGroup{Node: convert.Node(x, to), Function: c.Binder.Instantiate(x.Local, best.TypeArgs, x)}
	}
	c.Host.Uses(best.M)
	n := &bound.MethodGroup{Node: convert.Node(x, to), Method: best.M, TypeArgs: best.TypeArgs}
	if !best.M.Static || best.M.Extension && x.Recv != nil {
		n.X = x.Recv
	}
	return n
}

func (c *Resolver) groupMismatch(x *Group, to *types.Type, where syntax.Node) {
	if to.Invoke() == nil {
		c.Host.Report(where, "CS0428", "The method '%s' does not convert to the type '%s', which is no delegate; call it", x.Name.Text, to.Name())
		return
	}
	c.Host.Report(where, "CS0123", "No method '%s' fits the delegate '%s'", x.Name.Text, to.Name())
}
