package policy

import (
	"errors"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/message"
)

// Meta is what is known of a step from its place in the document. It is made
// once, when the document is compiled.
type Meta struct {
	Policy  string // element name
	ID      string // its id attribute
	Path    string // its nesting in the section, "choose[1]/when[2]/set-header[1]"
	Section Section
	Scope   Scope
}

// Node is a step in its place.
type Node struct {
	Step    Step
	Meta    *Meta
	resumes bool // it is, or holds, a step behind which outbound goes on for a response from the cache
}

// Steps is a list of steps that run one after the other.
type Steps []Node

// Run runs the steps until one returns something other than nil. A failure
// comes back as a *Fault that says where it happened.
func (s Steps) Run(c *Call) error {
	for i := range s {
		if c.passing && s[i].passes(c) {
			continue
		}
		passing := c.passing
		if err := s[i].run(c); err != nil {
			return s[i].Meta.locate(c.view.cause(err))
		}
		if passing {
			// A node that holds the place ends the passing, also where a
			// condition inside it led past the place.
			c.passing = false
		}
	}
	return nil
}

// run runs the step, through the call's tracer where it has one.
func (n *Node) run(c *Call) error {
	if c.Tracer != nil {
		return c.Tracer.Step(c, n.Meta, n.Step)
	}
	return n.Step.Run(c)
}

// locate makes a failure a *Fault with its place. The innermost place wins: a
// fault that has one keeps it.
func (m *Meta) locate(err error) error {
	if errors.Is(err, ErrDone) {
		return ErrDone
	}
	if errors.Is(err, ErrCached) {
		return ErrCached
	}
	f := faultOf(m, err)
	if f.Section == "" {
		f.Section, f.Scope = m.Section.String(), m.Scope.String()
		f.Path, f.PolicyID = m.Path, m.ID
	}
	return f
}

// faultOf classifies an error that a step returned.
func faultOf(m *Meta, err error) *Fault {
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	if fault := bodyFault(m, err); fault != nil {
		return fault
	}
	if exception, ok := errors.AsType[*expr.Exception](err); ok {
		return &Fault{Status: 500, Source: m.Policy, Reason: ReasonExpressionEvaluationFailed,
			Message: "Expression evaluation failed. " + exception.Message, Err: err}
	}
	return &Fault{Status: 500, Source: m.Policy, Reason: ReasonInternal, Message: err.Error(), Err: err}
}

// bodyFault is the failure of a body that a step could not have whole: because
// the client broke it off or sent what is malformed, or because it is larger
// than what may be buffered. It is nil for any other error.
func bodyFault(m *Meta, err error) *Fault {
	if client, ok := errors.AsType[*message.ClientError](err); ok {
		f := &Fault{Status: client.Status, Source: m.Policy, Reason: ReasonClientConnectionFailure,
			Message: client.Error(), Told: "The request could not be read.", Public: true, Err: err}
		switch f.Status {
		case 0:
			f.Status = 400
		case 413:
			f.Told = "The body of the request is too large."
		}
		return f
	}
	if large, ok := errors.AsType[*message.TooLargeError](err); ok {
		f := &Fault{Status: 413, Source: m.Policy, Reason: "BodyTooLarge", Message: large.Error(), Public: true, Err: err}
		if m.Section&(Outbound|OnError) != 0 {
			// It is the backend's body: the caller has done nothing wrong.
			f.Status, f.Public = 500, false
		}
		return f
	}
	return nil
}
