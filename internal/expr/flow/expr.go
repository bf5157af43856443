package flow

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// flowExpr follows the evaluation of an expression.
func (f *checker) flowExpr(e bound.Expr) {
	switch e := e.(type) {
	case nil:
	case *bound.LocalRef:
		f.use(e)
	case *bound.AnonymousRef:
		f.element(e)
	case *bound.Assign:
		f.assignment(e)
	case *bound.Compound:
		f.flowExpr(e.X)
		f.flowExpr(e.Value)
	case *bound.Call:
		f.arguments(e.X, e.Args)
	case *bound.New:
		f.arguments(nil, e.Args)
	case *bound.LocalCall:
		f.arguments(nil, e.Args)
		f.called(e)
	case *bound.MethodGroup:
		f.flowExpr(e.X)
		if e.Function != nil {
			f.needs(f.summary(e.Function), e)
		}
	case *bound.Lambda:
		f.lambdaFlow(e)
	case *bound.Throw:
		f.flowExpr(e.X)
		f.state = deadState()
	case *bound.Coalesce:
		f.coalesce(e)
	case *bound.CondAccess:
		f.flowExpr(e.X)
		before := f.state.clone()
		f.flowExpr(e.Then)
		f.state = join(before, f.state)
	case *bound.Logical, *bound.Is, *bound.Cond, *bound.Unary:
		yes, no := f.cond(e)
		f.state = join(yes, no)
	default:
		for _, child := range bound.Children(e) {
			f.flowExpr(child)
		}
	}
}

// assignment evaluates a target's parts, then the value; the variable has a value after it.
func (f *checker) assignment(e *bound.Assign) {
	ref, ok := e.X.(*bound.LocalRef)
	if !ok && f.assignElement(e) {
		return
	}
	if !ok {
		for _, child := range bound.Children(e.X) {
			f.flowExpr(child)
		}
	}
	f.flowExpr(e.Y)
	if ok {
		f.assign(ref.Local)
	}
}

// arguments evaluates arguments; out arguments have values after all of them.
func (f *checker) arguments(x bound.Expr, args []bound.Expr) {
	f.flowExpr(x)
	var outs []*bound.Local
	for _, a := range args {
		out, ok := a.(*bound.OutArg)
		if !ok || out.Mode != syntax.KwOut {
			f.flowExpr(a)
			continue
		}
		if ref, ok := out.Target.(*bound.LocalRef); ok {
			outs = append(outs, ref.Local)
		} else {
			f.flowExpr(out.Target)
		}
	}
	for _, v := range outs {
		f.assign(v)
	}
}

func (f *checker) coalesce(e *bound.Coalesce) {
	f.flowExpr(e.X)
	before := f.state.clone()
	f.flowExpr(e.Y)
	after := f.state
	f.state = before
	f.flowExpr(e.Then)
	f.state = join(f.state, after)
}

// lambdaFlow follows a lambda's body. What it assigns counts only inside of it.
func (f *checker) lambdaFlow(e *bound.Lambda) {
	before := f.state.clone()
	f.state.dead = false
	f.functionFlow(e.Function, func() {
		f.report(e.Function.At, "CS1643", "Not all code paths return a value in lambda expression of type '%s'", e.T.Name())
	})
	f.state = before
}

// functionFlow follows a function's body; missing is called where its end is reached without a result.
func (f *checker) functionFlow(fn *bound.Function, missing func()) {
	if fn == nil || fn.Body == nil {
		return
	}
	outer := f.fn
	f.fn = fn
	defer func() { f.fn = outer }()
	for _, p := range fn.Params {
		if p.Out {
			f.unassign(p)
		}
	}
	f.stmt(fn.Body)
	f.outs(fn.At)
	f.leave()
	if !f.state.dead && fn.Result != nil && fn.Yields == nil && fn.Result.Kind != types.Void && fn.Result.Kind != types.Invalid {
		missing()
	}
}

// outs reports the out parameters that have no value where the function is left.
func (f *checker) outs(at syntax.Node) {
	if f.fn == nil || f.state.dead {
		return
	}
	for _, p := range f.fn.Params {
		if n, ok := f.numbers[p]; ok && p.Out && f.state.has(n) {
			f.report(at, "CS0177", "The out parameter '%s' has no value here", p.Name)
		}
	}
}

// cond follows a condition and returns the states where it is true and where it is false.
func (f *checker) cond(e bound.Expr) (yes, no flowState) {
	switch e := e.(type) {
	case *bound.Literal:
		if e.T.Special() == types.Boolean {
			if e.Value.Bool() {
				return f.state, deadState()
			}
			return deadState(), f.state
		}
	case *bound.Logical:
		return f.logical(e)
	case *bound.Unary:
		if e.Op == syntax.Bang && e.Method == nil {
			no, yes = f.cond(e.X)
			return yes, no
		}
		f.flowExpr(e.X)
		return f.state.clone(), f.state
	case *bound.Is:
		f.flowExpr(e.X)
		yes, no = f.match(e.Pattern)
		if p, ok := e.Pattern.(*bound.TypePattern); ok && p.Always && e.X.Type().IsValueType() && e.X.Type().NullableElem() == nil {
			no = deadState()
		}
		return yes, no
	case *bound.Cond:
		return f.choice(e)
	case *bound.Binary, *bound.Conversion:
		for _, child := range bound.Children(e) {
			f.flowExpr(child)
		}
		return f.state.clone(), f.state
	}
	f.flowExpr(e)
	return f.state.clone(), f.state
}

func (f *checker) logical(e *bound.Logical) (yes, no flowState) {
	firstYes, firstNo := f.cond(e.X)
	if e.And {
		f.state = firstYes.clone()
		yes, no = f.cond(e.Y)
		return yes, join(firstNo, no)
	}
	f.state = firstNo.clone()
	yes, no = f.cond(e.Y)
	return join(firstYes, yes), no
}

// choice is c ? a : b as a condition.
func (f *checker) choice(e *bound.Cond) (yes, no flowState) {
	first, second := f.cond(e.Test)
	f.state = first.clone()
	yes1, no1 := f.cond(e.Then)
	f.state = second.clone()
	yes2, no2 := f.cond(e.Else)
	return join(yes1, yes2), join(no1, no2)
}

// match returns the states where a pattern matches and where it does not: its variable has a value only in
// the first.
func (f *checker) match(p bound.Pattern) (yes, no flowState) {
	var v *bound.Local
	switch p := p.(type) {
	case *bound.TypePattern:
		v = p.Local
	case *bound.VarPattern:
		if p.Local != nil {
			f.assign(p.Local)
		}
		return f.state.clone(), deadState()
	}
	if v == nil {
		return f.state.clone(), f.state
	}
	f.unassign(v)
	no = f.state.clone()
	f.assign(v)
	return f.state, no
}
