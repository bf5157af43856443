package policy

import "errors"

// ErrCached ends inbound with a response that was kept from an earlier request:
// the backend is not called, and outbound goes on behind the step that kept it
// (see Spec.Resumes). It is not a failure. Steps return it as it is.
var ErrCached = errors.New("the response comes from the cache")

// resume runs outbound for a response that comes from the cache. What stands
// before the step that kept the response has had its effect on it already and
// is passed over. Where no step keeps responses, all of outbound runs.
func (c *Call) resume() error {
	c.passing = c.Chain.resumes(Outbound, 0)
	err := c.RunSection(Outbound)
	c.passing = false
	return err
}

// passes reports whether a node lies before the place where outbound goes on.
// The place is inside the node, or is the node itself, where it does not.
func (n *Node) passes(c *Call) bool {
	if base, ok := n.Step.(baseStep); ok {
		return !c.Chain.resumes(base.section, base.scope.index()+1)
	}
	return !n.resumes
}

// resumes reports whether the section as it is run from a level on has a step
// that keeps responses.
func (ch *Chain) resumes(s Section, level int) bool {
	for ; level < scopeCount; level++ {
		d := ch[level]
		if d == nil || !d.present[s.index()] {
			continue
		}
		inherits := false
		for i := range d.sections[s.index()] {
			n := &d.sections[s.index()][i]
			_, isBase := n.Step.(baseStep)
			inherits = inherits || isBase
			if n.resumes {
				return true
			}
		}
		if !inherits {
			return false
		}
	}
	return false
}

// Resumed reports whether the call is being taken to the place where outbound
// goes on, and ends that: the step that is asked is the place.
func (c *Call) Resumed() bool {
	was := c.passing
	c.passing = false
	return was
}
