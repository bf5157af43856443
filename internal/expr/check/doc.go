// Package check gives a parsed expression its types: it resolves names, chooses overloads, infers type
// arguments, inserts conversions and folds constants. It reports all errors by their C# numbers and yields the
// typed tree of package bound.
//
// Statements, lambda bodies, local functions and queries are in stmt_*.go, lambda_*.go and query_*.go;
// expressions in expr_*.go, over packages convert, overload, operator and fold. Package scope holds what is declared,
// typename finds types, caseset knows what a switch takes, and flow checks definite assignment and reachability on
// the typed tree.
package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/operator"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// Check types one parsed expression against the library. It reports every error to diags and returns nil
// where there is any.
func Check(lib *types.Library, unit *syntax.Unit, diags *syntax.Diagnostics) *bound.Program {
	c := &checker{lib: lib, diags: diags}
	c.Builder = operator.New(lib, c)
	return c.program(unit)
}
