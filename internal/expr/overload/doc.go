// Package overload chooses the method that a call means: it places the arguments, infers type arguments,
// classifies the conversions and compares the candidates, as C# does; and it passes the arguments to the
// method chosen. Lambdas and method groups are its shapes, since what they convert to is a choice as well.
package overload

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/convert"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Binder is what choosing needs of the checker.
type Binder interface {
	// Lambda binds a lambda to a delegate type, with its body, and reports its errors.
	Lambda(l *syntax.LambdaExpr, d *types.Type) (*bound.Lambda, bool)
	// LambdaResult returns the type that a lambda's body yields for these parameter types: Void for none,
	// Invalid where it has an error, nil where it has no type of its own. It reports nothing.
	LambdaResult(l *syntax.LambdaExpr, params []*types.Type) *types.Type
	// ResolveType returns the type that the syntax names, reporting its errors.
	ResolveType(t syntax.Type) *types.Type
	// Declare declares a variable in the current scope.
	Declare(name syntax.Name, t *types.Type) *bound.Local
	// Instantiate returns the function that a generic local function is with these type arguments.
	Instantiate(fn *bound.Function, args []*types.Type, at syntax.Node) *bound.Function
	// Try runs f and reports whether it found no error. Its errors are forgotten.
	Try(f func()) bool
}

// Resolver chooses methods.
type Resolver struct {
	*convert.Converter
	// Binder is the checker.
	Binder Binder
}

// Lambda is a lambda before it is converted.
type Lambda struct {
	bound.Node
	// Syntax is the lambda.
	Syntax *syntax.LambdaExpr
	// Resolver converts it.
	Resolver *Resolver
}

// Group is a method group: the methods of a name, or a local function.
type Group struct {
	bound.Node
	// Name is the method's name, at its place.
	Name syntax.Name
	// Recv is the receiver, nil for static methods; Of is the type where they were looked up.
	Recv bound.Expr
	Of   *types.Type
	// Methods are the methods of the type and its bases, the most derived first, or the signature of Local.
	Methods []*types.Member
	// TypeArgs are those written.
	TypeArgs []*types.Type
	// Local is the local function, or nil.
	Local *bound.Function
	// Resolver converts it.
	Resolver *Resolver
}

// OutDecl is a declaration as an out argument.
type OutDecl struct {
	bound.Node
	// Decl is the declaration, nil for a discard.
	Decl *syntax.DeclarationExpr
	// Typ is the declared type, nil for var and a discard.
	Typ *types.Type
}

var (
	_ convert.Shape = (*Lambda)(nil)
	_ convert.Shape = (*Group)(nil)
)

// FitsTo reports whether the lambda converts to a type.
func (x *Lambda) FitsTo(to *types.Type) bool { return x.Resolver.lambdaFits(x, to) }

// To converts the lambda to a delegate type.
func (x *Lambda) To(to *types.Type) bound.Expr {
	if l, ok := x.Resolver.Binder.Lambda(x.Syntax, to); ok {
		return l
	}
	return x.Resolver.Bad(x)
}

// Mismatch reports why the lambda does not convert to a type.
func (x *Lambda) Mismatch(to *types.Type, _ syntax.Node) { x.Resolver.lambdaMismatch(x, to) }

// FitsTo reports whether the group converts to a type.
func (x *Group) FitsTo(to *types.Type) bool { return x.Resolver.groupFits(x, to) }

// To converts the group to a delegate type.
func (x *Group) To(to *types.Type) bound.Expr { return x.Resolver.groupTo(x, to) }

// Mismatch reports why the group does not convert to a type.
func (x *Group) Mismatch(to *types.Type, at syntax.Node) { x.Resolver.groupMismatch(x, to, at) }
