package upstream

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// source is the name that failures of forwarding have in LastError.
const source = "forward-request"

// target is what a call goes to: a backend entity, or only a URL.
type target struct {
	id      string         // of the backend; the host where there is none
	backend *model.Backend // nil where there is only a URL
	rule    *breakerRule   // nil where the backend has no circuit breaker
	state   *backendState  // nil where there is only a URL
}

// Forward sends the call's request to its destination and makes the answer the
// call's response. The error is a *policy.Fault.
func (m *Manager) Forward(c *policy.Call, o *policy.ForwardOptions) error {
	if err := c.Response.Body.Close(); err != nil {
		return backendFault(err)
	}
	c.Response.Reset()
	t, fault := m.aim(c)
	if fault != nil {
		return fault
	}
	if o.BufferRequestBody && c.Request.Body.Present() {
		if _, err := c.Request.Body.Buffer(c.BufferLimit()); err != nil {
			return err
		}
	}
	begin := m.clock.Now()
	err := m.send(c, o, t)
	took := m.clock.Since(begin)
	c.Backend.ID, c.Backend.Status = t.id, c.Response.Status
	c.Backend.Duration += took
	m.note(c, t, err, took)
	if err != nil {
		return err
	}
	if o.FailOnErrorStatus && c.Response.Status >= 400 {
		return &policy.Fault{Status: c.Response.Status, Source: source, Reason: "BackendErrorStatus", Public: true,
			Message: "The backend answered with the status " + strconv.Itoa(c.Response.Status) + "."}
	}
	return nil
}

// aim decides what the call goes to.
func (m *Manager) aim(c *policy.Call) (target, *policy.Fault) {
	d := &c.Destination
	switch {
	case d.Backend == nil:
		if c.API != nil && c.API.ServiceURL == "" && d.BasePath == 0 && c.Request.URL.Authority() == c.Original.Authority() {
			return target{}, &policy.Fault{Status: 500, Source: source, Reason: "BackendMissing",
				Message: "the API has no service URL and no policy sets a backend"}
		}
		return target{id: c.Request.URL.Host}, nil
	case d.Backend.IsPool():
		return m.aimAtPool(c)
	}
	t := m.targetOf(d.Backend)
	if wait := t.state.breaker.openFor(m.clock.Now()); wait > 0 {
		return target{}, unavailable("The backend "+d.BackendID+" is temporarily unavailable.", wait)
	}
	return t, m.retarget(c, d.Backend)
}

// aimAtPool decides which member of a pool the call goes to.
func (m *Manager) aimAtPool(c *policy.Call) (target, *policy.Fault) {
	d := &c.Destination
	list, wait := m.candidates(c, d.Backend)
	if len(list) == 0 {
		return target{}, unavailable("Backend pool "+d.BackendID+" is temporarily unavailable.", wait)
	}
	chosen := m.choose(c, d.Backend, list)
	return m.targetOf(chosen.backend), m.retarget(c, chosen.backend)
}

// targetOf returns a backend entity as a target. What is remembered of it goes
// by its resource id, so that it is the same whether a policy names the backend
// or a pool chooses it, and another for each workspace.
func (m *Manager) targetOf(b *model.Backend) target {
	id := b.ID.String()
	return target{id: id, backend: b, rule: ruleOf(b), state: m.state(id)}
}

// retarget makes the call's URL that of a backend entity.
func (m *Manager) retarget(c *policy.Call, b *model.Backend) *policy.Fault {
	base, err := message.ParseURL(b.URL)
	if err != nil {
		return &policy.Fault{Status: 500, Source: source, Reason: policy.ReasonBackendConnectionFailure, Message: "the backend's URL is malformed", Err: err}
	}
	c.SetBaseURL(&base)
	return nil
}

// unavailable refuses a call while circuit breakers are open.
func unavailable(text string, wait time.Duration) *policy.Fault {
	f := policy.NewFault(503, source, "BackendUnavailable", text)
	if wait > 0 {
		f = f.WithHeader(message.RetryAfter, strconv.FormatInt(counter.Seconds(wait), 10))
	}
	return f
}

// send sends the request and takes the head of the answer.
func (m *Manager) send(c *policy.Call, o *policy.ForwardOptions, t target) error {
	transport, err := m.transport(t.backend, certificateFor(c, t.backend), o.Version)
	if err != nil {
		return backendFault(err)
	}
	// The context lives as long as the answer's body, which carries cancel.
	ctx, cancel := context.WithCancelCause(c.Request.Context)
	body := &requestBody{}
	request, err := buildRequest(ctx, c, t.backend, body, o.FollowRedirects)
	if err != nil {
		cancel(err)
		return err
	}
	if o.Timeout > 0 {
		timer := m.clock.AfterFunc(o.Timeout, func() { cancel(errTimeout) })
		defer timer.Stop()
	}
	response, err := roundTrip(transport, request, o)
	if err != nil {
		cancel(nil)
		return classify(ctx, c, body, err)
	}
	takeResponse(c.Response, response, cancel)
	return nil
}

// roundTrip sends a request, following redirects where the policy says so.
func roundTrip(t *http.Transport, r *http.Request, o *policy.ForwardOptions) (*http.Response, error) {
	if !o.FollowRedirects {
		return t.RoundTrip(r)
	}
	client := &http.Client{Transport: t, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > MaxRedirects {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	return client.Do(r)
}

// errTimeout is the cause of a call that took too long to begin its answer.
var errTimeout = errors.New("the backend did not answer in time")

// classify turns a failed round trip into the failure that the caller and the
// policies see. A failure of the client's is never blamed on the backend.
func classify(ctx context.Context, c *policy.Call, body *requestBody, err error) error {
	if failed := body.failure(); failed != nil {
		return failed
	}
	if cause := context.Cause(ctx); errors.Is(cause, errTimeout) {
		return &policy.Fault{Status: 500, Source: source, Reason: policy.ReasonTimeout, Message: errTimeout.Error(), Err: err}
	}
	if c.Request.Context.Err() != nil {
		return &message.ClientError{Err: errors.New("the client went away")}
	}
	return backendFault(err)
}

// backendFault is the failure of a backend that cannot be reached.
func backendFault(err error) *policy.Fault {
	return &policy.Fault{Status: 500, Source: source, Reason: policy.ReasonBackendConnectionFailure,
		Message: "the backend could not be reached", Err: err}
}

// note tells the circuit breaker and the metrics how a call went.
func (m *Manager) note(c *policy.Call, t target, err error, took time.Duration) {
	if t.state == nil {
		return
	}
	var fault *policy.Fault
	o := outcome{status: c.Response.Status, retryAfter: retryAfter(&c.Response.Header, m.clock.Now())}
	switch {
	case errors.As(err, &fault):
		o = outcome{reason: fault.Reason}
		if t.state.handle != nil {
			t.state.handle.Failed(fault.Reason, took)
		}
	case err != nil:
		return // The client's own failure says nothing of the backend.
	case t.state.handle != nil:
		t.state.handle.Answered(o.status, took)
	}
	if t.rule != nil && t.state.breaker.record(t.rule, o, m.clock.Now()) {
		m.log.Warn("circuit breaker opened", "backend", t.id, "status", o.status, "reason", o.reason)
		if t.state.handle != nil {
			t.state.handle.SetBreaker(true)
		}
	}
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
