package flow

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// summary is what calling a local function does to the variables of the functions around it.
type summary struct {
	// fn is the function, outer are these variables.
	fn    *bound.Function
	outer map[*bound.Local]bool
	// needs are those that must have a value where the function is called.
	needs []*bound.Local
	// gives are those that have one after the call.
	gives []*bound.Local
	// exit is the state where the function is left, over all ways out.
	exit flowState
}

// summary follows the body of a local function once, as if no variable around it had a value. While it is being
// followed, a call of the function itself needs and gives nothing.
func (f *checker) summary(fn *bound.Function) *summary {
	if s, ok := f.summaries[fn]; ok {
		return s
	}
	s := &summary{fn: fn, outer: map[*bound.Local]bool{}, exit: deadState()}
	f.summaries[fn] = s
	state, inside := f.state, f.inside
	f.state, f.inside = flowState{}, s
	for _, v := range fn.Captures {
		s.outer[v] = true
		f.unassign(v)
	}
	f.functionFlow(fn, func() {
		f.report(fn.At, "CS0161", "'%s': not all code paths return a value", fn.Name)
	})
	for _, v := range fn.Captures {
		if fn.Yields == nil && !s.exit.has(f.numbers[v]) {
			s.gives = append(s.gives, v)
		}
	}
	f.state, f.inside = state, inside
	return s
}

// leave notes the state where the local function that is being followed is left.
func (f *checker) leave() {
	if f.inside != nil && f.inside.fn == f.fn {
		f.inside.exit = join(f.inside.exit, f.state)
	}
}

// called follows the call of a local function, after its arguments.
func (f *checker) called(e *bound.LocalCall) {
	s := f.summary(e.Function)
	f.needs(s, e)
	for _, v := range s.gives {
		f.assign(v)
	}
}

// needs reports the variables that a local function needs and that have no value.
func (f *checker) needs(s *summary, at syntax.Node) {
	for _, v := range s.needs {
		f.need(v, at)
	}
}
