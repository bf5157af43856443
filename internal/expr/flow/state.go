// Package flow checks the flow of a typed expression: that no variable is read before it has a value, that
// every end of a function returns, and that switch sections do not fall through.
package flow

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// flowState is what is known at one point of the program: whether it can be reached, and which variables have
// no value yet. (Variables are those that can be without one; all others count as assigned.)
type flowState struct {
	// dead says that the point cannot be reached.
	dead bool
	// unassigned is a set of bits by the variables' numbers.
	unassigned []uint64
}

// deadState is the state after a jump.
func deadState() flowState { return flowState{dead: true} }

func (s *flowState) clone() flowState {
	return flowState{dead: s.dead, unassigned: append([]uint64(nil), s.unassigned...)}
}

// has reports whether the n-th variable is unassigned.
func (s *flowState) has(n int) bool {
	return n/64 < len(s.unassigned) && s.unassigned[n/64]&(1<<(n%64)) != 0
}

func (s *flowState) add(n int) {
	for len(s.unassigned) <= n/64 {
		s.unassigned = append(s.unassigned, 0)
	}
	s.unassigned[n/64] |= 1 << (n % 64)
}

func (s *flowState) remove(n int) {
	if n/64 < len(s.unassigned) {
		s.unassigned[n/64] &^= 1 << (n % 64)
	}
}

// join is the state where two ways come together.
func join(a, b flowState) flowState {
	switch {
	case a.dead:
		return b.clone()
	case b.dead:
		return a.clone()
	}
	if len(a.unassigned) < len(b.unassigned) {
		a, b = b, a
	}
	a = a.clone()
	for i, bits := range b.unassigned {
		a.unassigned[i] |= bits
	}
	return a
}

// checker finds uses of variables without a value, and ends of functions that should have returned.
type checker struct {
	diags *syntax.Diagnostics
	state flowState
	// fn is the function whose body is followed, nil for the whole expression.
	fn *bound.Function
	// numbers are those of the variables that can be without a value.
	numbers map[*bound.Local]int
	// elements are the variables that stand for the elements of tuples that are given values one by one.
	elements map[*bound.Local][]*bound.Local
	// summaries are what the local functions do with the variables around them; inside is the one whose body is
	// followed, nil for none.
	summaries map[*bound.Function]*summary
	inside    *summary
	// breaks are the states at the breaks to a label, continues those at its continues, gotos those at the
	// jumps to it.
	breaks, continues, gotos map[*bound.Label]flowState
}

// Check checks the flow of a whole expression.
func Check(main *bound.Function, root syntax.Span, diags *syntax.Diagnostics) {
	f := &checker{
		diags: diags, numbers: map[*bound.Local]int{}, elements: map[*bound.Local][]*bound.Local{}, summaries: map[*bound.Function]*summary{},
		breaks: map[*bound.Label]flowState{}, continues: map[*bound.Label]flowState{}, gotos: map[*bound.Label]flowState{},
	}
	f.stmt(main.Body)
	if !f.state.dead {
		f.diags.Report(root, "CS0161", "not all code paths return a value")
	}
}

// unassign makes a variable one without a value.
func (f *checker) unassign(v *bound.Local) {
	if v == nil {
		return
	}
	n, ok := f.numbers[v]
	if !ok {
		n = len(f.numbers)
		f.numbers[v] = n
	}
	if !f.state.dead {
		f.state.add(n)
	}
	for _, x := range f.elementsOf(v) {
		f.unassign(x)
	}
}

// enter begins a scope: the variables that its expressions declare have no value yet.
func (f *checker) enter(locals []*bound.Local) {
	for _, v := range locals {
		if v.Late {
			f.unassign(v)
		}
	}
}

func (f *checker) assign(v *bound.Local) {
	if n, ok := f.numbers[v]; ok {
		f.state.remove(n)
	}
	for _, x := range f.elements[v] {
		f.assign(x)
	}
}

// use reports a variable without a value, once.
func (f *checker) use(e *bound.LocalRef) {
	f.need(e.Local, e)
}

// need reports a variable without a value at a place that needs one. Inside a local function, one of a function
// around is needed where that is called.
func (f *checker) need(v *bound.Local, at syntax.Node) {
	n, ok := f.numbers[v]
	if !ok || f.state.dead || !f.state.has(n) {
		return
	}
	f.state.remove(n)
	if f.inside != nil && f.inside.outer[v] {
		f.inside.needs = append(f.inside.needs, v)
		return
	}
	f.report(at, "CS0165", "Use of unassigned local variable '%s'", v.Name)
}

// record joins the current state to those at the jumps to a label, and nothing follows.
func (f *checker) record(where map[*bound.Label]flowState, l *bound.Label) {
	old, ok := where[l]
	if !ok {
		old = deadState()
	}
	where[l] = join(old, f.state)
	f.state = deadState()
}

// arrive joins the states at the jumps to a label to the current one.
func (f *checker) arrive(where map[*bound.Label]flowState, l *bound.Label) {
	if s, ok := where[l]; ok {
		f.state = join(f.state, s)
	}
}

// report adds an error.
func (f *checker) report(at syntax.Node, code, format string, args ...any) {
	f.diags.Report(at.Range(), code, format, args...)
}
