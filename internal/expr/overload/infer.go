package overload

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// inference infers the type arguments of one candidate.
type inference struct {
	c    *Resolver
	k    *Candidate
	args []Argument
	f    *types.Inference
	// pending are the arguments, lambdas and method groups, whose result has not been looked at.
	pending []int
}

// infer returns the type arguments of a candidate, or nil and the argument at which it is stuck.
func (c *Resolver) infer(k *Candidate, args []Argument) ([]*types.Type, int) {
	k.params = k.M.Params
	n := &inference{c: c, k: k, args: args, f: c.Lib.NewInference(k.M.TypeParams)}
	for i, a := range args {
		n.first(i, a)
	}
	for !n.f.Done() {
		if !n.step() {
			if len(n.pending) > 0 {
				return nil, n.pending[0]
			}
			return nil, -1
		}
	}
	return n.f.Fixed(), 0
}

// first takes from an argument what it says on its own.
func (n *inference) first(i int, a Argument) {
	to := n.k.paramType(i)
	switch x := a.X.(type) {
	case *Lambda:
		n.pending = append(n.pending, i)
		if inv := to.Invoke(); inv != nil && len(inv.Params) == len(x.Syntax.Params) {
			n.explicit(x.Syntax, inv)
		}
	case *Group:
		n.pending = append(n.pending, i)
	case *OutDecl:
		if x.Typ != nil {
			n.f.Exact(x.Typ, to)
		}
	case *bound.NewObject:
		n.tuple(x, to)
	default:
		if a.Mode != syntax.Invalid {
			n.f.Exact(a.X.Type(), to)
		} else if convert.Plain(a.X.Type()) {
			n.f.Lower(a.X.Type(), to)
		}
	}
}

// explicit takes the types that a lambda writes for its parameters.
func (n *inference) explicit(l *syntax.LambdaExpr, inv *types.Member) {
	for i, p := range l.Params {
		if p.Type != nil {
			n.c.Binder.Try(func() { n.f.Exact(n.c.Binder.ResolveType(p.Type), inv.Params[i].Type) })
		}
	}
}

// tuple takes the elements of a tuple literal, and any other new object by its type.
func (n *inference) tuple(x *bound.NewObject, to *types.Type) {
	if to.Kind != types.Tuple || len(to.Args) != len(x.Values) {
		if convert.Plain(x.T) {
			n.f.Lower(x.T, to)
		}
		return
	}
	for i, v := range x.Values {
		if convert.Plain(v.Type()) {
			n.f.Lower(v.Type(), to.Args[i])
		}
	}
}

// step makes some progress: it looks at a pending result whose inputs are known, or fixes parameters that
// nothing pending says more about. It returns false where there is none.
func (n *inference) step() bool {
	if n.results() {
		return true
	}
	blocked := map[int]bool{}
	for _, i := range n.pending {
		if inv := n.k.paramType(i).Invoke(); inv != nil {
			for _, p := range n.f.Unfixed(inv.Result) {
				blocked[p] = true
			}
		}
	}
	progress := false
	for p := range n.k.M.TypeParams {
		if n.f.Fixed()[p] == nil && !blocked[p] {
			if !n.f.HasBounds(p) || !n.f.Fix(p) {
				return false
			}
			progress = true
		}
	}
	return progress || n.fixInputs()
}

// results infers from the results of the pending lambdas and method groups whose parameters are all known.
func (n *inference) results() bool {
	for at, i := range n.pending {
		inv := n.k.paramType(i).Invoke()
		if inv == nil || !n.inputsKnown(inv) {
			continue
		}
		n.pending = append(n.pending[:at:at], n.pending[at+1:]...)
		closed := n.closed(inv)
		switch x := n.args[i].X.(type) {
		case *Lambda:
			if !x.Syntax.NoParams && len(x.Syntax.Params) != len(inv.Params) {
				return true
			}
			if rt := n.c.resultOf(x, closed); rt != nil && convert.Plain(rt) {
				n.f.Lower(rt, inv.Result)
			}
		case *Group:
			free := *closed
			free.Result = n.c.Lib.Basic(types.Void)
			if k := n.c.groupTarget(x, &free); k != nil {
				n.f.Lower(k.Result(n.c.Lib), inv.Result)
			}
		}
		return true
	}
	return false
}

func (n *inference) inputsKnown(inv *types.Member) bool {
	for _, p := range inv.Params {
		if len(n.f.Unfixed(p.Type)) > 0 {
			return false
		}
	}
	return true
}

// closed is a delegate's signature with what is known filled in.
func (n *inference) closed(inv *types.Member) *types.Member {
	m := *inv
	m.Params = make([]types.Parameter, len(inv.Params))
	for i, p := range inv.Params {
		p.Type = n.f.Close(p.Type)
		m.Params[i] = p
	}
	m.Result = n.f.Close(inv.Result)
	return &m
}

// fixInputs fixes the parameters with bounds that pending lambdas take, though their results say more: the
// accumulator of Aggregate.
func (n *inference) fixInputs() bool {
	for _, i := range n.pending {
		inv := n.k.paramType(i).Invoke()
		if inv == nil {
			continue
		}
		for _, p := range inv.Params {
			for _, q := range n.f.Unfixed(p.Type) {
				if n.f.HasBounds(q) {
					return n.f.Fix(q)
				}
			}
		}
	}
	return false
}
