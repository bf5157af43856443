package policy

import (
	"time"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
)

// Call is one request on its way through the policies. It belongs to one
// goroutine. The gateway fills it and reuses it; nothing of it is kept after
// the exchange.
type Call struct {
	Request  *message.Request
	Response *message.Response // what will be answered; its Status is 0 until there is an answer
	Original message.URL       // as the client called it
	ID       string            // request id
	Begin    time.Time

	API        *model.API
	Operation  *model.Operation
	Parameters []Parameter // of the URL template
	Access

	Chain       Chain
	Destination Destination
	Backend     BackendAnswer
	Services    *Services
	Directory   Directory
	// Failure is the failure that on-error handles, or nil.
	Failure *Fault
	// Pending holds fields that are added to the answer, whatever it will be.
	Pending message.Header
	// Arena is memory for texts that end with the exchange.
	Arena message.Arena

	Variables Variables
	Expr      expr.Context // what expressions see; the gateway fills its static part
	section   Section
	progress
	building  Building
	finishers []Finisher
	releasers []Releaser
	view      view // the messages as expressions see them
}

// Access is what the subscription key of a request gives.
type Access struct {
	Product      *model.Product      // nil where no product is in play
	Subscription *model.Subscription // nil where the request has none
	User         *model.User         // owner of the subscription, or nil
	Key          string              // subscription key that was presented
}

// BackendAnswer is what is known of the last call of a backend, for log and
// metrics.
type BackendAnswer struct {
	ID       string        // id of the backend, or its host where it has none
	Status   int           // 0 where it has not answered
	Duration time.Duration // spent waiting for backends, all attempts
}

// Parameter is a value that the request's URL has for a parameter of the
// operation's template.
type Parameter struct {
	Name, Value string
}

// Section returns the section that is running.
func (c *Call) Section() Section { return c.section }

// Message returns header and body of the message that a policy works on: the
// one that an enclosing policy builds (Build), otherwise the request in inbound
// and backend, and the response in outbound and on-error.
func (c *Call) Message() (*message.Header, *message.Body) {
	if c.building.Header != nil {
		return c.building.Header, c.building.Body
	}
	if c.section&(Inbound|Backend) != 0 {
		return &c.Request.Header, &c.Request.Body
	}
	return &c.Response.Header, &c.Response.Body
}

// Building is a message that a policy builds with the policies inside it, such
// as the response of return-response.
type Building struct {
	Header *message.Header
	Body   *message.Body
	// Response is the response that is built, for set-status; nil where a
	// request is built.
	Response *message.Response
}

// StatusOf returns the response whose status a policy sets.
func (c *Call) StatusOf() *message.Response {
	if c.building.Response != nil {
		return c.building.Response
	}
	return c.Response
}

// Build makes the policies that run until the returned function is called work
// on another message.
func (c *Call) Build(m Building) (done func()) {
	outer := c.building
	c.building = m
	return func() { c.building = outer }
}

// AtEnd leaves something to be done when the pipeline has ended.
func (c *Call) AtEnd(f Finisher) { c.finishers = append(c.finishers, f) }

// WhenSent leaves something to be done when the answer has been sent.
func (c *Call) WhenSent(r Releaser) { c.releasers = append(c.releasers, r) }

// Finish runs what steps left to be done at the end of the pipeline, each once,
// and adds the pending fields to the answer. After a panic of one it is called
// again, for the others; and again when another answer has taken the place of
// the first.
func (c *Call) Finish() {
	for c.finished < len(c.finishers) {
		f := c.finishers[c.finished]
		c.finished++
		f.Finish(c)
	}
	for _, f := range c.Pending.Fields() {
		if f.Is(message.SetCookie) {
			c.Response.Header.Add(f.Key(), f.Value)
			continue
		}
		c.Response.Header.Set(f.Key(), f.Value)
	}
}

// Release runs what steps left to be done after the answer, each once. After a
// panic of one it is called again, for the others.
func (c *Call) Release(sent message.Sent) {
	for c.released < len(c.releasers) {
		r := c.releasers[c.released]
		c.released++
		r.Release(c, sent)
	}
}

// Reset empties the call and keeps its memory.
func (c *Call) Reset() {
	parameters, finishers, releasers, pending := c.Parameters[:0], c.finishers[:0], c.releasers[:0], c.Pending
	pending.Reset()
	clear(c.Parameters)
	clear(c.finishers)
	clear(c.releasers)
	variables, arena := c.Variables, c.Arena
	variables.Reset()
	arena.Reset()
	progress := c.progress.reset()
	*c = Call{} // Cleared in place; a literal with fields would be made elsewhere and copied.
	c.Parameters, c.finishers, c.releasers, c.Pending = parameters, finishers, releasers, pending
	c.Variables, c.Arena, c.progress = variables, arena, progress
	c.Expr.Variables = &c.Variables
}

// BufferLimit returns the most bytes of a body that may be held in memory.
func (c *Call) BufferLimit() int64 {
	if c.Services.BufferLimit > 0 {
		return c.Services.BufferLimit
	}
	return DefaultBufferLimit
}

// Answer makes the response one with this status and body, dropping what was
// there.
func (c *Call) Answer(status int, contentType string, body []byte) error {
	err := c.Response.Discard()
	c.Response.Status = status
	if body != nil {
		c.Response.Header.Set(message.ContentType, contentType)
		return c.Response.Body.SetBytes(body)
	}
	return err
}

// Expressions returns the expression compiler, which makes the C# values that
// steps put into variables.
func (c *Compiler) Expressions() *expr.Compiler { return c.env.Expressions }

// Rate returns the rate counter under a name, shared as s says, for a step to
// keep. Where the document is only being checked there is none, and it is nil.
func (c *Compiler) Rate(name string, s counter.Sharing) counter.Rate {
	if c.env.Services == nil {
		return nil
	}
	return c.env.Services.Counters.Rate(name, s)
}

// Quota returns the quota counter under a name, for a step to keep; nil as for
// Rate.
func (c *Compiler) Quota(name string, s counter.Sharing) counter.Quota {
	if c.env.Services == nil {
		return nil
	}
	return c.env.Services.Counters.Quota(name, s)
}
