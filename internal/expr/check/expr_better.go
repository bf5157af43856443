package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// compare says which of two candidates that take the arguments is better: 1 for a, -1 for b, 0 for none.
func (c *checker) compare(a, b *candidate, args []argument) int {
	better, worse, same := false, false, true
	for i, arg := range args {
		ta, tb := a.paramType(i), b.paramType(i)
		same = same && ta.Plain == tb.Plain
		switch c.betterTarget(arg.x, ta, tb) {
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
	case better || !same:
		return 0
	}
	return tieBreak(a, b, len(args))
}

// tieBreak compares candidates whose parameters are the same for these arguments.
func tieBreak(a, b *candidate, args int) int {
	rules := []func(k *candidate) int{
		func(k *candidate) int { return -min(len(k.m.TypeParams), 1) },
		func(k *candidate) int {
			if k.expanded {
				return -1
			}
			return 0
		},
		func(k *candidate) int {
			if k.expanded {
				return len(k.m.Params)
			}
			return 0
		},
		func(k *candidate) int {
			if !k.expanded && len(k.m.Params) > args {
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
func moreSpecific(a, b *candidate) int {
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
func (k *candidate) declared(n int) *types.Type {
	m := k.m
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

// betterTarget says which of two types an expression converts to better: 1 for a, -1 for b, 0 for none.
func (c *checker) betterTarget(x bound.Expr, a, b *types.Type) int {
	if a.Plain == b.Plain {
		return 0
	}
	if l, ok := x.(*lambdaExpr); ok {
		return c.betterDelegate(l, a, b)
	}
	t := x.Type()
	exactA, exactB := t.Plain == a.Plain, t.Plain == b.Plain
	switch {
	case exactA != exactB && exactA:
		return 1
	case exactA != exactB:
		return -1
	case c.lib.Better(a, b):
		return 1
	case c.lib.Better(b, a):
		return -1
	default:
		return 0
	}
}

// betterDelegate compares delegates by what a lambda yields.
func (c *checker) betterDelegate(l *lambdaExpr, a, b *types.Type) int {
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
	case c.lib.Better(ra, rb):
		return 1
	case c.lib.Better(rb, ra):
		return -1
	default:
		return 0
	}
}
