package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/operator"
	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// maxWork is the number of expressions that one check may type for a trial ("expression-check-steps"). Overloads make
// lambdas be typed several times, nested ones each time again, so that a short text could take forever. What is typed
// for good is bounded by the length of the text.
const maxWork = 12 << 10

// maxTypeWeight is the number of types that the type of an expression may be made of
// ("expression-type-size"). Objects of objects double with each step, and so would the work.
const maxTypeWeight = 1 << 10

// exprState is what only the expression side of the checker needs.
type exprState struct {
	*operator.Builder
	// work counts the expressions typed for a trial, trials those that are under way.
	work, trials int
	// unchecked says that arithmetic is in an unchecked context explicitly, so that constants wrap as well.
	unchecked bool
	// receivers are the values that BindingExpr stands for in the conditional accesses around, innermost last.
	receivers []bound.Expr
	// requestReads and responseReads count the members used so far that may read a body.
	requestReads, responseReads int
	// usesResponse says that context.Response is used: another response, such as a variable that send-request
	// has set, has its body already.
	usesResponse bool
}

// try runs f and reports whether it found no error. Its errors are forgotten.
func (c *checker) try(f func()) bool {
	outer, inner := c.diags, &syntax.Diagnostics{}
	c.diags = inner
	c.trials++
	f()
	c.trials--
	c.diags = outer
	return inner.Len() == 0
}
