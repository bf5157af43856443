package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// lambda binds a lambda to a delegate type and reports what is wrong with it; false means that something is.
func (c *checker) lambda(l *syntax.LambdaExpr, d *types.Type) (*bound.Lambda, bool) {
	b := &bound.Lambda{Node: bound.Node{Span: l.Range(), T: d}}
	n := c.diags.Len()
	invoke := d.Invoke()
	if invoke == nil {
		if d.Kind != types.Invalid {
			c.report(l, "CS1660", "Cannot convert lambda expression to type '%s' because it is not a delegate type", d.Name())
		}
		return b, false
	}
	params := make([]*types.Type, len(invoke.Params))
	for i := range invoke.Params {
		params[i] = invoke.Params[i].Type
	}
	if !c.lambdaShape(l, d, invoke) {
		return b, false
	}
	if b.Function = c.bodyFor(l, params, invoke.Result); b.Function == nil {
		b.Function = c.lambdaBody(l, params, invoke.Result)
	}
	return b, c.diags.Len() == n
}

// lambdaShape checks a lambda's parameters against those of a delegate.
func (c *checker) lambdaShape(l *syntax.LambdaExpr, d *types.Type, invoke *types.Member) bool {
	if l.Async {
		c.report(l, codeRefused, "A policy expression cannot use async.")
		return false
	}
	if l.NoParams {
		return true
	}
	if len(l.Params) != len(invoke.Params) {
		c.report(l.Arrow, "CS1593", "Delegate '%s' does not take %d arguments", d.Name(), len(l.Params))
		return false
	}
	for i := range l.Params {
		p, q := &l.Params[i], &invoke.Params[i]
		if p.Type == nil {
			if q.Mode != syntax.Invalid {
				c.report(p, "CS1676", "Parameter %d must be declared with the '%s' keyword", i+1, q.Mode)
				return false
			}
			continue
		}
		if t := c.types.Type(p.Type); t.Plain != q.Type.Plain && t.Kind != types.Invalid {
			c.report(p, "CS1678", "Parameter %d is declared as type '%s' but should be '%s'", i+1, t.Name(), q.Type.Name())
			return false
		}
	}
	return true
}

// lambdaBody checks a lambda's body as a function of its own. A nil result is inferred.
func (c *checker) lambdaBody(l *syntax.LambdaExpr, params []*types.Type, result *types.Type) *bound.Function {
	fn := &bound.Function{At: l.Arrow, Parent: c.names.Fn, Result: result}
	leave := c.enterFunction(fn)
	defer leave()
	for i := range l.Params {
		t := c.invalid()
		if i < len(params) {
			t = params[i]
		}
		v := c.names.NewLocal(l.Params[i].Name.Text, t)
		if l.Params[i].OfQuery {
			v.ReadOnly, v.Kept = true, rangeVariable
		}
		c.names.DeclareParam(l.Params[i].Name, v)
		fn.Params = append(fn.Params, v)
	}
	for i := len(l.Params); l.NoParams && i < len(params); i++ {
		fn.Params = append(fn.Params, c.names.Temp(params[i]))
	}
	if l.Block != nil {
		fn.Body = c.blockBody(l.Block)
		return fn
	}
	fn.Body = &bound.Block{StmtNode: node(l.Body), List: []bound.Stmt{c.lambdaExpr(l.Body, fn)}}
	fn.Body.Locals = c.names.Top.Locals
	return fn
}

// lambdaExpr is the body of x => e as a statement.
func (c *checker) lambdaExpr(e syntax.Expr, fn *bound.Function) bound.Stmt {
	switch {
	case fn.Result == nil:
		r := &bound.Return{StmtNode: node(e), X: c.expr(e)}
		c.returns[fn] = append(c.returns[fn], r)
		return r
	case fn.Result.Kind == types.Void:
		return &bound.ExprStmt{StmtNode: node(e), X: c.effect(e)}
	}
	return &bound.Return{StmtNode: node(e), X: c.result(e, fn.Result)}
}

