package upstream

import (
	"context"
	"errors"
	"net/http"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// sendStandard sends the request and takes the head of the answer, over net/http.
func (m *Manager) sendStandard(c *policy.Call, o *policy.ForwardOptions, e *endpoint) error {
	transport, err := m.transportFor(c, o, e)
	if err != nil {
		return backendFault(err)
	}
	// The context lives as long as the answer's body, which carries cancel.
	ctx, cancel := context.WithCancelCause(c.Request.Context)
	x := &exchange{cancel: cancel, into: c.Response}
	request, err := x.build(ctx, c, o, e)
	if err != nil {
		x.end()
		return err
	}
	if o.Timeout > 0 {
		timer := m.clock.AfterFunc(o.Timeout, func() { cancel(errTimeout) })
		defer timer.Stop()
	}
	told := newInterim(c, cancel)
	response, err := roundTrip(transport, told.watch(request), o) //nolint:bodyclose // The exchange closes it.
	if failed := told.end(); failed != nil && err == nil {
		_ = response.Body.Close() // The failure is what is reported.
		err = failed
	}
	if err != nil {
		cause := context.Cause(ctx)
		x.end()
		return x.classify(c, cause, err)
	}
	return x.takeResponse(response, o)
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

// classify turns a failed round trip into the failure that the caller and the
// policies see. A failure of the client's is never blamed on the backend.
func (x *exchange) classify(c *policy.Call, cause, err error) error {
	if failed := x.body.failure(); failed != nil {
		return failed
	}
	if errors.Is(cause, errTimeout) {
		return &policy.Fault{Status: 500, Source: source, Reason: policy.ReasonTimeout, Message: errTimeout.Error(), Err: err}
	}
	if failed, ok := errors.AsType[*message.ClientError](cause); ok {
		return failed // Of an interim answer.
	}
	if c.Request.Context.Err() != nil {
		return &message.ClientError{Err: errClientGone}
	}
	return backendFault(err)
}
