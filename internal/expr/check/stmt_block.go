package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/scope"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// exprBody is the body of an expression: one return statement.
func (c *checker) exprBody(e syntax.Expr) *bound.Block {
	r := &bound.Return{StmtNode: node(e), X: c.natural(e)}
	c.returns[c.names.Fn] = append(c.returns[c.names.Fn], r)
	return &bound.Block{StmtNode: node(e), List: []bound.Stmt{r}, Locals: c.names.Top.Locals}
}

// natural types an expression whose value is an object, but keeps its own type.
func (c *checker) natural(e syntax.Expr) bound.Expr {
	x := c.expr(e)
	switch x.Type().Kind {
	case types.Null, types.DefaultLiteral, types.Typeless, types.Void:
		return c.convert(x, c.lib.Special(types.Object), e)
	}
	return x
}

// blockBody checks the statements of a function in its outermost scope, which the caller has opened.
func (c *checker) blockBody(b *syntax.BlockStmt) *bound.Block {
	c.names.Top.Later = scope.DeclaredNames(b.List)
	c.openLabels(b.List)
	c.declareFunctions(b.List)
	list := c.statements(b.List)
	c.closeLabels()
	c.names.Top.Block = &bound.Block{StmtNode: node(b), Locals: c.names.Top.Locals, Functions: c.names.Top.Functions, List: list}
	return c.names.Top.Block
}

// block checks { … } as a scope of its own.
func (c *checker) block(b *syntax.BlockStmt) *bound.Block {
	c.names.Open(nil)
	body := c.blockBody(b)
	c.names.Close()
	return body
}

func (c *checker) statements(list []syntax.Stmt) []bound.Stmt {
	out := make([]bound.Stmt, 0, len(list))
	for _, s := range list {
		if b := c.statement(s); b != nil {
			out = append(out, b)
		}
	}
	return out
}

// node returns the place of a statement.
func node(n syntax.Node) bound.StmtNode { return bound.StmtNode{Span: n.Range()} }

// statement checks one statement; nil is one that does nothing.
func (c *checker) statement(s syntax.Stmt) bound.Stmt {
	switch s := s.(type) {
	case *syntax.BlockStmt:
		return c.block(s)
	case *syntax.LocalDeclStmt:
		return c.localDecl(s)
	case *syntax.LocalFuncStmt:
		c.localFunction(s)
		return nil
	case *syntax.ExprStmt:
		return &bound.ExprStmt{StmtNode: node(s), X: c.effect(s.X)}
	case *syntax.IfStmt:
		return c.ifStmt(s)
	case *syntax.WhileStmt, *syntax.DoStmt, *syntax.ForStmt, *syntax.ForeachStmt:
		return c.loop(s)
	case *syntax.SwitchStmt:
		return c.switchStmt(s)
	case *syntax.BreakStmt, *syntax.ContinueStmt, *syntax.GotoStmt, *syntax.LabeledStmt, *syntax.ReturnStmt,
		*syntax.ThrowStmt:
		return c.jump(s)
	case *syntax.TryStmt:
		return c.tryStmt(s)
	case *syntax.UsingStmt:
		return c.using(s)
	case *syntax.CheckedStmt:
		return c.checkedStmt(s)
	case *syntax.YieldStmt:
		return c.yield(s)
	case *syntax.LockStmt:
		return c.lock(s)
	case *syntax.UnsafeStmt:
		c.report(s, "CS0227", "A policy expression cannot be unsafe")
	}
	return nil
}

// lock checks lock (x) …: a run has one thread, so that nothing has to be locked.
func (c *checker) lock(s *syntax.LockStmt) bound.Stmt {
	x := c.expr(s.X)
	if t := x.Type(); !t.IsReference() && t.Kind != types.Invalid {
		c.report(s.X, "CS0185", "lock needs a reference; a value of the type '%s' is none", t.Name())
	}
	return &bound.Block{StmtNode: node(s), List: []bound.Stmt{
		&bound.ExprStmt{StmtNode: node(s.X), X: x}, c.embedded(s.Body),
	}}
}

// codeRefused is the number under which features are reported that C# has and policies do not.
const codeRefused = "SP0004"

// effect checks an expression that stands as a statement.
func (c *checker) effect(e syntax.Expr) bound.Expr {
	if !isStatementExpr(e) {
		n := c.diags.Len()
		x := c.expr(e)
		if _, bad := e.(*syntax.BadExpr); !bad && c.diags.Len() == n {
			c.report(e, "CS0201", "Only assignment, call, increment, decrement, await, and new object expressions can be used as a statement")
		}
		return x
	}
	return c.expr(e)
}

// isStatementExpr reports whether C# allows an expression as a statement.
func isStatementExpr(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.CallExpr, *syntax.AssignExpr, *syntax.NewExpr, *syntax.AwaitExpr:
		return true
	case *syntax.UnaryExpr:
		return e.Op == syntax.PlusPlus || e.Op == syntax.MinusMinus
	case *syntax.ConditionalAccessExpr:
		return isStatementExpr(e.Then)
	}
	return false
}

func (c *checker) ifStmt(s *syntax.IfStmt) bound.Stmt {
	b := &bound.If{StmtNode: node(s), Cond: c.condition(s.Cond)}
	b.Then = c.embedded(s.Then)
	if s.Else != nil {
		b.Else = c.embedded(s.Else)
	}
	return b
}

// embedded checks the statement of an if or a loop, which is a scope of its own.
func (c *checker) embedded(s syntax.Stmt) bound.Stmt {
	switch s.(type) {
	case *syntax.BlockStmt:
		return c.statement(s)
	case *syntax.LocalDeclStmt, *syntax.LabeledStmt, *syntax.LocalFuncStmt:
		c.report(s, "CS1023", "Embedded statement cannot be a declaration or labeled statement")
	}
	return c.block(&syntax.BlockStmt{Span: s.Range(), List: []syntax.Stmt{s}})
}

func (c *checker) checkedStmt(s *syntax.CheckedStmt) bound.Stmt {
	checked, unchecked := c.checked, c.unchecked
	c.checked, c.unchecked = s.Checked, !s.Checked
	b := c.block(s.Body)
	c.checked, c.unchecked = checked, unchecked
	return b
}
