package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// inference infers the type arguments of one candidate.
type inference struct {
	c    *checker
	k    *candidate
	args []argument
	f    *types.Inference
	// pending are the arguments, lambdas and method groups, whose result has not been looked at.
	pending []int
}

// infer returns the type arguments of a candidate, or nil and the argument at which it is stuck.
func (c *checker) infer(k *candidate, args []argument) ([]*types.Type, int) {
	k.params = k.m.Params
	n := &inference{c: c, k: k, args: args, f: c.lib.NewInference(k.m.TypeParams)}
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
func (n *inference) first(i int, a argument) {
	to := n.k.paramType(i)
	switch x := a.x.(type) {
	case *lambdaExpr:
		n.pending = append(n.pending, i)
		if inv := to.Invoke(); inv != nil && len(inv.Params) == len(x.syntax.Params) {
			n.explicit(x.syntax, inv)
		}
	case *groupExpr:
		n.pending = append(n.pending, i)
	case *outDecl:
		if x.typ != nil {
			n.f.Exact(x.typ, to)
		}
	case *bound.NewObject:
		n.tuple(x, to)
	default:
		if a.mode != syntax.Invalid {
			n.f.Exact(a.x.Type(), to)
		} else if plainType(a.x.Type()) {
			n.f.Lower(a.x.Type(), to)
		}
	}
}

// explicit takes the types that a lambda writes for its parameters.
func (n *inference) explicit(l *syntax.LambdaExpr, inv *types.Member) {
	for i, p := range l.Params {
		if p.Type != nil {
			n.c.try(func() { n.f.Exact(n.c.resolveType(p.Type), inv.Params[i].Type) })
		}
	}
}

// tuple takes the elements of a tuple literal, and any other new object by its type.
func (n *inference) tuple(x *bound.NewObject, to *types.Type) {
	if to.Kind != types.Tuple || len(to.Args) != len(x.Values) {
		if plainType(x.T) {
			n.f.Lower(x.T, to)
		}
		return
	}
	for i, v := range x.Values {
		if plainType(v.Type()) {
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
	for p := range n.k.m.TypeParams {
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
		switch x := n.args[i].x.(type) {
		case *lambdaExpr:
			if !x.syntax.NoParams && len(x.syntax.Params) != len(inv.Params) {
				return true
			}
			if rt := n.c.resultOf(x, closed); rt != nil && plainType(rt) {
				n.f.Lower(rt, inv.Result)
			}
		case *groupExpr:
			free := *closed
			free.Result = n.c.lib.Basic(types.Void)
			if k := n.c.groupTarget(x, &free); k != nil {
				n.f.Lower(k.result(n.c), inv.Result)
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
