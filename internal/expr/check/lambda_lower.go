package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/lower"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// yield checks yield return and yield break.
func (c *checker) yield(s *syntax.YieldStmt) bound.Stmt {
	fn := c.names.Fn
	switch {
	case fn.Parent == nil:
		c.diags.Report(syntax.Span{}, "CS1624", "A policy expression is no iterator: it cannot use yield; a local function can")
		return nil
	case fn.Name == "":
		c.report(s, "CS1621", "A lambda cannot use yield; a local function can")
		return nil
	case c.finallies > 0:
		c.report(s, "CS1625", "A finally block cannot use yield")
		return nil
	case s.X == nil:
		return &bound.Return{StmtNode: node(s)}
	case c.catches > 0:
		c.report(s, "CS1631", "A catch block cannot yield an element")
		return nil
	case c.guarded > 0:
		c.report(s, "CS1626", "A try block with a catch cannot yield an element")
		return nil
	case fn.Yields == nil:
		c.expr(s.X)
		return nil
	}
	return &bound.Yield{StmtNode: node(s), X: c.exprOf(s.X, fn.Yields)}
}

// iterator makes a local function whose body yields an iterator.
func (c *checker) iterator(f *syntax.LocalFuncStmt, fn *bound.Function) {
	for i, v := range fn.Params {
		if v.ByRef {
			c.report(f.Params[i].Name, "CS1623", "An iterator cannot have parameters by reference")
		}
	}
	switch t := fn.Result; t.Special() {
	case types.EnumerableT:
		fn.Yields = t.Args[0]
	case types.Enumerable:
		fn.Yields = c.lib.Special(types.Object)
	default:
		if t.Kind != types.Invalid {
			c.report(f.Name, "CS1624", "'%s' cannot be an iterator: its result must be an IEnumerable, not '%s'", f.Name.Text, t.Name())
		}
	}
}

// query is a query as method calls. It is translated once, so that what is remembered about its lambdas is
// found again.
func (c *checker) query(q *syntax.QueryExpr) syntax.Expr {
	x, ok := c.queries[q]
	if !ok {
		n := c.diags.Len()
		if c.rangeVariables(q); c.diags.Len() > n {
			return &syntax.BadExpr{Span: q.Span}
		}
		x = lower.Query(q)
		c.queries[q] = x
	}
	return x
}

// rangeVariables reports the range variables of a query whose names are taken: CS1930 by another one of the
// query, CS1931 by a variable around.
func (c *checker) rangeVariables(q *syntax.QueryExpr) {
	lower.RangeVariables(q, func(name syntax.Name, again bool) {
		switch {
		case again:
			c.report(name, "CS1930", "The query has a range variable '%s' already", name.Text)
		case c.names.Declared(name.Text):
			c.report(name, "CS1931", "The range variable '%s' has the name of a variable around it", name.Text)
		}
	})
}
