package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// checker is the state of one check. The statement side and the expression side share it.
//
// What the statement side calls of the expression side:
//
//	expr(e) bound.Expr                       // types e on its own; a method group, lambda or null literal
//	                                         // as such is a bound expression that only convert can finish
//	exprOf(e, t) bound.Expr                  // types e and converts it implicitly to t, reporting CS0029 …
//	condition(e) bound.Expr                  // types e as a bool
//	convert(x, t, at) bound.Expr             // converts implicitly
//	resolveType(t) *types.Type               // a type's syntax; reports CS0246 …
//	pattern(p, x) bound.Pattern              // checks a pattern against an operand's type, declares its variable
//
// What the expression side calls of the statement side:
//
//	lookup(name) *symbol                     // innermost local, parameter, range variable, local function
//	declare(name, t) *bound.Local            // a variable in the current scope; reports CS0128, CS0136
//	temp(t) *bound.Local                     // a temporary
//	lambda(l, d) (*bound.Lambda, bool)       // binds a lambda to a delegate type, with its body
//	lambdaResult(l, params) *types.Type      // the type that a lambda's body returns for these parameter
//	                                         // types, without reporting anything: for inference
//	query(q) syntax.Expr                     // a query as method calls
type checker struct {
	lib   *types.Library
	diags *syntax.Diagnostics
	fn    *bound.Function
	scope *scope
	// checked says that arithmetic is in a checked context, unchecked that it is explicitly not, so that
	// constant expressions wrap as well.
	checked, unchecked bool
	// x is what only the expression side needs.
	x exprState
}

// report adds an error.
func (c *checker) report(at syntax.Node, code, format string, args ...any) {
	c.diags.Report(at.Range(), code, format, args...)
}

// symbol is what a simple name can mean inside an expression before types and namespaces are asked.
type symbol struct {
	// name is the C# name.
	name string
	// at is where it is declared.
	at syntax.Span
	// local is the variable, or nil.
	local *bound.Local
	// constant is the value of a const local, or nil.
	constant *bound.Literal
	// function is the local function, or nil, and signature what it is called by: its parameters with their
	// modes and defaults, its type parameters, its result.
	function  *bound.Function
	signature *types.Member
}

// scope is one level of declarations.
type scope struct {
	parent *scope
	fn     *bound.Function
	names  map[string]*symbol
}

func (c *checker) program(*syntax.Unit) *bound.Program { return nil }
