// Package check gives a parsed expression its types: it resolves names, chooses overloads, infers type
// arguments, inserts conversions, folds constants, and checks flow (definite assignment, reachability,
// returns). It reports all errors by their C# numbers and yields the typed tree of package bound.
//
// Statements, scopes, lambda bodies, local functions, queries and flow are in stmt_*.go, lambda_*.go,
// query_*.go and flow_*.go; expressions, conversions, overload resolution and inference in expr_*.go.
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
