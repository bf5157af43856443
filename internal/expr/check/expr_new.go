package check

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// newExpr types new T(…) { … }.
func (c *checker) newExpr(e *syntax.NewExpr) bound.Expr {
	t := c.types.Type(e.Type)
	args := c.arguments(e.Args)
	if t.Kind == types.Invalid {
		return c.Bad(e)
	}
	x := c.construct(e, t, args)
	if e.Init == nil || convert.IsBad(x) {
		return x
	}
	return c.initialized(e.Init, x)
}

// construct types the call of a constructor.
func (c *checker) construct(e *syntax.NewExpr, t *types.Type, args []overload.Argument) bound.Expr {
	switch {
	case t.Kind == types.Delegate:
		if len(args) != 1 {
			c.report(e, "CS0149", "A delegate is made of one method")
			return c.Bad(e)
		}
		return c.convert(args[0].X, t, args[0].At)
	case t.Kind == types.Interface, t.Kind == types.Class && t.Def.Abstract:
		c.report(e, "CS0144", "'%s' is abstract: no object can be made of it", t.Name())
		return c.Bad(e)
	case t.Def != nil && t.Def.Static:
		c.report(e, "CS0712", "'%s' is static: no object can be made of it", t.Name())
		return c.Bad(e)
	case t.Kind == types.Tuple, t.Kind == types.Param:
		c.report(e, "CS8181", "'%s' is not made with new", t.Name())
		return c.Bad(e)
	}
	ctors := t.Members(".ctor")
	best, other := c.Choose(overload.NewCandidates(ctors, nil), args)
	if best == nil && t.IsValueType() && len(args) == 0 {
		return c.DefaultOf(e, t)
	}
	if best == nil && t.NullableElem() != nil && len(args) == 1 {
		return c.convert(c.convert(args[0].X, t.NullableElem(), args[0].At), t, e)
	}
	switch {
	case best == nil && other == nil:
		c.report(e.Type, "CS1729", "'%s' has no constructor that takes %d arguments", t.Name(), len(args))
		return c.Bad(e)
	case best == nil:
		c.NoMatch(overload.Site{Name: t.Name(), At: e.Type, Count: "CS1729", Single: len(ctors) == 1}, other, args)
		return c.Bad(e)
	case other != nil && anyBad(args):
		return c.Bad(e)
	case other != nil:
		c.report(e.Type, "CS0121", "The call fits both '%s' and '%s'; cast an argument", best.M.Text, other.M.Text)
		return c.Bad(e)
	}
	c.Uses(best.M)
	list, order := c.Passed(best, args)
	return &bound.New{Node: convert.Node(e, t), Ctor: best.M, Args: list, Order: order}
}

// newAnonymous types new { … }.
func (c *checker) newAnonymous(e *syntax.NewAnonymousExpr) bound.Expr {
	n := &bound.NewObject{}
	var names []string
	var list []*types.Type
	for _, m := range e.Members {
		name := m.Name.Text
		if name == "" {
			name = impliedName(m.Value)
		}
		x := c.expr(m.Value)
		switch {
		case convert.IsBad(x):
			return c.Bad(e)
		case name == "":
			c.report(m, "CS0746", "The property needs a name: write name = value")
			return c.Bad(e)
		case slices.Contains(names, name):
			c.report(m, "CS0833", "The anonymous object has two properties '%s'", name)
			return c.Bad(e)
		case !convert.Plain(x.Type()):
			c.report(m, "CS0828", "The property '%s' cannot be given '%s'; cast it", name, x.Type().Name())
			return c.Bad(e)
		}
		names, list = append(names, name), append(list, x.Type())
		n.Values = append(n.Values, x)
	}
	n.Node = convert.Node(e, c.lib.AnonymousOf(names, list))
	return n
}

// impliedName is the name that a property or element takes from its value, "" for none.
func impliedName(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.IdentExpr:
		return e.Name.Text
	case *syntax.MemberExpr:
		return e.Name.Text
	case *syntax.ConditionalAccessExpr:
		return impliedName(e.Then)
	default:
		return ""
	}
}

// tuple types (a, b).
func (c *checker) tuple(e *syntax.TupleExpr) bound.Expr {
	n := &bound.NewObject{}
	typed := true
	list, names := make([]*types.Type, len(e.Elems)), make([]string, len(e.Elems))
	for i, a := range e.Elems {
		x := c.expr(a.Value)
		if convert.IsBad(x) {
			return c.Bad(e)
		}
		n.Values = append(n.Values, x)
		list[i], names[i] = x.Type(), a.Name.Text
		if names[i] == "" {
			names[i] = impliedName(a.Value)
		}
		typed = typed && convert.Plain(list[i])
	}
	dropRepeated(names)
	n.Node = convert.Node(e, c.lib.Basic(types.Typeless))
	if typed {
		n.T = c.lib.TupleOf(list, names)
	}
	return n
}

