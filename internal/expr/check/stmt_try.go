package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// tryStmt checks a try statement.
func (c *checker) tryStmt(s *syntax.TryStmt) bound.Stmt {
	b := &bound.Try{StmtNode: node(s)}
	guards := min(len(s.Catches), 1)
	c.guarded += guards
	b.Body = c.block(s.Body)
	c.guarded -= guards
	var caught []*types.Type
	for i := range s.Catches {
		if i > 0 && s.Catches[i-1].Type == nil && s.Catches[i-1].When == nil {
			c.report(s.Catches[i], "CS1017", "No catch can follow the one that takes every exception")
		}
		one := c.catch(&s.Catches[i], &caught)
		b.Catches = append(b.Catches, one)
	}
	if s.Finally != nil {
		c.finallies++
		b.Finally = c.block(s.Finally)
		c.finallies--
	}
	return b
}

// catch checks one handler; caught are the types that handlers before it without filter take.
func (c *checker) catch(s *syntax.CatchClause, caught *[]*types.Type) bound.Catch {
	b := bound.Catch{Span: s.Span}
	c.names.Open(nil)
	if s.Type != nil {
		b.Type = c.catchType(s.Type, *caught)
		if s.Name.Text != "" {
			b.Local = c.names.Declare(s.Name, b.Type)
		}
	}
	if s.When != nil {
		b.When = c.condition(s.When)
	} else if b.Type != nil {
		*caught = append(*caught, b.Type)
	}
	c.catches++
	b.Body = c.block(s.Body)
	c.catches--
	b.Locals = c.names.Close().Locals
	return b
}

func (c *checker) catchType(s syntax.Type, caught []*types.Type) *types.Type {
	t := c.types.Type(s)
	exception := c.lib.Special(types.Exception)
	if t.Kind == types.Invalid || exception == nil {
		return t
	}
	if !t.Inherits(exception) {
		c.report(s, "CS0155", "The type caught or thrown must be derived from System.Exception")
		return c.invalid()
	}
	for _, u := range caught {
		if t.Inherits(u) {
			c.report(s, "CS0160", "A previous catch clause already catches all exceptions of this or of a super type ('%s')", u.Name())
			break
		}
	}
	return t
}

// using checks a using statement.
func (c *checker) using(s *syntax.UsingStmt) bound.Stmt {
	b := &bound.Using{StmtNode: node(s)}
	c.names.Open(nil)
	if s.Decl != nil {
		for _, d := range c.declarations(s.Decl) {
			decl, ok := d.(*bound.Declare)
			if !ok {
				continue
			}
			c.disposable(decl.Local.Type, s.Decl)
			decl.Local.ReadOnly = true
			b.Resources = append(b.Resources, decl)
		}
	} else {
		x := c.expr(s.X)
		c.disposable(x.Type(), s.X)
		b.Resources = append(b.Resources, &bound.Declare{StmtNode: node(s.X), Local: c.names.Temp(x.Type()), Init: x})
	}
	b.Body = c.embedded(s.Body)
	b.Locals = c.names.Close().Locals
	return b
}

// disposable reports a resource that using cannot dispose of.
func (c *checker) disposable(t *types.Type, at syntax.Node) {
	d := c.lib.Special(types.Disposable)
	if d == nil || t.Kind == types.Invalid || t.Kind == types.Null || t.Inherits(d) {
		return
	}
	c.report(at, "CS1674", "'%s': type used in a using statement must be implicitly convertible to 'System.IDisposable'", t.Name())
}
