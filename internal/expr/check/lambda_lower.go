package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/lower"
	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// yield checks yield return and yield break.
func (c *checker) yield(s *syntax.YieldStmt) bound.Stmt {
	if sym := c.names.Lookup(lower.Yielded); sym == nil || sym.Local.Owner != c.names.Fn {
		c.report(s, codeRefused, "A policy expression can use yield only in a local function.")
		return nil
	}
	at := s.Span
	if s.X == nil {
		return c.returnStmt(&syntax.ReturnStmt{Span: at, X: lower.YieldedRef(at)})
	}
	add := &syntax.MemberExpr{Span: at, X: lower.YieldedRef(at), Name: syntax.Name{Span: at, Text: "Add"}}
	return &bound.ExprStmt{StmtNode: node(s), X: c.expr(&syntax.CallExpr{
		Span: at, Fun: add, Args: []syntax.Argument{{Span: s.X.Range(), Value: s.X}}, Close: at,
	})}
}

// query is a query as method calls. It is translated once, so that what is remembered about its lambdas is
// found again.
func (c *checker) query(q *syntax.QueryExpr) syntax.Expr {
	x, ok := c.queries[q]
	if !ok {
		x = lower.Query(q)
		c.queries[q] = x
	}
	return x
}
