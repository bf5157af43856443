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
	known := map[string]bool{}
	declare := func(name syntax.Name) {
		switch {
		case name.Text == "":
		case known[name.Text]:
			c.report(name, "CS1930", "The query has a range variable '%s' already", name.Text)
		case c.names.Declared(name.Text):
			c.report(name, "CS1931", "The range variable '%s' has the name of a variable around it", name.Text)
		}
		known[name.Text] = true
	}
	declare(q.From.Name)
	for b := q.Body; b != nil; b = b.Rest {
		for _, clause := range b.Clauses {
			switch k := clause.(type) {
			case *syntax.FromClause:
				declare(k.Name)
			case *syntax.LetClause:
				declare(k.Name)
			case *syntax.JoinClause:
				if k.Into.Text == "" {
					declare(k.Name)
				}
				declare(k.Into)
			}
		}
		known = map[string]bool{}
		declare(b.Into)
	}
}