// dropRepeated empties the names that occur twice, since C# infers none then.
func dropRepeated(names []string) {
	count := map[string]int{}
	for _, n := range names {
		count[n]++
	}
	for i, n := range names {
		if count[n] > 1 {
			names[i] = ""
		}
	}
}

// newArray types new T[n], new T[] { … } and new[] { … }.
func (c *checker) newArray(e *syntax.NewArrayExpr) bound.Expr {
	if e.Type == nil {
		return c.implicitArray(e)
	}
	t := c.types.Type(e.Type)
	var sizes []bound.Expr
	for _, s := range e.Sizes {
		n := c.indexValue(s)
		if lit, ok := n.(*bound.Literal); ok && lit.Value.Int() < 0 {
			c.report(s, "CS0248", "An array cannot have a negative length")
		}
		sizes = append(sizes, n)
	}
	if t.Kind == types.Invalid {
		return c.Bad(e)
	}
	if e.Init == nil {
		if len(sizes) == 0 {
			c.report(e, "CS1586", "The array needs its length or its elements")
			return c.Bad(e)
		}
		return &bound.NewArray{Node: convert.Node(e, t), Sizes: sizes}
	}
	x := c.arrayInit(e.Init, t)
	n, ok := x.(*bound.NewArray)
	if !ok {
		return x
	}
	n.Span = e.Span
	for i, s := range sizes {
		if _, constant := s.(*bound.Literal); !constant && !convert.IsBad(s) {
			c.report(e.Sizes[i], "CS0150", "The length of an array with an initialiser must be a constant")
		} else if !sameConstant(s, n.Sizes[i]) {
			c.report(e.Init, "CS0847", "The array has another length than its initialiser")
		}
	}
	return n
}

// sameConstant compares a written length with the one that an initialiser gives.
func sameConstant(x, y bound.Expr) bool {
	a, okA := x.(*bound.Literal)
	b, okB := y.(*bound.Literal)
	return convert.IsBad(x) || okA && okB && a.Value.Int() == b.Value.Int()
}

// implicitArray types new[] { … }: its element type is the one to which all elements convert.
func (c *checker) implicitArray(e *syntax.NewArrayExpr) bound.Expr {
	var elems []bound.Expr
	for _, item := range e.Init.Items {
		for _, v := range item.Values {
			elems = append(elems, c.expr(v))
		}
	}
	var best *types.Type
	seen := map[*types.Type]bool{}
	for _, x := range elems {
		t := x.Type()
		if convert.IsBad(x) {
			return c.Bad(e)
		}
		if seen[t] || !convert.Plain(t) {
			continue
		}
		seen[t] = true
		if c.allFit(elems, t) && (best == nil || c.lib.Implicit(best, t).Exists()) {
			best = t
		}
	}
	if best == nil {
		c.report(e, "CS0826", "The elements have no common type; write new T[] with a type")
		return c.Bad(e)
	}
	n := &bound.NewArray{Node: convert.Node(e, c.lib.ArrayOf(best, max(e.Rank, 1)))}
	for _, x := range elems {
		n.Elems = append(n.Elems, c.convert(x, best, x))
	}
	n.Sizes = []bound.Expr{c.IntLiteral(e, len(elems))}
	return n
}

func (c *checker) allFit(list []bound.Expr, t *types.Type) bool {
	for _, x := range list {
		if !c.Fits(x, t).OK() {
			return false
		}
	}
	return true
}

// arrayInit types the braces of an array of a known type.
func (c *checker) arrayInit(e *syntax.InitExpr, t *types.Type) bound.Expr {
	n := &bound.NewArray{Node: convert.Node(e, t), Elems: []bound.Expr{}}
	dims := make([]int, t.Rank)
	for i := range dims {
		dims[i] = -1
	}
	if !c.arrayLevel(e, t, dims, 0, n) {
		return c.Bad(e)
	}
	for _, d := range dims {
		n.Sizes = append(n.Sizes, c.IntLiteral(e, max(d, 0)))
	}
	return n
}

// arrayLevel types one dimension of an array initialiser.
func (c *checker) arrayLevel(e *syntax.InitExpr, t *types.Type, dims []int, level int, n *bound.NewArray) bool {
	if dims[level] < 0 {
		dims[level] = len(e.Items)
	} else if dims[level] != len(e.Items) {
		c.report(e, "CS0847", "Every row of the array needs %d elements", dims[level])
		return false
	}
	ok := true
	for _, item := range e.Items {
		for _, v := range item.Values {
			inner, nested := v.(*syntax.InitExpr)
			switch {
			case level+1 < len(dims) && nested:
				ok = c.arrayLevel(inner, t, dims, level+1, n) && ok
			case level+1 < len(dims):
				c.report(v, "CS0846", "A row of the array in braces is needed here")
				ok = false
			default:
				x := c.exprOf(v, t.Elem)
				ok = ok && !convert.IsBad(x)
				n.Elems = append(n.Elems, x)
			}
		}
	}
	return ok
}
