package operator

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// delegates types + and - on delegates, one of which may be a lambda, a method or null; nil for all else.
func (c *Builder) delegates(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	t := x.Type()
	if t.Kind != types.Delegate {
		t = y.Type()
	}
	if t.Kind != types.Delegate || op != syntax.Plus && op != syntax.Minus || !c.Fits(x, t).OK() || !c.Fits(y, t).OK() {
		return nil
	}
	run := value.Combine
	if op == syntax.Minus {
		run = value.Remove
	}
	m := &types.Member{
		Kind: syntax.MethodMember, Name: Text[op], Static: true, Result: t, Text: "Delegate " + Text[op],
		Params: []types.Parameter{{Name: "x", Type: t}, {Name: "y", Type: t}},
		Impl: types.Func(func(k *value.Call) (value.Value, *value.Exception) {
			return run(k.Thread, k.Result, k.Args[0], k.Args[1])
		}),
	}
	return &bound.Call{Node: convert.Node(at, t), Method: m, Args: []bound.Expr{c.operandTo(x, t), c.operandTo(y, t)}}
}
