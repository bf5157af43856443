package check

import "github.com/sallyport/sallyport/internal/expr/bound"

// maxWork is the number of expressions that one check may type. Overloads make lambdas be typed several
// times, nested ones each time again, so that a short text could take forever without it.
const maxWork = 1 << 20

// exprState is what only the expression side of the checker needs.
type exprState struct {
	// work counts the expressions typed.
	work int
	// receivers are the values that BindingExpr stands for in the conditional accesses around, innermost last.
	receivers []bound.Expr
	// readsRequest and readsResponse say which bodies the members used so far may read.
	readsRequest, readsResponse bool
}
