package plan

import (
	"github.com/sallyport/sallyport/internal/expr/bound"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// caseTest is one label of a switch, compiled.
type caseTest struct {
	match   matcher
	when    BoolFunc
	section int
}

// switchStmt compiles a switch.
func (c *compiler) switchStmt(s *bound.Switch) stmtFunc {
	fresh := c.freshCells(s.Locals)
	x, set := c.val(s.X), c.setLocal(s.Temp)
	var tests []caseTest
	other := -1
	bodies := make([]stmtFunc, len(s.Sections))
	enter := make([]func(*Frame), len(s.Sections))
	labels := map[*bound.Label]int{}
	for i, sec := range s.Sections {
		enter[i] = c.freshCells(sec.Locals)
		for _, k := range sec.Cases {
			if k.Pattern == nil {
				other = i
				continue
			}
			t := caseTest{match: c.pattern(k.Pattern), section: i}
			if k.When != nil {
				t.when = c.bool(k.When)
			}
			tests = append(tests, t)
		}
		bodies[i] = c.block(sec.Body, nil)
		labels[sec.Label] = i
	}
	label := s.Label
	return func(f *Frame) (signal, *value.Exception) {
		if e := f.Thread.Budget.Step(); e != nil {
			return next, e
		}
		if fresh != nil {
			fresh(f)
		}
		v, e := x(f)
		if e != nil {
			return next, e
		}
		set(f, v)
		section, e := pick(f, v, tests, enter, other)
		for e == nil && section >= 0 {
			var sig signal
			sig, e = bodies[section](f)
			switch to, ok := labels[f.target]; {
			case e != nil:
			case sig == jumped && ok:
				section = to
				e = f.Thread.Budget.Step()
				continue
			case sig == broke && f.target == label:
				return next, nil
			default:
				return sig, nil
			}
		}
		return next, e
	}
}

// pick returns the section to run, or -1.
func pick(f *Frame, v value.Value, tests []caseTest, enter []func(*Frame), other int) (int, *value.Exception) {
	for i := range tests {
		t := &tests[i]
		if enter[t.section] != nil {
			enter[t.section](f)
		}
		if !t.match(f, v) {
			continue
		}
		if t.when != nil {
			if ok, e := t.when(f); e != nil || !ok {
				if e != nil {
					return -1, e
				}
				continue
			}
		}
		return t.section, nil
	}
	return other, nil
}
