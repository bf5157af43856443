package policies

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// retrying makes a rig whose API forwards inside a retry.
func retrying(t *testing.T, attributes string) *rig {
	t.Helper()
	r := newRig(t)
	expressions, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	env := &policy.Environment{Policies: All(), Expressions: expressions, Services: r.services}
	text := "<policies><backend><retry " + attributes + "><forward-request /></retry></backend></policies>"
	doc, problems := policy.Compile(env, policy.Source{Text: []byte(text)}, policy.ScopeAPI)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r.chain.Set(policy.ScopeAPI, doc)
	return r
}

// TestRetry_Body sends a body with each attempt; one that does not fit into
// memory is sent once, whole.
func TestRetry_Body(t *testing.T) {
	for _, test := range []struct {
		name string
		body string
		want []string
	}{
		{"small", "0123456789", []string{"0123456789", "0123456789", "0123456789"}},
		{"large", "0123456789a", []string{"0123456789a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := retrying(t, `condition="true" count="2" interval="0"`)
			r.services.BufferLimit = 10
			var sent []string
			r.backend = func(c *policy.Call) error {
				reader, err := c.Request.Body.Reader()
				if err != nil {
					return err
				}
				data, err := io.ReadAll(reader)
				sent = append(sent, string(data))
				c.Response.Status = 503
				return err
			}
			c := r.call("POST", "/echo")
			c.Request.Body.SetStream(io.NopCloser(strings.NewReader(test.body)), -1)
			if fault := r.run(t, c); fault != nil || c.Response.Status != 503 {
				t.Errorf("status %d, %v", c.Response.Status, fault)
			}
			if diff := cmp.Diff(test.want, sent); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

// openBody is an answer's body that knows whether it has been closed.
type openBody struct {
	io.Reader
	closed *int
}

// Close counts.
func (b openBody) Close() error {
	*b.closed++
	return nil
}

// TestRetry_ClosesFailedAnswers closes the answer of each failed attempt before
// it waits.
func TestRetry_ClosesFailedAnswers(t *testing.T) {
	r := retrying(t, `condition="@(context.Response.StatusCode == 503)" count="3" interval="0"`)
	attempts, closed := 0, 0
	r.backend = func(c *policy.Call) error {
		if closed != attempts {
			t.Errorf("%d of %d answers are closed", closed, attempts)
		}
		attempts++
		c.Response.Status = 503
		if attempts == 3 {
			c.Response.Status = 200
		}
		c.Response.Body.SetStream(openBody{strings.NewReader("x"), &closed}, -1)
		return nil
	}
	c := r.call("GET", "/echo")
	if fault := r.run(t, c); fault != nil || c.Response.Status != 200 || attempts != 3 || closed != 2 {
		t.Errorf("status %d after %d attempts, %d answers closed, %v", c.Response.Status, attempts, closed, fault)
	}
}

// TestRetry_CallerGoesAway ends the waiting.
func TestRetry_CallerGoesAway(t *testing.T) {
	r := retrying(t, `condition="true" count="3" interval="60"`)
	ctx, cancel := context.WithCancelCause(context.Background())
	gone := errors.New("gone")
	attempts := 0
	r.backend = func(c *policy.Call) error {
		attempts++
		c.Response.Status = 503
		cancel(gone)
		return nil
	}
	c := r.call("GET", "/echo")
	c.Request.Context = ctx
	fault := r.run(t, c)
	var client *message.ClientError
	if attempts != 1 || fault == nil || !errors.As(fault, &client) || !errors.Is(fault, gone) || fault.Reason != policy.ReasonClientConnectionFailure {
		t.Errorf("%d attempts, %v", attempts, fault)
	}
}

// waits is a clock that notes waiting times and does not wait.
type waits struct {
	*clock.Fake
	times []time.Duration
}

// NewTimer returns a timer that has fired.
func (w *waits) NewTimer(d time.Duration) clock.Timer {
	w.times = append(w.times, d)
	return w.Fake.NewTimer(0)
}

// TestRetry_Jitter spreads the exponential waiting times by 20 % to either side.
func TestRetry_Jitter(t *testing.T) {
	for _, test := range []struct {
		name   string
		random float64
		want   []time.Duration
	}{
		{"least", 0, []time.Duration{10 * time.Second, 18 * time.Second, 34 * time.Second}},
		{"middle", 0.5, []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second}},
		{"most", 1, []time.Duration{10 * time.Second, 22 * time.Second, 45 * time.Second}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := retrying(t, `condition="true" count="3" interval="10" delta="10" max-interval="45"`)
			w := &waits{Fake: r.clock}
			r.services.Clock, r.services.Random = w, func() float64 { return test.random }
			r.run(t, r.call("GET", "/echo"))
			round := cmp.Transformer("round", func(d time.Duration) string { return d.Round(time.Millisecond).String() })
			if diff := cmp.Diff(test.want, w.times, round); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
		})
	}
}