// enterFunction makes fn the current function, with a scope of its own and nothing to jump to; the function
// returned goes back.
func (c *checker) enterFunction(fn *bound.Function) func() {
	jumps, catches, finallies, guarded, checked := c.jumps, c.catches, c.finallies, c.guarded, c.checked
	c.jumps, c.catches, c.finallies, c.guarded = nil, 0, 0, 0
	leave := c.names.Enter(fn)
	return func() {
		leave()
		c.jumps, c.catches, c.finallies, c.guarded, c.checked = jumps, catches, finallies, guarded, checked
	}
}

// maxCached is the number of parameters of the lambdas whose results are remembered.
const maxCached = 4

// resultKey is what the result of a lambda depends on.
type resultKey struct {
	// fn is the function around, whose variables have one type each.
	fn *bound.Function
	// lambda is the lambda, params the types of its parameters.
	lambda *syntax.LambdaExpr
	params [maxCached]*types.Type
}

// lambdaOutcome is what a lambda yields on its own: the type, and its body where that has no error.
type lambdaOutcome struct {
	result *types.Type
	fn     *bound.Function
}

// lambdaResult returns the type that a lambda returns where its parameters have these types: Void for no
// result, Invalid where its body has an error, nil where it has no type of its own.
func (c *checker) lambdaResult(l *syntax.LambdaExpr, params []*types.Type) *types.Type {
	if len(params) > maxCached {
		return c.inferResult(l, params).result
	}
	key := keyOf(c.names.Fn, l, params)
	if o, ok := c.results[key]; ok {
		return o.result
	}
	o := c.inferResult(l, params)
	c.results[key] = o
	return o.result
}

func keyOf(fn *bound.Function, l *syntax.LambdaExpr, params []*types.Type) resultKey {
	key := resultKey{fn: fn, lambda: l}
	copy(key.params[:], params)
	return key
}

// bodyFor returns the body that was checked when the lambda's result was inferred, where it yields exactly
// what a delegate needs; nil where it has to be checked anew. Without it each level of nested lambdas would
// double the work.
func (c *checker) bodyFor(l *syntax.LambdaExpr, params []*types.Type, result *types.Type) *bound.Function {
	if len(params) > maxCached || result.Kind == types.Void {
		return nil
	}
	fn := c.results[keyOf(c.names.Fn, l, params)].fn
	if fn == nil || len(c.returns[fn]) == 0 {
		return nil
	}
	for _, r := range c.returns[fn] {
		if r.X == nil || r.X.Type() != result {
			return nil
		}
	}
	fn.Result = result
	return fn
}

func (c *checker) inferResult(l *syntax.LambdaExpr, params []*types.Type) lambdaOutcome {
	if l.Async || !l.NoParams && len(l.Params) != len(params) {
		return lambdaOutcome{}
	}
	var fn *bound.Function
	if !c.try(func() { fn = c.lambdaBody(l, params, nil) }) {
		return lambdaOutcome{result: c.invalid()}
	}
	return lambdaOutcome{result: c.resultOf(l, c.returns[fn]), fn: fn}
}

// resultOf is the type to which all returns of a lambda convert.
func (c *checker) resultOf(l *syntax.LambdaExpr, returns []*bound.Return) *types.Type {
	var list []*types.Type
	for _, r := range returns {
		if r.X == nil {
			continue
		}
		switch t := r.X.Type(); t.Kind {
		case types.Invalid, types.Void:
			return t
		case types.Typeless, types.DefaultLiteral:
		default:
			list = append(list, t)
		}
	}
	if len(list) == 0 {
		if len(returns) > 0 && l.Block == nil || hasValue(returns) {
			return nil
		}
		return c.void()
	}
	return c.lib.BestCommon(list)
}

func hasValue(list []*bound.Return) bool {
	for _, r := range list {
		if r.X != nil {
			return true
		}
	}
	return false
}
