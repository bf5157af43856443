package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// lambdaConverts reports whether a lambda converts to a type: a delegate with as many parameters, whose body
// types with theirs and yields what the delegate does.
func (c *checker) lambdaConverts(x *lambdaExpr, to *types.Type) bool {
	inv := to.Invoke()
	if inv == nil || !c.lambdaTakes(x.syntax, inv) {
		return false
	}
	if rt := c.resultOf(x, inv); rt != nil && inv.Result.Kind != types.Void && plainType(rt) {
		if c.lib.Implicit(rt, inv.Result).Exists() {
			return true
		}
		if !constantMay(rt, inv.Result) {
			return false
		}
	}
	return c.try(func() { c.lambda(x.syntax, to) })
}

// lambdaTakes compares the parameters of a lambda with those of a delegate.
func (c *checker) lambdaTakes(l *syntax.LambdaExpr, inv *types.Member) bool {
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
		c.try(func() { t = c.resolveType(p.Type) })
		if t != inv.Params[i].Type || p.Mode != inv.Params[i].Mode {
			return false
		}
	}
	return true
}

// resultOf is the type that a lambda's body yields with the parameters of a delegate; nil where it has none
// or has errors.
func (c *checker) resultOf(x *lambdaExpr, inv *types.Member) *types.Type {
	params := make([]*types.Type, len(inv.Params))
	for i, p := range inv.Params {
		params[i] = p.Type
	}
	return c.lambdaResult(x.syntax, params)
}

// plainType reports whether a type says all about how its expression converts.
func plainType(t *types.Type) bool {
	switch t.Kind {
	case types.Null, types.DefaultLiteral, types.Typeless, types.Invalid, types.Void:
		return false
	default:
		return true
	}
}

// constantMay reports whether a constant of one type may convert to another to which its type does not.
func constantMay(from, to *types.Type) bool {
	return from.IsInteger() && (to.Underlying().IsInteger() || to.Underlying().Kind == types.Enum)
}

// lambdaMismatch reports why a lambda does not convert to a type.
func (c *checker) lambdaMismatch(x *lambdaExpr, to *types.Type) {
	inv := to.Invoke()
	switch {
	case inv == nil:
		c.report(x, "CS1660", "A lambda does not convert to the type '%s', which is no delegate", to.Name())
	case !x.syntax.NoParams && len(x.syntax.Params) != len(inv.Params):
		c.report(x.syntax.Arrow, "CS1593", "The delegate '%s' takes %d parameters, not %d", to.Name(), len(inv.Params), len(x.syntax.Params))
	case !c.lambdaTakes(x.syntax, inv):
		c.report(x.syntax.Arrow, "CS1661", "The parameters of the lambda are not those of the delegate '%s'", to.Name())
	default:
		n := c.diags.Len()
		if _, ok := c.lambda(x.syntax, to); !ok && c.diags.Len() == n {
			c.report(x, "CS1662", "The lambda does not yield what the delegate '%s' does", to.Name())
		}
	}
}

// groupFits reports whether a method group converts to a delegate.
func (c *checker) groupFits(x *groupExpr, to *types.Type) bool {
	inv := to.Invoke()
	return inv != nil && c.groupTarget(x, inv) != nil
}

// groupTarget chooses the method of a group that a delegate's parameters call.
func (c *checker) groupTarget(x *groupExpr, inv *types.Member) *candidate {
	args := make([]argument, len(inv.Params))
	for i, p := range inv.Params {
		args[i] = argument{x: &bound.LocalRef{Node: c.node(x, p.Type)}, mode: p.Mode, at: x}
	}
	best, _ := c.choose(c.groupCandidates(x), args)
	if best == nil && x.recv != nil {
		best, _ = c.choose(c.extensionCandidates(x), append([]argument{{x: x.recv, at: x.recv}}, args...))
	}
	if best == nil {
		return nil
	}
	result := best.result(c)
	if inv.Result.Kind == types.Void || result.Kind != types.Void && c.lib.Standard(result, inv.Result).Exists() {
		return best
	}
	return nil
}

// groupTo converts a method group to a delegate type to which it converts.
func (c *checker) groupTo(x *groupExpr, to *types.Type) bound.Expr {
	best := c.groupTarget(x, to.Invoke())
	if best == nil {
		return c.bad(x)
	}
	if x.local != nil {
		return &bound.MethodGroup{Node: c.node(x, to), Function: x.local.function}
	}
	c.uses(best.m)
	n := &bound.MethodGroup{Node: c.node(x, to), Method: best.m, TypeArgs: best.typeArgs}
	if !best.m.Static || best.m.Extension && x.recv != nil {
		n.X = x.recv
	}
	return n
}

func (c *checker) groupMismatch(x *groupExpr, to *types.Type, where syntax.Node) {
	if to.Invoke() == nil {
		c.report(where, "CS0428", "The method '%s' does not convert to the type '%s', which is no delegate; call it", x.name.Text, to.Name())
		return
	}
	c.report(where, "CS0123", "No method '%s' fits the delegate '%s'", x.name.Text, to.Name())
}
