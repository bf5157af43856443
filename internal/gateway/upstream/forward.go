package upstream

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// source is the name that failures of forwarding have in LastError.
const source = "forward-request"

// Forward sends the call's request to its destination and makes the answer the
// call's response. The error is a *policy.Fault where the backend has failed,
// and what the client's body returned where the client has.
func (m *Manager) Forward(c *policy.Call, o *policy.ForwardOptions) error {
	// What is left of an answer before this one is of no interest any more.
	_ = c.Response.Discard()
	e, fault := m.aim(c)
	if fault != nil {
		return fault
	}
	if o.BufferRequestBody && c.Request.Body.Present() && !c.Request.Body.Consumed() {
		if _, err := c.Request.Body.Buffer(c.BufferLimit()); err != nil {
			return err
		}
	}
	begin := m.clock.Now()
	var err error
	if m.standard(c, o, e) {
		err = m.sendStandard(c, o, e)
	} else {
		err = m.send(c, o, e, begin)
	}
	took := m.clock.Since(begin)
	c.Backend.ID, c.Backend.Status = c.Request.URL.Host, c.Response.Status
	c.Backend.Duration += took
	if e != nil {
		c.Backend.ID = e.id
		m.note(c, e, err, took)
	}
	if err != nil {
		blame(c, e, err)
		return err
	}
	if o.FailOnErrorStatus && c.Response.Status >= 400 {
		return &policy.Fault{Status: c.Response.Status, Source: source, Reason: "BackendErrorStatus", Public: true,
			Message: "The backend answered with the status " + strconv.Itoa(c.Response.Status) + "."}
	}
	return nil
}

// aim decides what the call goes to; nil is the call's URL.
func (m *Manager) aim(c *policy.Call) (*endpoint, *policy.Fault) {
	d := &c.Destination
	switch {
	case d.Backend == nil:
		if c.API != nil && c.API.ServiceURL == "" && d.BasePath == 0 && c.Request.URL.Authority() == c.Original.Authority() {
			return nil, &policy.Fault{Status: 500, Source: source, Reason: "BackendMissing",
				Message: "the API has no service URL and no policy sets a backend"}
		}
		return nil, nil
	case d.Backend.IsPool():
		return m.aimAtPool(c)
	}
	e := m.endpoint(d.Backend)
	if wait := e.state.breaker.openFor(m.clock.Now()); wait > 0 {
		return nil, unavailable("The backend "+d.BackendID+" is temporarily unavailable.", wait)
	}
	fault := e.retarget(c)
	return e, fault
}

// aimAtPool decides which member of a pool the call goes to.
func (m *Manager) aimAtPool(c *policy.Call) (*endpoint, *policy.Fault) {
	pool := m.endpoint(c.Destination.Backend)
	var space [model.MaxPoolMembers]member
	list, wait := candidates(space[:0], m.membersOf(c, pool), m.clock.Now())
	if len(list) == 0 {
		return nil, unavailable("Backend pool "+c.Destination.BackendID+" is temporarily unavailable.", wait)
	}
	e := choose(c, pool, list).endpoint
	fault := e.retarget(c)
	return e, fault
}

// unavailable refuses a call while circuit breakers are open.
func unavailable(text string, wait time.Duration) *policy.Fault {
	f := policy.NewFault(503, source, "BackendUnavailable", text)
	if wait > 0 {
		f = f.WithHeader(message.RetryAfter, strconv.FormatInt(counter.Seconds(wait), 10))
	}
	return f
}

// errTimeout is the cause of a call that took too long to begin its answer.
var errTimeout = errors.New("the backend did not answer in time")

// errClientGone is the failure of a client that did not wait for the answer.
var errClientGone = errors.New("the client went away")

// backendFault is the failure of a backend that cannot be reached.
func backendFault(err error) *policy.Fault {
	// A redirect that fails brings its whole URL along, which may hold keys.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return &policy.Fault{Status: 500, Source: source, Reason: policy.ReasonBackendConnectionFailure,
		Message: "the backend could not be reached", Err: err}
}

// note tells the circuit breaker and the metrics how a call went.
func (m *Manager) note(c *policy.Call, e *endpoint, err error, took time.Duration) {
	var fault *policy.Fault
	o := outcome{status: c.Response.Status}
	handle := e.state.handle
	switch {
	case errors.As(err, &fault):
		o = outcome{reason: fault.Reason}
		if handle != nil {
			handle.Failed(fault.Reason, took)
		}
	case err != nil:
		return // The client's own failure says nothing of the backend.
	case handle != nil:
		handle.Answered(o.status, took)
	}
	if e.rule == nil {
		return
	}
	now := m.clock.Now()
	if e.rule.acceptRetryAfter {
		o.retryAfter = retryAfter(&c.Response.Header, now)
	}
	if open := e.state.breaker.record(e.rule, o, now); open > 0 {
		m.opened(e, o, open)
	}
}

// opened tells that a circuit breaker has opened, and later that it has closed.
func (m *Manager) opened(e *endpoint, o outcome, open time.Duration) {
	m.log.Warn("circuit breaker opened", "backend", e.id, "status", o.status, "reason", o.reason, "for", open.String())
	state := e.state
	if state.handle != nil {
		state.handle.SetBreaker(true)
	}
	m.clock.AfterFunc(open, func() {
		if state.breaker.openFor(m.clock.Now()) > 0 {
			return // It has opened again in the meantime.
		}
		m.log.Info("circuit breaker closed", "backend", e.id)
		if state.handle != nil {
			state.handle.SetBreaker(false)
		}
	})
}

// retryAfter reads the Retry-After of a backend, in seconds or as a date.
func retryAfter(h *message.Header, now time.Time) time.Duration {
	text, ok := h.Get(message.RetryAfter)
	if !ok {
		return 0
	}
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return at.Sub(now)
	}
	return 0
}
