package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/operator"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// assign types x = y and x op= y.
func (c *checker) assign(e *syntax.AssignExpr) bound.Expr {
	switch x := e.X.(type) {
	case *syntax.TupleExpr, *syntax.DeclarationExpr:
		return c.deconstruct(x, c.expr(e.Y), e)
	case *syntax.IdentExpr:
		if x.Name.Text == "_" && e.Op == syntax.Assign && c.names.Lookup("_") == nil {
			return c.discard(e)
		}
	}
	x := c.assignable(e.X)
	if e.Op != syntax.Assign {
		return c.compound(e, x)
	}
	if convert.IsBad(x) {
		c.expr(e.Y)
		return c.Bad(e)
	}
	return &bound.Assign{Node: convert.Node(e, x.Type()), X: x, Y: c.exprOf(e.Y, x.Type())}
}

// discard types _ = y.
func (c *checker) discard(e *syntax.AssignExpr) bound.Expr {
	y := c.expr(e.Y)
	if !convert.Plain(y.Type()) {
		if !convert.IsBad(y) {
			c.report(e.Y, "CS8183", "The type of a discard cannot be told from '%s'", y.Type().Name())
		}
		return c.Bad(e)
	}
	return &bound.Assign{Node: convert.Node(e, y.Type()), X: convert.ReadTemp(e.X, c.names.Temp(y.Type())), Y: y}
}

// The errors of assignments to variables that are not those of a foreach or using.
const (
	rangeVariable = "CS1947"
	inParameter   = "CS8331"
)

// cannotAssign reports an assignment to a variable that keeps its value.
func (c *checker) cannotAssign(at syntax.Node, v *bound.Local) {
	switch v.Kept {
	case rangeVariable:
		c.report(at, v.Kept, "The range variable '%s' of a query cannot be assigned to", v.Name)
	case inParameter:
		c.report(at, v.Kept, "The in parameter '%s' cannot be assigned to", v.Name)
	default:
		c.report(at, "CS1656", "The variable '%s' of a foreach or using cannot be assigned to", v.Name)
	}
}

// assignable types the target of an assignment and reports what cannot be assigned to.
func (c *checker) assignable(e syntax.Expr) bound.Expr {
	x := c.expr(e)
	switch x := x.(type) {
	case *bound.LocalRef:
		if !x.Local.ReadOnly {
			return x
		}
		c.cannotAssign(e, x.Local)
	case *overload.Group:
		c.report(e, "CS1656", "'%s' is a method, which cannot be assigned to", x.Name.Text)
	case *bound.ElementRef:
		return x
	case *bound.AnonymousRef:
		if x.X.Type().Kind == types.Tuple {
			return x
		}
		c.report(e, "CS0200", "The properties of an anonymous object cannot be assigned to")
	case *bound.FieldRef:
		if x.Field.CanSet {
			return x
		}
		c.report(e, "CS0191", "The field '%s' cannot be assigned to", x.Field.Name)
	case *bound.PropertyRef:
		if x.Property.CanSet {
			return x
		}
		c.report(e, "CS0200", "The property '%s' cannot be assigned to, it is read-only", x.Property.Name)
	case *bound.IndexerRef:
		if x.Indexer.CanSet {
			return x
		}
		c.report(e, "CS0200", "The elements of '%s' cannot be assigned to, they are read-only", x.X.Type().Name())
	default:
		if !convert.IsBad(x) {
			c.report(e, "CS0131", "Only a variable, a property or an element can be assigned to")
		}
	}
	return c.Bad(e)
}

// compound types x op= y: x is evaluated once, and its old value is the left operand.
func (c *checker) compound(e *syntax.AssignExpr, x bound.Expr) bound.Expr {
	y := c.expr(e.Y)
	if convert.IsBad(x) || convert.IsBad(y) {
		return c.Bad(e)
	}
	old := c.names.Temp(x.Type())
	v := c.Binary(e, e.Op, convert.ReadTemp(e.X, old), y)
	if convert.IsBad(v) {
		return c.Bad(e)
	}
	to := x.Type()
	shift := e.Op == syntax.ShiftLeft || e.Op == syntax.ShiftRight
	switch f := c.Fits(v, to); {
	case f.OK():
		v = c.Converted(v, to, f)
	case predefinedOperator(v) && (shift || c.Fits(y, to).OK()):
		v = c.cast(v, to, e)
	case predefinedOperator(v) && c.lib.Explicit(v.Type(), to).Exists():
		// The operator would do, but for its right side.
		c.CannotConvert(y, to, e)
		return c.Bad(e)
	default:
		v = c.convert(v, to, e)
	}
	return &bound.Compound{Node: convert.Node(e, to), X: x, Old: old, Value: v}
}

// predefinedOperator reports whether a value is that of an operator of the language.
func predefinedOperator(x bound.Expr) bool {
	switch x := x.(type) {
	case *bound.Binary:
		return x.Method == nil
	case *bound.Conversion:
		return predefinedOperator(x.X)
	default:
		return false
	}
}

