package check

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// loop checks while, do, for and foreach.
func (c *checker) loop(s syntax.Stmt) bound.Stmt {
	label := &bound.Label{}
	c.names.Open(nil)
	defer c.names.Close()
	switch s := s.(type) {
	case *syntax.WhileStmt:
		l := &bound.Loop{StmtNode: node(s), Label: label, Cond: c.condition(s.Cond)}
		l.Body = c.loopBody(s.Body, label)
		l.Locals = c.names.Top.Locals
		return l
	case *syntax.DoStmt:
		l := &bound.Loop{StmtNode: node(s), Label: label, Post: true}
		l.Body = c.loopBody(s.Body, label)
		l.Cond = c.condition(s.Cond)
		l.Locals = c.names.Top.Locals
		return l
	case *syntax.ForStmt:
		return c.forLoop(s, label)
	case *syntax.ForeachStmt:
		return c.foreach(s, label)
	}
	return nil
}

// loopBody checks the statement that a loop repeats.
func (c *checker) loopBody(s syntax.Stmt, label *bound.Label) bound.Stmt {
	c.jumps = append(c.jumps, jumpTarget{label: label, loop: true, finallies: c.finallies})
	body := c.embedded(s)
	c.jumps = c.jumps[:len(c.jumps)-1]
	return body
}

func (c *checker) forLoop(s *syntax.ForStmt, label *bound.Label) bound.Stmt {
	l := &bound.Loop{StmtNode: node(s), Label: label}
	if s.Decl != nil {
		l.Init = c.declarations(s.Decl)
	}
	for _, e := range s.Init {
		l.Init = append(l.Init, &bound.ExprStmt{StmtNode: node(e), X: c.effect(e)})
	}
	if s.Cond != nil {
		l.Cond = c.condition(s.Cond)
	}
	for _, e := range s.Step {
		l.Step = append(l.Step, c.effect(e))
	}
	l.Body = c.loopBody(s.Body, label)
	l.Locals = c.names.Top.Locals
	return l
}

func (c *checker) foreach(s *syntax.ForeachStmt, label *bound.Label) bound.Stmt {
	f := &bound.Foreach{StmtNode: node(s), Label: label, X: c.expr(s.In)}
	f.Elem = c.elementType(f.X, s.In)
	if m := ownEnumerator(f.X.Type()); m != nil {
		f.X = &bound.Call{Node: bound.Node{Span: s.In.Range(), T: m.Result}, X: f.X, Method: m}
	}
	c.foreachVariable(s, f)
	f.Var.ReadOnly = true
	f.Body = c.loopBody(s.Body, label)
	f.Locals = c.names.Top.Locals
	return f
}

// foreachVariable declares the variable of a foreach and converts the element to it.
func (c *checker) foreachVariable(s *syntax.ForeachStmt, f *bound.Foreach) {
	if s.Type == nil {
		f.Var = c.names.Temp(f.Elem)
		f.Item = f.Var
		f.Split = c.deconstruct(s.Target, localRef(f.Var, s.Target), s)
		return
	}
	if isVar(s.Type) {
		f.Var = c.names.Declare(s.Name, f.Elem)
		f.Item = f.Var
		return
	}
	t := c.types.Type(s.Type)
	if t == f.Elem {
		f.Var = c.names.Declare(s.Name, t)
		f.Item = f.Var
		return
	}
	f.Item = c.names.Temp(f.Elem)
	word := syntax.Span{Start: s.Start, End: s.Start + syntax.Pos(len("foreach"))}
	f.Convert = c.cast(localRef(f.Item, s.Type), t, word)
	f.Var = c.names.Declare(s.Name, t)
}

// localRef reads a variable.
func localRef(v *bound.Local, at syntax.Node) *bound.LocalRef {
	return &bound.LocalRef{Node: bound.Node{Span: at.Range(), T: v.Type}, Local: v}
}

// elementType returns what the enumeration of a collection yields: by its GetEnumerator method first, as C#
// does, then by IEnumerable<T>, then by IEnumerable.
func (c *checker) elementType(x bound.Expr, at syntax.Node) *types.Type {
	t := x.Type()
	switch {
	case t.Kind == types.Invalid:
		return t
	case t.Kind == types.Array:
		return t.Elem
	case t.Special() == types.String:
		return c.lib.Special(types.Char)
	}
	if e := c.enumerated(t); e != nil {
		return e
	}
	switch t.Kind {
	case types.Null:
		c.report(at, "CS0186", "Use of null is not valid in this context")
		return c.invalid()
	case types.Typeless:
		c.report(at, "CS0446", "Foreach cannot operate on a 'method group'. Did you intend to invoke the 'method group'?")
		return c.invalid()
	}
	c.report(at, "CS1579", "foreach needs a collection; a value of the type '%s' is none", t.Name())
	return c.invalid()
}

// enumerated returns the element type of a type that can be enumerated, else nil.
func (c *checker) enumerated(t *types.Type) *types.Type {
	if m := ownEnumerator(t); m != nil {
		return m.Result.Args[0]
	}
	plain := false
	for _, i := range append([]*types.Type{t}, t.Interfaces()...) {
		switch i.Special() {
		case types.EnumerableT:
			return i.Args[0]
		case types.Enumerable:
			plain = true
		}
	}
	if plain {
		return c.lib.Special(types.Object)
	}
	return nil
}

// ownEnumerator returns the GetEnumerator method of a class that yields something else than its interfaces
// do, or nil.
func ownEnumerator(t *types.Type) *types.Member {
	for b := t; b != nil && b.Kind == types.Class; b = b.Base() {
		for _, m := range b.Members("GetEnumerator") {
			if len(m.Params) == 0 && !m.Static && len(m.Result.Args) == 1 {
				return m
			}
		}
	}
	return nil
}
