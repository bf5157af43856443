package flow

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/expr/bound"
)

// stmt follows a statement.
func (f *checker) stmt(s bound.Stmt) {
	switch s := s.(type) {
	case nil:
	case *bound.Block:
		f.enter(s.Locals)
		f.localFunctions(s.Functions)
		f.stmts(s.List)
	case *bound.Declare:
		f.unassign(s.Local)
		if s.Init != nil && !s.Unset {
			f.flowExpr(s.Init)
			f.assign(s.Local)
		}
	case *bound.ExprStmt:
		f.flowExpr(s.X)
	case *bound.If:
		yes, no := f.cond(s.Cond)
		f.state = yes.clone()
		f.stmt(s.Then)
		after := f.state
		f.state = no.clone()
		f.stmt(s.Else)
		f.state = join(after, f.state)
	case *bound.Loop:
		f.loopFlow(s)
	case *bound.Foreach:
		f.foreachFlow(s)
	case *bound.Switch:
		f.switchFlow(s)
	case *bound.Try:
		f.tryFlow(s)
	case *bound.Using:
		f.enter(s.Locals)
		for _, r := range s.Resources {
			f.stmt(r)
		}
		f.stmt(s.Body)
	default:
		f.jumpFlow(s)
	}
}

func (f *checker) stmts(list []bound.Stmt) {
	for _, s := range list {
		f.stmt(s)
	}
}

// jumpFlow follows the statements after which nothing follows.
func (f *checker) jumpFlow(s bound.Stmt) {
	switch s := s.(type) {
	case *bound.Break:
		f.record(f.breaks, s.Target)
	case *bound.Continue:
		f.record(f.continues, s.Target)
	case *bound.Goto:
		f.record(f.gotos, s.Target)
	case *bound.Labeled:
		f.arrive(f.gotos, s.Label)
		f.state.dead = false
		f.stmt(s.Body)
	case *bound.Return:
		f.flowExpr(s.X)
		f.outs(s)
		f.leave()
		f.state = deadState()
	case *bound.Yield:
		f.flowExpr(s.X)
	case *bound.ThrowStmt:
		f.flowExpr(s.X)
		f.state = deadState()
	}
}

// localFunctions follows the bodies of local functions.
func (f *checker) localFunctions(list []*bound.Function) {
	for _, fn := range list {
		f.summary(fn)
	}
}

func (f *checker) loopFlow(s *bound.Loop) {
	f.enter(s.Locals)
	f.stmts(s.Init)
	if s.Post {
		f.stmt(s.Body)
		f.arrive(f.continues, s.Label)
		_, no := f.cond(s.Cond)
		f.state = no.clone()
		f.arrive(f.breaks, s.Label)
		return
	}
	yes, no := f.state.clone(), deadState()
	if s.Cond != nil {
		yes, no = f.cond(s.Cond)
	}
	f.state = yes.clone()
	f.stmt(s.Body)
	f.arrive(f.continues, s.Label)
	for _, e := range s.Step {
		f.flowExpr(e)
	}
	f.state = no.clone()
	f.arrive(f.breaks, s.Label)
}

func (f *checker) foreachFlow(s *bound.Foreach) {
	f.enter(s.Locals)
	f.flowExpr(s.X)
	before := f.state.clone()
	f.flowExpr(s.Split)
	f.stmt(s.Body)
	f.state = before
	f.arrive(f.breaks, s.Label)
}

func (f *checker) switchFlow(s *bound.Switch) {
	f.flowExpr(s.X)
	f.enter(s.Locals)
	f.localFunctions(s.Functions)
	before := f.state.clone()
	hasDefault := s.Exhaustive
	for i := range s.Sections {
		section := &s.Sections[i]
		f.state = f.sectionStart(section, before, &hasDefault)
		f.arrive(f.gotos, section.Label)
		f.stmts(section.Body)
		if !f.state.dead && len(section.Cases) > 0 {
			f.fallThrough(section, i == len(s.Sections)-1)
		}
	}
	f.state = deadState()
	if !hasDefault {
		f.state = before
	}
	f.arrive(f.breaks, s.Label)
}

// sectionStart is the state where a section begins: after its labels' patterns and guards.
func (f *checker) sectionStart(section *bound.Section, before flowState, hasDefault *bool) flowState {
	start := deadState()
	for _, one := range section.Cases {
		f.state = before.clone()
		f.enter(section.Locals)
		if one.Pattern == nil {
			*hasDefault = true
		} else {
			yes, _ := f.match(one.Pattern)
			f.state = yes.clone()
		}
		if one.When != nil {
			yes, _ := f.cond(one.When)
			f.state = yes.clone()
		}
		start = join(start, f.state)
	}
	return start
}

func (f *checker) fallThrough(section *bound.Section, last bool) {
	at := section.Cases[len(section.Cases)-1]
	if last {
		f.report(at.Span, "CS8070", "Control cannot fall out of switch from final case label ('%s')", labelText(at))
		return
	}
	f.report(at.Span, "CS0163", "Control cannot fall through from one case label ('%s') to another", labelText(at))
}

func labelText(one bound.Case) string {
	key := one.Key()
	if key == "" || key == "default" {
		return "default:"
	}
	return fmt.Sprintf("case %s:", key)
}

// tryFlow follows try: a handler begins with what was known before, and what finally assigns is assigned
// after it however it was reached.
func (f *checker) tryFlow(s *bound.Try) {
	before := f.state.clone()
	f.stmt(s.Body)
	end := f.state
	for i := range s.Catches {
		f.state = before.clone()
		f.enter(s.Catches[i].Locals)
		if when := s.Catches[i].When; when != nil {
			yes, _ := f.cond(when)
			f.state = yes.clone()
		}
		f.stmt(s.Catches[i].Body)
		end = join(end, f.state)
	}
	if s.Finally == nil {
		f.state = end
		return
	}
	f.state = before.clone()
	f.stmt(s.Finally)
	if f.state.dead {
		return
	}
	for i := range end.unassigned {
		if i < len(f.state.unassigned) {
			end.unassigned[i] &= f.state.unassigned[i] | ^f.known(before, i)
		}
	}
	f.state = end
}

// known are the variables that were there before a try statement, as bits: only about these finally says
// something.
func (f *checker) known(before flowState, i int) uint64 {
	if i < len(before.unassigned) {
		return before.unassigned[i]
	}
	return 0
}
