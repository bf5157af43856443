package check

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// jumpTarget is a loop or a switch around.
type jumpTarget struct {
	label *bound.Label
	// loop says that continue may go there.
	loop bool
	// sections is the switch, nil for a loop.
	sections *bound.Switch
	// finallies is the number of finally blocks around the target.
	finallies int
}

// labelScope holds the labels of one block for goto.
type labelScope struct {
	fn     *bound.Function
	labels map[string]*bound.Label
}

// openLabels makes the labels of a block known to the goto statements in it.
func (c *checker) openLabels(list []syntax.Stmt) {
	s := &labelScope{fn: c.names.Fn}
	for _, one := range list {
		for l, ok := one.(*syntax.LabeledStmt); ok; l, ok = one.(*syntax.LabeledStmt) {
			if s.labels == nil {
				s.labels = map[string]*bound.Label{}
			}
			if s.labels[l.Label.Text] != nil {
				c.report(l.Label, "CS0140", "The label '%s' is a duplicate", l.Label.Text)
			}
			s.labels[l.Label.Text] = &bound.Label{Name: l.Label.Text}
			one = l.Body
		}
	}
	c.labels = append(c.labels, s)
}

func (c *checker) closeLabels() { c.labels = c.labels[:len(c.labels)-1] }

// label returns the label of that name in a block around, or nil.
func (c *checker) label(name string) *bound.Label {
	for i := len(c.labels) - 1; i >= 0 && c.labels[i].fn == c.names.Fn; i-- {
		if l := c.labels[i].labels[name]; l != nil {
			return l
		}
	}
	return nil
}

// jump checks the statements that go elsewhere, and labels.
func (c *checker) jump(s syntax.Stmt) bound.Stmt {
	switch s := s.(type) {
	case *syntax.BreakStmt:
		if t := c.target(s, false); t != nil {
			return &bound.Break{StmtNode: node(s), Target: t}
		}
	case *syntax.ContinueStmt:
		if t := c.target(s, true); t != nil {
			return &bound.Continue{StmtNode: node(s), Target: t}
		}
	case *syntax.GotoStmt:
		return c.gotoStmt(s)
	case *syntax.LabeledStmt:
		return c.labeled(s)
	case *syntax.ReturnStmt:
		return c.returnStmt(s)
	case *syntax.ThrowStmt:
		return c.throwStmt(s)
	}
	return nil
}

// target is where break or continue goes.
func (c *checker) target(s syntax.Stmt, loop bool) *bound.Label {
	for _, t := range slices.Backward(c.jumps) {
		if loop && !t.loop {
			continue
		}
		if t.finallies != c.finallies {
			c.report(s, "CS0157", "Control cannot leave the body of a finally clause")
			return nil
		}
		return t.label
	}
	c.report(s, "CS0139", "No enclosing loop out of which to break or continue")
	return nil
}

func (c *checker) gotoStmt(s *syntax.GotoStmt) bound.Stmt {
	var l *bound.Label
	if s.Default || s.Case != nil {
		l = c.gotoCase(s)
	} else if l = c.label(s.Label.Text); l == nil {
		c.report(s.Label, "CS0159", "No such label '%s' within the scope of the goto statement", s.Label.Text)
	}
	if l == nil {
		return nil
	}
	return &bound.Goto{StmtNode: node(s), Target: l}
}

func (c *checker) labeled(s *syntax.LabeledStmt) bound.Stmt {
	b := &bound.Labeled{StmtNode: node(s), Label: c.label(s.Label.Text)}
	b.Body = c.statement(s.Body)
	if b.Body == nil {
		b.Body = &bound.Block{StmtNode: node(s.Body)}
	}
	return b
}

func (c *checker) returnStmt(s *syntax.ReturnStmt) bound.Stmt {
	if c.finallies > 0 {
		c.report(s, "CS0157", "Control cannot leave the body of a finally clause")
	}
	r := &bound.Return{StmtNode: node(s)}
	result := c.names.Fn.Result
	switch {
	case c.names.Fn.Yields != nil:
		c.report(s, "CS1622", "An iterator returns nothing: use yield return, or yield break")
	case result == nil:
		// The result is what the return statements agree on.
		if s.X == nil && c.names.Fn.Parent == nil {
			c.report(s, "CS0126", "An object of a type convertible to 'object' is required")
		}
		if s.X != nil {
			r.X = c.returned(s.X)
		}
		c.returns[c.names.Fn] = append(c.returns[c.names.Fn], r)
	case s.X == nil:
		if result.Kind != types.Void && result.Kind != types.Invalid {
			c.report(s, "CS0126", "An object of a type convertible to '%s' is required", result.Name())
		}
	case result.Kind == types.Void:
		code := "CS8030"
		if c.names.Fn.Name != "" {
			code = "CS0127"
		}
		c.report(s, code, "What returns nothing cannot return a value")
		c.expr(s.X)
	default:
		r.X = c.result(s.X, result)
	}
	return r
}

// returned types the value of a return statement in a function whose result is not known yet. The whole
// expression yields an object; a lambda's result is inferred.
func (c *checker) returned(e syntax.Expr) bound.Expr {
	if c.names.Fn.Parent == nil {
		return c.natural(e)
	}
	return c.expr(e)
}

// result types the value that a function returns.
func (c *checker) result(e syntax.Expr, t *types.Type) bound.Expr {
	n := c.diags.Len()
	x := c.expr(e)
	if c.diags.Len() > n {
		return x
	}
	x = c.convert(x, t, e)
	if c.diags.Len() > n && c.names.Fn.Name == "" && c.names.Fn.Parent != nil {
		c.report(e, "CS1662", "What the lambda returns does not convert to what its delegate returns")
	}
	return x
}

// unifyReturns gives the whole expression its static type: that of its return statements where they agree,
// else object.
func (c *checker) unifyReturns(fn *bound.Function) {
	list := c.returns[fn]
	var t *types.Type
	for _, r := range list {
		if r.X == nil {
			continue
		}
		u := r.X.Type()
		if isNullObject(r.X) {
			continue
		}
		if t == nil {
			t = u
		}
		if t.Plain != u.Plain {
			t = c.lib.Special(types.Object)
		}
	}
	object := c.lib.Special(types.Object)
	if t == nil || hasNull(list) && !t.IsReference() {
		t = object
	}
	fn.Result = t
	for _, r := range list {
		switch {
		case r.X == nil:
		case isNullObject(r.X):
			r.X = &bound.Literal{Node: bound.Node{Span: r.X.Range(), T: t}}
		case r.X.Type() != t && r.X.Type().Kind != types.Invalid:
			r.X = c.convert(r.X, t, r.X)
		}
	}
}

func hasNull(list []*bound.Return) bool {
	for _, r := range list {
		if r.X != nil && isNullObject(r.X) {
			return true
		}
	}
	return false
}

// isNullObject reports whether x is the literal null as an object.
func isNullObject(x bound.Expr) bool {
	if conv, ok := x.(*bound.Conversion); ok && conv.T.IsReference() {
		x = conv.X
	}
	lit, ok := x.(*bound.Literal)
	return ok && lit.Value.IsNull() && (lit.T.Kind == types.Null || lit.T.Special() == types.Object)
}

func (c *checker) throwStmt(s *syntax.ThrowStmt) bound.Stmt {
	t := &bound.ThrowStmt{StmtNode: node(s)}
	if s.X != nil {
		t.X = c.exprOf(s.X, c.lib.Special(types.Exception))
		return t
	}
	if c.catches == 0 {
		c.report(s, "CS0156", "A throw statement with no arguments is not allowed outside of a catch clause")
	}
	return t
}
