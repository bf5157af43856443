package overload

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// compare says which of two candidates that take the arguments is better: 1 for a, -1 for b, 0 for none.
func (c *Resolver) compare(a, b *Candidate, args []Argument) int {
	better, worse, same := false, false, true
	for i, arg := range args {
		ta, tb := a.paramType(i), b.paramType(i)
		same = same && ta.Plain == tb.Plain
		switch c.BetterTarget(arg.X, ta, tb) {
		case 1:
			better = true
		case -1:
			worse = true
		}
	}
	switch {
	case better && !worse:
		return 1
	case worse && !better:
		return -1
	case better:
		return 0
	case !same:
		return fewerDefaults(a, b)
	}
	return tieBreak(a, b, len(args))
}

// fewerDefaults prefers the candidate that leaves less to default values, as the compiler does also where the
// types of the parameters are not the same: null for char[] before null for string and an option.
func fewerDefaults(a, b *Candidate) int {
	if a.expanded || b.expanded {
		return 0
	}
	return len(b.M.Params) - len(a.M.Params)
}

// tieBreak compares candidates whose parameters are the same for these arguments.
func tieBreak(a, b *Candidate, args int) int {
	rules := []func(k *Candidate) int{
		func(k *Candidate) int { return -min(len(k.M.TypeParams), 1) },
		func(k *Candidate) int {
			if k.expanded {
				return -1
			}
			return 0
		},
		func(k *Candidate) int {
			if k.expanded {
				return len(k.M.Params)
			}
			return 0
		},
		func(k *Candidate) int {
			if !k.expanded && len(k.M.Params) > args {
				return -1
			}
			return 0
		},
	}
	for _, rule := range rules {
		if n, m := rule(a), rule(b); n != m {
			if n > m {
				return 1
			}
			return -1
		}
	}
	return moreSpecific(a, b)
}

// moreSpecific compares the declared types of the parameters: a type parameter is less specific than a type.
func moreSpecific(a, b *Candidate) int {
	better, worse := false, false
	for i := range a.places {
		switch specific(a.declared(i), b.declared(i)) {
		case 1:
			better = true
		case -1:
			worse = true
		}
	}
	switch {
	case better && !worse:
		return 1
	case worse && !better:
		return -1
	default:
		return 0
	}
}

// declared is the type of the n-th argument's parameter before the type arguments were filled in.
func (k *Candidate) declared(n int) *types.Type {
	m := k.M
	if m.Origin != nil && len(m.Origin.Params) == len(m.Params) {
		m = m.Origin
	}
	p := m.Params[k.places[n]]
	if k.expanded && p.Params {
		return p.Type.Elem
	}
	return p.Type
}

func specific(a, b *types.Type) int {
	switch {
	case a.Kind == types.Param && b.Kind != types.Param:
		return -1
	case b.Kind == types.Param && a.Kind != types.Param:
		return 1
	case a.Elem != nil && b.Elem != nil:
		return specific(a.Elem, b.Elem)
	case len(a.Args) != len(b.Args):
		return 0
	}
	better, worse := false, false
	for i := range a.Args {
		switch specific(a.Args[i], b.Args[i]) {
		case 1:
			better = true
		case -1:
			worse = true
		}
	}
	switch {
	case better && !worse:
		return 1
	case worse && !better:
		return -1
	default:
		return 0
	}
}

// BetterTarget says which of two types an expression converts to better: 1 for a, -1 for b, 0 for none.
func (c *Resolver) BetterTarget(x bound.Expr, a, b *types.Type) int {
	if a.Plain == b.Plain {
		return 0
	}
	if l, ok := x.(*Lambda); ok {
		return c.betterDelegate(l, a, b)
	}
	t := x.Type()
	exactA, exactB := t.Plain == a.Plain, t.Plain == b.Plain
	switch {
	case exactA != exactB && exactA:
		return 1
	case exactA != exactB:
		return -1
	case c.Lib.Better(a, b):
		return 1
	case c.Lib.Better(b, a):
		return -1
	default:
		return 0
	}
}

// betterDelegate compares delegates by what a lambda yields.
func (c *Resolver) betterDelegate(l *Lambda, a, b *types.Type) int {
	ia, ib := a.Invoke(), b.Invoke()
	if ia == nil || ib == nil || len(ia.Params) != len(ib.Params) {
		return 0
	}
	for i := range ia.Params {
		if ia.Params[i].Type.Plain != ib.Params[i].Type.Plain {
			return 0
		}
	}
	ra, rb := ia.Result, ib.Result
	rt := c.resultOf(l, ia)
	switch {
	case ra == rb:
		return 0
	case rb.Kind == types.Void:
		return 1
	case ra.Kind == types.Void:
		return -1
	case rt != nil && rt.Plain == ra.Plain:
		return 1
	case rt != nil && rt.Plain == rb.Plain:
		return -1
	case c.Lib.Better(ra, rb):
		return 1
	case c.Lib.Better(rb, ra):
		return -1
	default:
		return 0
	}
}
