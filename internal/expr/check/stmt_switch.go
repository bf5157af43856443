package check

import (
	"slices"

	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/caseset"
	"github.com/sallyport/sallyport/internal/expr/scope"
	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
)

// switchStmt checks a switch statement.
func (c *checker) switchStmt(s *syntax.SwitchStmt) bound.Stmt {
	b := &bound.Switch{StmtNode: node(s), Label: &bound.Label{}}
	b.X = c.expr(s.X)
	if k := b.X.Type().Kind; k == types.Null || k == types.Typeless || k == types.Void || k == types.DefaultLiteral {
		c.report(s.X, "CS8119", "The switch expression must be a value; found '%s'.", b.X.Type().Name())
		b.X = c.Bad(s.X)
	}
	b.Temp = c.names.Temp(b.X.Type())
	var all []syntax.Stmt
	for i := range s.Sections {
		all = append(all, s.Sections[i].Body...)
	}
	c.names.Open(scope.DeclaredNames(all))
	c.openLabels(all)
	c.declareFunctions(all)
	c.jumps = append(c.jumps, jumpTarget{label: b.Label, sections: b, finallies: c.finallies})
	b.Sections = make([]bound.Section, len(s.Sections))
	for i := range b.Sections {
		b.Sections[i].Label = &bound.Label{}
	}
	// The labels come first: goto case may jump ahead.
	seen := caseset.New(c.Converter, b.X.Type())
	scopes := make([]*scope.Scope, len(s.Sections))
	for i := range s.Sections {
		scopes[i] = c.names.Open(nil)
		c.switchLabels(&s.Sections[i], b, &b.Sections[i], seen)
		c.names.Close()
	}
	b.Exhaustive = seen.All()
	for i := range s.Sections {
		c.names.Reopen(scopes[i])
		b.Sections[i].Body = c.statements(s.Sections[i].Body)
		b.Sections[i].Locals = c.names.Close().Locals
	}
	c.jumps = c.jumps[:len(c.jumps)-1]
	c.closeLabels()
	block := c.names.Close()
	b.Locals, b.Functions = block.Locals, block.Functions
	return b
}

// switchLabels checks the labels of one section.
func (c *checker) switchLabels(s *syntax.SwitchSection, b *bound.Switch, out *bound.Section, seen *caseset.Set) {
	for i := range s.Labels {
		l := &s.Labels[i]
		one := bound.Case{Span: l.Span}
		if !l.Default {
			one.Pattern = c.pattern(l.Pattern, localRef(b.Temp, l.Pattern))
		}
		if l.When != nil {
			one.When = c.condition(l.When)
		}
		seen.Add(l, &one)
		out.Cases = append(out.Cases, one)
	}
}

// gotoCase returns the section that goto case or goto default means, or nil.
func (c *checker) gotoCase(s *syntax.GotoStmt) *bound.Label {
	for _, j := range slices.Backward(c.jumps) {
		sw := j.sections
		if sw == nil {
			continue
		}
		want := "default"
		if !s.Default {
			lit, ok := c.exprOf(s.Case, sw.X.Type()).(*bound.Literal)
			if !ok {
				c.report(s.Case, "CS0150", "A constant value is expected")
				return nil
			}
			want = (&bound.Case{Pattern: &bound.ConstPattern{Value: lit}}).Key()
		}
		for j := range sw.Sections {
			for _, one := range sw.Sections[j].Cases {
				if one.Key() == want {
					return sw.Sections[j].Label
				}
			}
		}
		c.report(s, "CS0159", "No such label '%s' within the scope of the goto statement", gotoText(s, want))
		return nil
	}
	c.report(s, "CS0153", "A goto case is only valid inside a switch statement")
	return nil
}

func gotoText(s *syntax.GotoStmt, want string) string {
	if s.Default {
		return "default:"
	}
	return "case " + want + ":"
}