// increment types ++ and --.
func (c *checker) increment(e *syntax.UnaryExpr) bound.Expr {
	x := c.expr(e.X)
	if convert.IsBad(x) {
		return c.Bad(e)
	}
	switch x.(type) {
	case *bound.LocalRef, *bound.ElementRef, *bound.AnonymousRef, *bound.FieldRef, *bound.PropertyRef, *bound.IndexerRef:
		if x = c.assignable(e.X); convert.IsBad(x) {
			return c.Bad(e)
		}
	default:
		c.report(e.X, "CS1059", "Only a variable, a property or an element can be counted up or down")
		return c.Bad(e)
	}
	t := x.Type()
	if !t.Underlying().IsNumeric() && !operator.IsEnum(x) {
		c.report(e, "CS0023", "'%s' is not defined for '%s'", operator.Text[e.Op], t.Name())
		return c.Bad(e)
	}
	op := syntax.Plus
	if e.Op == syntax.MinusMinus {
		op = syntax.Minus
	}
	old := c.names.Temp(t)
	v := c.cast(c.Binary(e, op, convert.ReadTemp(e.X, old), c.IntLiteral(e, 1)), t, e)
	return &bound.Compound{Node: convert.Node(e, t), X: x, Old: old, Value: v, Postfix: e.Postfix}
}

// deconstruct types the assignment of y to a tuple of targets or to a declaration.
func (c *checker) deconstruct(target syntax.Expr, y bound.Expr, at syntax.Node) bound.Expr {
	targets := deconstructionTargets(target)
	if convert.IsBad(y) || targets == nil {
		if targets == nil {
			c.report(target, "CS8183", "Only a tuple of variables can take a value apart")
		}
		return c.Bad(at)
	}
	if mixed(targets) {
		c.report(target, "CS8184", "The left side either declares all its variables or none")
		return c.Bad(at)
	}
	if n, ok := y.(*bound.NewObject); ok && n.T.Kind == types.Typeless {
		c.report(at, "CS8131", "The elements of the tuple have no type; cast them")
		return c.Bad(at)
	}
	n := &bound.Deconstruct{Node: convert.Node(at, y.Type()), Y: y, Temp: c.names.Temp(y.Type())}
	parts := c.parts(n, len(targets), at)
	if parts == nil {
		return c.Bad(at)
	}
	for i, t := range targets {
		if a := c.deconstructTo(t, parts[i]); a != nil {
			n.Assigns = append(n.Assigns, a)
		}
	}
	return n
}

// parts are the elements of a tuple, or what an object's Deconstruct method gives.
func (c *checker) parts(n *bound.Deconstruct, count int, at syntax.Node) []bound.Expr {
	var list []bound.Expr
	t := n.Temp.Type
	if t.Kind == types.Tuple && len(t.Args) == count {
		for i, a := range t.Args {
			list = append(list, &bound.AnonymousRef{Node: convert.Node(at, a), X: convert.ReadTemp(at, n.Temp), Index: i})
		}
		return list
	}
	for _, m := range t.Find("Deconstruct", true) {
		if len(m.Params) != count || m.Static || len(m.TypeParams) > 0 {
			continue
		}
		call := &bound.Call{Node: convert.Node(at, m.Result), X: convert.ReadTemp(at, n.Temp), Method: m}
		for _, p := range m.Params {
			ref := convert.ReadTemp(at, c.names.Temp(p.Type))
			call.Args = append(call.Args, &bound.OutArg{Node: convert.Node(at, p.Type), Mode: syntax.KwOut, Target: ref})
			list = append(list, ref)
		}
		n.Split = call
		return list
	}
	if t.Kind == types.Tuple {
		c.report(at, "CS8132", "A tuple of %d elements cannot be taken apart into %d variables", len(t.Args), count)
	} else {
		c.report(at, "CS1061", "A value of the type '%s' cannot be taken apart: it has no method 'Deconstruct'", t.Name())
	}
	return nil
}

// mixed reports whether some targets are declarations and some are variables that exist.
func mixed(targets []syntax.Expr) bool {
	var declared, other bool
	for _, t := range targets {
		switch t := t.(type) {
		case *syntax.DeclarationExpr:
			declared = true
		case *syntax.IdentExpr:
			other = other || t.Name.Text != "_"
		case *syntax.TupleExpr:
		default:
			other = true
		}
	}
	return declared && other
}

// deconstructTo assigns one part; nil for a discard.
func (c *checker) deconstructTo(target syntax.Expr, part bound.Expr) bound.Expr {
	switch t := target.(type) {
	case *syntax.TupleExpr:
		return c.deconstruct(t, part, t)
	case *syntax.IdentExpr:
		if t.Name.Text == "_" && c.names.Lookup("_") == nil {
			return nil
		}
	case *syntax.DeclarationExpr:
		return c.deconstructDecl(t, part)
	}
	x := c.assignable(target)
	if convert.IsBad(x) {
		return nil
	}
	return &bound.Assign{Node: convert.Node(target, x.Type()), X: x, Y: c.convert(part, x.Type(), target)}
}

func (c *checker) deconstructDecl(d *syntax.DeclarationExpr, part bound.Expr) bound.Expr {
	if d.Designation.List != nil {
		return c.deconstruct(d, part, d)
	}
	t := part.Type()
	if !isVar(d.Type) {
		t = c.types.Type(d.Type)
		part = c.convert(part, t, d)
	}
	if d.Designation.Name.Text == "_" {
		return nil
	}
	v := c.names.Declare(d.Designation.Name, t)
	return &bound.Assign{Node: convert.Node(d, t), X: localRef(v, d), Y: part}
}

// deconstructionTargets are the targets of a deconstruction, nil where it is none.
func deconstructionTargets(target syntax.Expr) []syntax.Expr {
	var list []syntax.Expr
	switch t := target.(type) {
	case *syntax.TupleExpr:
		for _, e := range t.Elems {
			list = append(list, e.Value)
		}
	case *syntax.DeclarationExpr:
		for _, d := range t.Designation.List {
			list = append(list, &syntax.DeclarationExpr{Span: d.Span, Type: t.Type, Designation: d})
		}
	}
	return list
}
