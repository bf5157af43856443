package operator

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// isTuple reports whether an expression is a tuple, one without a type of its own included.
func isTuple(x bound.Expr) bool {
	if x.Type().Kind == types.Tuple {
		return true
	}
	n, ok := x.(*bound.NewObject)
	return ok && n.T.Kind == types.Typeless
}

// tuples types == and != of tuples: each element with the one at its place. It returns nil for operands that
// are no tuples.
func (c *Builder) tuples(at syntax.Node, op syntax.Kind, x, y bound.Expr) bound.Expr {
	if op != syntax.EqEq && op != syntax.NotEq || !isTuple(x) || !isTuple(y) {
		return nil
	}
	doX, listX := c.elements(x)
	doY, listY := c.elements(y)
	if len(listX) != len(listY) {
		c.Host.Report(at, "CS8384", "The tuples have %d and %d elements", len(listX), len(listY))
		return c.Bad(at)
	}
	boolean := c.Special(types.Boolean)
	var all bound.Expr
	for i, e := range listX {
		one := c.Binary(at, op, e, listY[i])
		if convert.IsBad(one) {
			return one
		}
		if all == nil {
			all = one
			continue
		}
		all = &bound.Logical{Node: convert.Node(at, boolean), And: op == syntax.EqEq, X: all, Y: one}
	}
	return &bound.Sequence{Node: convert.Node(at, boolean), Do: append(doX, doY...), X: all}
}

// elements are the elements of a tuple, and what evaluates it once before they are read.
func (c *Builder) elements(x bound.Expr) (do, list []bound.Expr) {
	if n, ok := x.(*bound.NewObject); ok {
		for _, v := range n.Values {
			if !convert.Plain(v.Type()) {
				list = append(list, v)
				continue
			}
			temp := c.Host.Temp(v.Type())
			do = append(do, &bound.Assign{Node: convert.Node(v, v.Type()), X: convert.ReadTemp(v, temp), Y: v})
			list = append(list, convert.ReadTemp(v, temp))
		}
		return do, list
	}
	temp := c.Host.Temp(x.Type())
	do = []bound.Expr{&bound.Assign{Node: convert.Node(x, x.Type()), X: convert.ReadTemp(x, temp), Y: x}}
	for i, t := range x.Type().Args {
		list = append(list, &bound.AnonymousRef{Node: convert.Node(x, t), X: convert.ReadTemp(x, temp), Index: i})
	}
	return do, list
}
