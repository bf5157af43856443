package policies

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// Limits of retry.
const (
	maxRetries      = 50
	maxRetrySeconds = 86_400
	// jitterSpread is how far a delta is spread to either side, so that callers
	// who failed together do not come back together.
	jitterSpread = 0.2
)

// retry describes retry.
func retry() *policy.Spec {
	seconds := policy.Value{Type: policy.TypeInteger, Expression: true, Max: maxRetrySeconds}
	return &policy.Spec{
		Name:    "retry",
		Summary: "Runs the policies inside once, and again as long as a condition holds.",
		Details: "With `interval` alone the waiting time is always the same. With `delta` it grows linearly: " +
			"`interval + (n - 1) * delta` before the n-th retry. With `delta` and `max-interval` it grows exponentially: " +
			"`interval + (2^(n-1) - 1) * delta`, with `delta` spread at random by 20 % to either side, and never more " +
			"than `max-interval`. A caller that goes away ends the waiting.\n\n" +
			"A backend that cannot be reached, or does not answer in time, is retried too where the condition holds: it " +
			"sees a response with the failure's status, 500, and `context.LastError`. Any other failure inside goes to " +
			"on-error at once.\n\n" +
			"Where a request may be forwarded again, its body is kept in memory. A body that is larger than the gateway " +
			"buffers is sent once and not retried.",
		Example: `<retry condition="@(context.Response.StatusCode == 503)" count="3" interval="1" max-interval="10" delta="1">
    <forward-request buffer-request-body="true" />
</retry>`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "condition", Required: true, Value: policy.Value{Type: policy.TypeBoolean, Expression: true,
					Doc: "whether to run the policies again"}},
				{Name: "count", Required: true, Value: policy.Value{Type: policy.TypeInteger, Expression: true, Min: 1, Max: maxRetries,
					Doc: "the most retries, after the first run"}},
				{Name: "interval", Required: true, Value: withDoc(seconds, "seconds to wait before a retry")},
				{Name: "max-interval", Value: withDoc(seconds, "the most seconds to wait")},
				{Name: "delta", Value: withDoc(seconds, "seconds by which the waiting time grows")},
				{Name: "first-fast-retry", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "false",
					Doc: "whether the first retry comes without waiting"}},
			},
			Policies: true,
		},
		Compile: compileRetry,
	}
}

type retryStep struct {
	condition              policy.Bool
	count                  policy.Int
	interval, most, growth policy.Int
	firstFast              policy.Bool
	steps                  policy.Steps
	forwards               bool // whether a step inside may forward the request
	always                 bool // whether each run forwards it
}

func compileRetry(c *policy.Compiler, el *document.Element) policy.Step {
	return &retryStep{
		condition: c.Bool(el, "condition"), count: c.Int(el, "count"), interval: c.Int(el, "interval"),
		most: c.Int(el, "max-interval"), growth: c.Int(el, "delta"), firstFast: c.Bool(el, "first-fast-retry"),
		steps: c.Steps(el), forwards: c.Section() == policy.Backend && mayForward(el), always: forwardsDirectly(el),
	}
}

// forwardsDirectly reports whether an element contains forward-request outside
// of any condition.
func forwardsDirectly(el *document.Element) bool {
	return slices.ContainsFunc(el.Children, func(child *document.Element) bool { return child.Name == "forward-request" })
}

// mayForward reports whether an element contains what may forward the request.
func mayForward(el *document.Element) bool {
	for _, child := range el.Children {
		switch child.Name {
		case "forward-request", "include-fragment":
			return true
		}
		if mayForward(child) {
			return true
		}
	}
	return false
}

// Run runs the steps until the condition no longer holds.
func (s *retryStep) Run(c *policy.Call) error {
	repeatable, err := s.keepBody(c)
	if err != nil {
		return err
	}
	count, err := s.count.Eval(c)
	if err != nil {
		return err
	}
	for n := int64(1); ; n++ {
		failed := s.steps.Run(c)
		if failed != nil && !isBackendFailure(failed) {
			return failed
		}
		if !repeatable || n > count {
			return failed
		}
		again, err := s.again(c, failed)
		if err != nil {
			return err
		}
		if !again {
			return failed
		}
		if err := s.wait(c, n); err != nil {
			return err
		}
	}
}

// keepBody holds the request's body in memory where it may be sent more than
// once. It reports whether it can be.
func (s *retryStep) keepBody(c *policy.Call) (bool, error) {
	if !s.forwards || !c.Request.Body.Present() || c.Request.Body.Consumed() {
		return true, nil
	}
	_, err := c.Request.Body.Buffer(c.BufferLimit())
	if _, large := errors.AsType[*message.TooLargeError](err); large {
		return false, nil
	}
	return err == nil, err
}

// isBackendFailure reports whether a failure is that of a backend which could
// not be reached or did not answer in time.
func isBackendFailure(err error) bool {
	var fault *policy.Fault
	return errors.As(err, &fault) &&
		(fault.Reason == policy.ReasonBackendConnectionFailure || fault.Reason == policy.ReasonTimeout)
}

// again evaluates the condition. After a failure of the backend it sees a
// response with the failure's status; a condition that fails on that ends the
// retrying with the backend's failure, which says more.
func (s *retryStep) again(c *policy.Call, failed error) (bool, error) {
	var fault *policy.Fault
	if !errors.As(failed, &fault) {
		return s.condition.Eval(c)
	}
	err := c.Answer(fault.Status, "", nil)
	if err != nil {
		return false, err
	}
	before := c.Expr.LastError
	c.Expr.LastError = fault.LastError()
	holds, err := s.condition.Eval(c)
	c.Expr.LastError = before
	c.Response.Status = 0
	return holds && err == nil, nil
}

// wait waits before the n-th retry.
func (s *retryStep) wait(c *policy.Call, n int64) error {
	d, err := s.delay(c, n)
	if err != nil {
		return err
	}
	if s.always {
		// The answer will be replaced: its connection need not wait with us.
		if err := c.Response.Body.Close(); err != nil {
			return fmt.Errorf("closing the answer before a retry: %w", err)
		}
	}
	if err := c.Services.Sleep(c.Request.Context, d); err != nil {
		return &message.ClientError{Err: fmt.Errorf("waiting to retry: %w", err)}
	}
	return nil
}

// delay returns how long to wait before the n-th retry.
func (s *retryStep) delay(c *policy.Call, n int64) (time.Duration, error) {
	if n == 1 {
		fast, err := s.firstFast.Eval(c)
		if err != nil || fast {
			return 0, err
		}
	}
	interval, err := s.interval.Eval(c)
	if err != nil {
		return 0, err
	}
	growth, err := s.growth.Eval(c)
	if err != nil {
		return 0, err
	}
	most, err := s.most.Eval(c)
	if err != nil {
		return 0, err
	}
	seconds := float64(interval)
	switch {
	case s.growth.IsSet() && s.most.IsSet():
		spread := 1 - jitterSpread + 2*jitterSpread*c.Services.Spread()
		seconds += (math.Exp2(float64(n-1)) - 1) * float64(growth) * spread
	case s.growth.IsSet():
		seconds += float64(n-1) * float64(growth)
	}
	if s.most.IsSet() {
		seconds = min(seconds, float64(most))
	}
	return time.Duration(min(seconds, maxRetrySeconds) * float64(time.Second)), nil
}
