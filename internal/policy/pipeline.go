package policy

import (
	"errors"
)

// ContentTypeJSON is the content type of the gateway's own answers.
const ContentTypeJSON = "application/json"

// Run takes the call through its pipeline: inbound, backend, outbound, and
// on-error where one of them fails. Afterwards c.Response is the answer. The
// result is the failure that happened, for log and metrics, or nil.
func (c *Call) Run() *Fault {
	fault := faultIn(c.runSections())
	if fault != nil {
		c.Fail(fault)
	}
	if c.Response.Status == 0 {
		c.Response.Status = statusOK
	}
	c.Finish()
	return fault
}

// faultIn returns the failure that an error is, or nil. It looks only where there
// is an error, because looking allocates.
func faultIn(err error) *Fault {
	if err == nil {
		return nil
	}
	fault, _ := errors.AsType[*Fault](err)
	return fault
}

// statusOK is the status of a response that no backend and no policy has given
// one: that of a pipeline without forward-request.
const statusOK = 200

// runSections runs the sections of a request that goes well. After a change of
// protocol there is no response for outbound to work on.
func (c *Call) runSections() error {
	for _, s := range [...]Section{Inbound, Backend, Outbound} {
		switch err := c.RunSection(s); {
		case errors.Is(err, ErrDone):
			return nil
		case s == Inbound && errors.Is(err, ErrCached):
			return endOf(c.resume())
		case err != nil:
			return err
		case s == Backend && c.Response.Upgraded != nil:
			return nil
		case s == Backend && c.Response.Status == 0:
			c.Response.Status = statusOK
		}
	}
	return nil
}

// endOf is what the last section's result means for the pipeline.
func endOf(err error) error {
	if errors.Is(err, ErrDone) {
		return nil
	}
	return err
}

// Fail makes the failure's own answer the response and runs on-error, which
// may change or replace it. A failure inside on-error replaces the answer and
// ends it there.
func (c *Call) Fail(fault *Fault) {
	// A panic leaves what the policies around it would have put back.
	c.building, c.passing = Building{}, false
	c.answerFault(fault)
	if second := faultIn(c.RunSection(OnError)); second != nil {
		c.answerFault(second)
	}
}

// answerFault makes a failure the call's LastError and its answer the response.
func (c *Call) answerFault(f *Fault) {
	c.Failure = f
	c.Expr.LastError = f.LastError()
	// What closing an abandoned body says changes nothing for the caller.
	_ = c.Answer(f.Status, ContentTypeJSON, f.Body(c.ID))
	if f.Empty {
		_ = c.Answer(f.Status, "", nil)
	}
	c.Response.Reason = f.Phrase
	for _, field := range f.Header {
		c.Response.Header.Set(field.Key(), field.Value)
	}
}
