package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/overload"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// expr types an expression that must be a value. Errors are reported; the result is never nil.
func (c *checker) expr(e syntax.Expr) bound.Expr {
	return c.valueOf(c.bind(e, false), e)
}

// exprOf types an expression and converts it implicitly to t.
func (c *checker) exprOf(e syntax.Expr, t *types.Type) bound.Expr {
	if init, ok := e.(*syntax.InitExpr); ok && t.Kind == types.Array {
		return c.arrayInit(init, t)
	}
	return c.convert(c.expr(e), t, e)
}

// condition types an expression as a bool.
func (c *checker) condition(e syntax.Expr) bound.Expr {
	return c.exprOf(e, c.lib.Special(types.Boolean))
}

// valueOf refuses a type or a namespace where a value is needed.
func (c *checker) valueOf(x bound.Expr, at syntax.Node) bound.Expr {
	switch x := x.(type) {
	case *typeExpr:
		c.report(at, "CS0119", "'%s' is a type, which is not valid here", x.of.Name())
		return c.Bad(at)
	case *nsExpr:
		c.report(at, "CS0118", "'%s' is a namespace, which is not valid here", x.name)
		return c.Bad(at)
	default:
		return x
	}
}

// bind types an expression that may be a type or a namespace too; invoked says that it is being called, so
// that members that cannot be called are passed over.
func (c *checker) bind(e syntax.Expr, invoked bool) bound.Expr {
	if c.trials > 0 {
		c.work++
	}
	if c.work > maxWork {
		c.report(e, "SP0003", "The expression takes too many steps to check")
		return c.Bad(e)
	}
	x := c.bindName(e, invoked)
	if x.Type().Weight() > maxTypeWeight {
		c.report(e, "SP0003", "The type of the expression is made of more than %d types (limit expression-type-size)", maxTypeWeight)
		return c.Bad(e)
	}
	return x
}

// bindName types names, calls, accesses and literals.
func (c *checker) bindName(e syntax.Expr, invoked bool) bound.Expr {
	switch e := e.(type) {
	case *syntax.IdentExpr:
		return c.ident(e, invoked)
	case *syntax.MemberExpr:
		return c.member(e, invoked)
	case *syntax.TypeExpr:
		return c.typeNode(e, e.Type)
	case *syntax.PredefinedType:
		return c.typeNode(e, e)
	case *syntax.ParenExpr:
		return c.bind(e.X, invoked)
	case *syntax.CallExpr:
		return c.call(e)
	case *syntax.IndexExpr:
		return c.index(e)
	case *syntax.LiteralExpr:
		return c.literal(e)
	default:
		return c.bindOperator(e)
	}
}

// bindOperator types what is neither a name nor a call.
func (c *checker) bindOperator(e syntax.Expr) bound.Expr {
	switch e := e.(type) {
	case *syntax.UnaryExpr:
		return c.unary(e)
	case *syntax.BinaryExpr:
		return c.binary(e)
	case *syntax.AssignExpr:
		return c.assign(e)
	case *syntax.CondExpr:
		return c.conditional(e)
	case *syntax.ConditionalAccessExpr:
		return c.conditionalAccess(e)
	case *syntax.BindingExpr:
		return c.receiver(e)
	case *syntax.CastExpr:
		return c.castExpr(e)
	case *syntax.IsExpr:
		return c.isExpr(e)
	case *syntax.AsExpr:
		return c.asExpr(e)
	case *syntax.InterpolatedExpr:
		return c.interpolated(e)
	case *syntax.LambdaExpr:
		return &overload.Lambda{Node: convert.Node(e, c.lib.Basic(types.Typeless)), Syntax: e, Resolver: c.Resolver}
	case *syntax.QueryExpr:
		return c.expr(c.query(e))
	case *syntax.CheckedExpr:
		return c.checkedExpr(e)
	default:
		return c.bindCreation(e)
	}
}

// bindCreation types what makes a new value, and refuses what policies may not use.
func (c *checker) bindCreation(e syntax.Expr) bound.Expr {
	switch e := e.(type) {
	case *syntax.NewExpr:
		return c.newExpr(e)
	case *syntax.NewArrayExpr:
		return c.newArray(e)
	case *syntax.NewAnonymousExpr:
		return c.newAnonymous(e)
	case *syntax.InitExpr:
		c.report(e, "CS0622", "An initialiser in braces stands only in a declaration of an array; write new[] before it")
	case *syntax.TupleExpr:
		return c.tuple(e)
	case *syntax.TypeofExpr:
		return c.typeofExpr(e)
	case *syntax.DefaultExpr:
		return c.defaultExpr(e)
	case *syntax.SizeofExpr:
		return c.sizeof(e)
	case *syntax.ThrowExpr:
		return c.throwExpr(e)
	case *syntax.DeclarationExpr:
		c.report(e, "CS8185", "A declaration is not allowed here")
	case *syntax.ThisExpr:
		if e.Base {
			c.report(e, "CS1511", "A policy expression has no 'base'")
			return c.Bad(e)
		}
		c.report(e, "CS0026", "A policy expression has no 'this'")
	case *syntax.AwaitExpr:
		c.report(e, "CS4032", "A policy expression cannot be asynchronous: 'await' is not allowed")
	case *syntax.RefExpr:
		c.report(e, "CS1525", "'ref' is not allowed here")
	case *syntax.StackAllocExpr:
		c.report(e, "CS0214", "A policy expression cannot be unsafe: 'stackalloc' is not allowed")
	}
	return c.Bad(e)
}

// checkedExpr types checked(x) and unchecked(x).
func (c *checker) checkedExpr(e *syntax.CheckedExpr) bound.Expr {
	checked, unchecked := c.checked, c.unchecked
	c.checked, c.unchecked = e.Checked, !e.Checked
	x := c.expr(e.X)
	c.checked, c.unchecked = checked, unchecked
	return x
}

// The private expressions: what has no type of its own before it is converted, called or followed by a dot.
type (
	// typeExpr is a type's name.
	typeExpr struct {
		bound.Node
		of *types.Type
	}
	// nsExpr is a namespace's name.
	nsExpr struct {
		bound.Node
		name string
	}
)

// typeNode returns the expression of a type.
func (c *checker) typeNode(at syntax.Node, t syntax.Type) bound.Expr {
	of := c.types.Type(t)
	if of.Kind == types.Invalid {
		return c.Bad(at)
	}
	return &typeExpr{Node: convert.Node(at, c.lib.Basic(types.Typeless)), of: of}
}
