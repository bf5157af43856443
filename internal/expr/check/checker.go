package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/flow"
	"github.com/sallyport/sallyport/internal/expr/scope"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/typename"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// checker is the state of one check. The statement side and the expression side share it; what is declared
// around the current place is in names.
//
// What the statement side calls of the expression side:
//
//	expr(e) bound.Expr                       // types e on its own; a method group, lambda or null literal
//	                                         // as such is a bound expression that only convert can finish
//	exprOf(e, t) bound.Expr                  // types e and converts it implicitly to t, reporting CS0029 …
//	condition(e) bound.Expr                  // types e as a bool
//	convert(x, t, at) bound.Expr             // converts implicitly
//	cast(x, t, at) bound.Expr                // converts explicitly, as (T)x does
//	deconstruct(target, y, at) bound.Expr    // assigns y to a tuple or declaration expression
//	types.Type(t) *types.Type                // a type's syntax; reports CS0246 …
//	pattern(p, x) bound.Pattern              // checks a pattern against an operand's type, declares its variable
//
// What the expression side calls of the statement side:
//
//	lookup(name) *scope.Symbol                     // innermost local, parameter, range variable, local function
//	usedEarly(name) bool                     // a variable of that name is declared further down: CS0841
//	declare(name, t) *bound.Local            // a variable in the current scope; reports CS0128, CS0136
//	temp(t) *bound.Local                     // a temporary
//	lambda(l, d) (*bound.Lambda, bool)       // binds a lambda to a delegate type, with its body; reports
//	lambdaResult(l, params) *types.Type      // the type that a lambda's body returns for these parameter
//	                                         // types, Void for none, nil where it cannot be told; reports
//	                                         // nothing: for inference
//	query(q) syntax.Expr                     // a query as method calls
type checker struct {
	exprState
	stmtState
	lib   *types.Library
	diags *syntax.Diagnostics
	names *scope.Table
	types *typename.Resolver
	// checked says that arithmetic is in a checked context.
	checked bool
}

// stmtState is what only the statement side of the checker needs.
type stmtState struct {
	// returns are the return statements of functions whose result is not known yet, by function.
	returns map[*bound.Function][]*bound.Return
	// jumps are the targets of break and continue around, innermost last; labels those of goto.
	jumps  []jumpTarget
	labels []*labelScope
	// catches counts the catch blocks around, finallies the finally blocks, guarded the try blocks with a catch.
	catches, finallies, guarded int
	// results remembers what lambdas return, since inference asks again and again.
	results map[resultKey]lambdaOutcome
	// generics are the generic local functions by their templates, queue what has been made of them.
	generics map[*bound.Function]*generic
	queue    []instance
	// queries are the queries translated so far.
	queries map[*syntax.QueryExpr]syntax.Expr
}

// report adds an error.
func (c *checker) report(at syntax.Node, code, format string, args ...any) {
	c.diags.Report(at.Range(), code, format, args...)
}

// invalid is the type of what has an error.
func (c *checker) invalid() *types.Type { return c.lib.Basic(types.Invalid) }

// void is the type of what has no result.
func (c *checker) void() *types.Type { return c.lib.Basic(types.Void) }

// program checks a whole expression.
func (c *checker) program(unit *syntax.Unit) *bound.Program {
	c.returns = map[*bound.Function][]*bound.Return{}
	c.names = scope.New(c)
	c.types = typename.New(c.lib, c.names, c)
	c.results = map[resultKey]lambdaOutcome{}
	c.queries = map[*syntax.QueryExpr]syntax.Expr{}
	c.generics = map[*bound.Function]*generic{}
	main := &bound.Function{}
	c.names.Fn = main
	c.names.Open(nil)
	if unit.X != nil {
		main.Body = c.exprBody(unit.X)
	} else {
		main.Body = c.blockBody(unit.Block)
	}
	c.names.Close()
	if c.work > maxWork {
		// The place where the work ran out may have been one of those whose errors are forgotten.
		c.diags.Truncate(0)
		c.report(main.Body, "SP0003",
			"The expression takes more than %d steps of trial to check; nest fewer lambdas (limit expression-check-steps)", maxWork)
		return nil
	}
	c.checkInstances()
	c.unifyReturns(main)
	c.names.PropagateCaptures()
	if c.diags.Len() == 0 {
		flow.Check(main, syntax.Span{}, c.diags)
	}
	if c.diags.Len() > 0 {
		return nil
	}
	p := &bound.Program{Main: main, ReadsRequestBody: c.requestReads > 0, ReadsResponseBody: c.responseReads > 0 && c.usesResponse}
	if r, ok := main.Body.List[0].(*bound.Return); ok && len(main.Body.List) == 1 {
		p.Const, _ = r.X.(*bound.Literal)
	}
	return p
}
