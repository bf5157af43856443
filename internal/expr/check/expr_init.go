package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// initialized types the braces after new T(…).
func (c *checker) initialized(e *syntax.InitExpr, x bound.Expr) bound.Expr {
	n := &bound.Initialized{Node: convert.Node(x, x.Type()), X: x, Temp: c.names.Temp(x.Type())}
	n.Span = n.To(e.Span)
	n.Do = c.initItems(e, convert.ReadTemp(e, n.Temp))
	return n
}

// initItems types the entries of an initialiser for an object that target reads.
func (c *checker) initItems(e *syntax.InitExpr, target bound.Expr) []bound.Expr {
	var do []bound.Expr
	if !e.Object && !c.enumerable(target.Type()) {
		c.report(e, "CS1922", "'%s' is no collection: its initialiser needs names", target.Type().Name())
		return nil
	}
	for i := range e.Items {
		item := &e.Items[i]
		switch {
		case len(item.Values) > 0:
			if x := c.addItem(item, target); x != nil {
				do = append(do, x)
			}
		case item.Name.Text != "":
			do = append(do, c.initMember(item, target)...)
		default:
			do = append(do, c.initIndex(item, target)...)
		}
	}
	return do
}

// enumerable reports whether a type implements IEnumerable, so that a collection initialiser may add to it.
func (c *checker) enumerable(t *types.Type) bool {
	for _, i := range append([]*types.Type{t}, t.Interfaces()...) {
		if s := i.Special(); s == types.Enumerable || s == types.EnumerableT {
			return true
		}
	}
	return false
}

// addItem types one element of a collection initialiser: a call of Add.
func (c *checker) addItem(item *syntax.InitItem, target bound.Expr) bound.Expr {
	args := make([]overload.Argument, len(item.Values))
	for i, v := range item.Values {
		args[i] = overload.Argument{X: c.expr(v), At: v}
		if convert.IsBad(args[i].X) {
			return nil
		}
	}
	g := &overload.Group{
		Node: convert.Node(item, c.lib.Basic(types.Typeless)), Name: syntax.Name{Span: item.Span, Text: "Add"},
		Recv: target, Of: target.Type(), Resolver: c.Resolver,
	}
	g.Methods = c.methodsOnly(g.Of.Find("Add", true))
	if len(g.Methods) == 0 && !c.extensionFits(g) {
		c.report(item, "CS1061", "'%s' has no method 'Add' for the elements of its initialiser", g.Of.Name())
		return nil
	}
	return c.callGroup(&syntax.CallExpr{Span: item.Span, Fun: &syntax.BadExpr{Span: item.Span}}, g, args)
}

// initMember types Name = value, or Name = { … } for the object that the property already holds.
func (c *checker) initMember(item *syntax.InitItem, target bound.Expr) []bound.Expr {
	list := target.Type().Find(item.Name.Text, false)
	if len(list) == 0 || list[0].Kind == syntax.MethodMember {
		c.report(item.Name, "CS0117", "Policy expressions have no property '%s' of the type '%s'", item.Name.Text, target.Type().Name())
		return nil
	}
	x := c.memberRef(&syntax.MemberExpr{Span: item.Name.Span, Name: item.Name}, target, list[0])
	if inner, ok := item.Value.(*syntax.InitExpr); ok {
		return c.initItems(inner, x)
	}
	if !list[0].CanSet {
		c.report(item.Name, "CS0200", "The property '%s' cannot be assigned to, it is read-only", item.Name.Text)
		return nil
	}
	return []bound.Expr{&bound.Assign{Node: convert.Node(item, x.Type()), X: x, Y: c.exprOf(item.Value, x.Type())}}
}

// initIndex types [i] = value.
func (c *checker) initIndex(item *syntax.InitItem, target bound.Expr) []bound.Expr {
	x := c.element(item, target, c.arguments(item.Index))
	if convert.IsBad(x) {
		return nil
	}
	if inner, ok := item.Value.(*syntax.InitExpr); ok {
		return c.initItems(inner, x)
	}
	if ref, ok := x.(*bound.IndexerRef); ok && !ref.Indexer.CanSet {
		c.report(item, "CS0200", "The elements of '%s' cannot be assigned to, they are read-only", target.Type().Name())
		return nil
	}
	return []bound.Expr{&bound.Assign{Node: convert.Node(item, x.Type()), X: x, Y: c.exprOf(item.Value, x.Type())}}
}

// index types x[args].
func (c *checker) index(e *syntax.IndexExpr) bound.Expr {
	x := c.expr(e.X)
	args := c.arguments(e.Args)
	if convert.IsBad(x) {
		return c.Bad(e)
	}
	return c.element(e, x, args)
}

// element types the access to an element of an array, a string, or an object with an indexer.
func (c *checker) element(at syntax.Node, x bound.Expr, args []overload.Argument) bound.Expr {
	t := x.Type()
	if t.Kind == types.Array {
		return c.arrayElement(at, x, args)
	}
	if !c.hasMembers(x) {
		c.report(at, "CS0021", "'%s' has no elements", t.Name())
		return c.Bad(at)
	}
	var list []*types.Member
	for _, level := range t.Levels() {
		list = append(list, level.Members("this")...)
	}
	best, other := c.Choose(overload.NewCandidates(list, nil), args)
	switch {
	case best == nil && other == nil:
		c.report(at, "CS0021", "'%s' has no elements", t.Name())
		return c.Bad(at)
	case best == nil:
		c.NoMatch(overload.Site{Name: "this", At: at, Count: "CS1501"}, other, args)
		return c.Bad(at)
	case other != nil:
		c.report(at, "CS0121", "The access fits both '%s' and '%s'; cast the index", best.M.Text, other.M.Text)
		return c.Bad(at)
	}
	c.Uses(best.M)
	values, _ := c.Passed(best, args)
	return &bound.IndexerRef{Node: convert.Node(at, best.M.Result), X: x, Indexer: best.M, Args: values}
}

func (c *checker) arrayElement(at syntax.Node, x bound.Expr, args []overload.Argument) bound.Expr {
	t := x.Type()
	if len(args) != t.Rank {
		c.report(at, "CS0022", "The array has %d dimensions, not %d", t.Rank, len(args))
		return c.Bad(at)
	}
	n := &bound.ElementRef{Node: convert.Node(at, t.Elem), X: x}
	for _, a := range args {
		n.Index = append(n.Index, c.asIndex(a.X, a.At))
	}
	return n
}

// indexValue types an index or a length.
func (c *checker) indexValue(e syntax.Expr) bound.Expr { return c.asIndex(c.expr(e), e) }

// asIndex converts an index to int, or to long where it is wider.
func (c *checker) asIndex(x bound.Expr, at syntax.Node) bound.Expr {
	if convert.IsBad(x) {
		return x
	}
	number, wide := c.Special(types.Int32), c.Special(types.Int64)
	switch {
	case c.Fits(x, number).OK():
		return c.convert(x, number, at)
	case c.Fits(x, wide).OK():
		return c.convert(x, wide, at)
	case x.Type().Special() == types.UInt64:
		return c.cast(x, wide, at)
	default:
		return c.convert(x, number, at)
	}
}
