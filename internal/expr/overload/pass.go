package overload

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Passed converts the arguments to the parameters' types, fills in defaults and builds the params array.
func (c *Resolver) Passed(k *Candidate, args []Argument) (list []bound.Expr, order []int) {
	list = make([]bound.Expr, len(k.params))
	rest := len(k.params) - 1
	var elems []bound.Expr
	last, sorted := -1, true
	for i, a := range args {
		x := c.Pass(k, i, a)
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
		list[rest] = &bound.NewArray{Node: convert.Node(at, t), Elems: elems, Sizes: []bound.Expr{c.IntLiteral(at, len(elems))}}
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
		if !slices.Contains(order, n) {
			order = append(order, n)
		}
	}
	return list, order
}

func (c *Resolver) placeOf(args []Argument) syntax.Node {
	if len(args) == 0 {
		return syntax.Span{}
	}
	return args[len(args)-1].At.Range()
}

// Pass converts one argument.
func (c *Resolver) Pass(k *Candidate, i int, a Argument) bound.Expr {
	to := k.paramType(i)
	if d, ok := a.X.(*OutDecl); ok {
		n := &bound.OutArg{Node: convert.Node(a.At, to), Mode: syntax.KwOut}
		if d.Decl != nil && d.Decl.Designation.Name.Text != "_" {
			if l := c.Binder.Declare(d.Decl.Designation.Name, to); l != nil {
				n.Target = &bound.LocalRef{Node: convert.Node(a.At, to), Local: l}
			}
		}
		return n
	}
	if mode := k.params[k.places[i]].Mode; mode != syntax.Invalid && a.Mode != syntax.Invalid {
		return &bound.OutArg{Node: convert.Node(a.At, to), Mode: mode, Target: a.X}
	}
	return c.Converted(a.X, to, k.fits[i])
}

// omitted is the default of a parameter without argument.
func (c *Resolver) omitted(p types.Parameter, at syntax.Node) bound.Expr {
	if p.Default.IsNull() {
		return c.DefaultOf(at, p.Type)
	}
	return &bound.Literal{Node: convert.Node(at, p.Type), Value: p.Default}
}
