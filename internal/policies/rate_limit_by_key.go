package policies

import (
	"fmt"
	"slices"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// incrementAttributes are the attributes that say how a request counts.
func incrementAttributes() []policy.Attribute {
	return []policy.Attribute{
		{Name: "increment-condition", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "true",
			Doc: "whether the request counts; as an expression it is evaluated at the end, and may look at the response"}},
		{Name: "increment-count", Value: policy.Value{Type: policy.TypeInteger, Expression: true, Default: "1", Min: 0, Max: 1<<31 - 1,
			Doc: "how much the request counts; as an expression it is evaluated at the end"}},
	}
}

// rateLimitByKey describes rate-limit-by-key: calls in a sliding window for
// each value of a key.
func rateLimitByKey() *policy.Spec {
	attributes := append([]policy.Attribute{
		{Name: "calls", Required: true, Value: policy.Value{Type: policy.TypeInteger, Expression: true, Min: 1, Max: 1<<31 - 1, Doc: "calls that may be made in a period"}},
		{Name: "renewal-period", Required: true, Value: policy.Value{Type: policy.TypeInteger, Expression: true, Min: 1, Max: maxRenewalPeriod, Doc: "length of the sliding window in seconds"}},
		{Name: "counter-key", Required: true, Value: policy.Value{Expression: true, Doc: "what the calls are counted by"}},
	}, incrementAttributes()...)
	return &policy.Spec{
		Name:    "rate-limit-by-key",
		Summary: "Limits how often may be called for each value of a key, in a sliding window.",
		Details: "A call over the limit is answered with `429 Too Many Requests` and `Retry-After`.\n\n" +
			"A key has one counter wherever it is used: two policies with the same `counter-key` and the same period share it, in " +
			"whatever scope they stand. Put the id of the API into the key where that is not meant.\n\n" +
			"Where `increment-condition` or `increment-count` is an expression, the call is counted when the response is known; the " +
			"limit then holds from the next call on.",
		Example: `<rate-limit-by-key calls="10" renewal-period="60"
    counter-key="@(context.Request.IpAddress)"
    increment-condition="@(context.Response.StatusCode == 401)" />`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Shape:    policy.Shape{Attributes: slices.Concat(attributes, rateReportAttributes(), sharingAttributes())},
		Compile:  compileRateLimitByKey,
	}
}

// increment is how much a request counts.
type increment struct {
	condition policy.Bool
	count     policy.Int
	late      bool // known only at the end
}

func compileIncrement(c *policy.Compiler, el *document.Element) increment {
	n := increment{condition: c.Bool(el, "increment-condition"), count: c.Int(el, "increment-count")}
	_, conditionKnown := n.condition.Constant()
	_, countKnown := n.count.Constant()
	n.late = !conditionKnown || !countKnown
	return n
}

// eval returns how much the request counts; 0 for not at all.
func (n *increment) eval(c *policy.Call) (int64, error) {
	counts, err := n.condition.Eval(c)
	if err != nil || !counts {
		return 0, err
	}
	return n.count.Eval(c)
}

type rateLimitByKeyStep struct {
	key           policy.String
	calls, period policy.Int
	increment     increment
	counter       counter.Rate // nil where documents are only checked
	report        rateReport
}

func compileRateLimitByKey(c *policy.Compiler, el *document.Element) policy.Step {
	return &rateLimitByKeyStep{
		key: c.String(el, "counter-key"), calls: c.Int(el, "calls"), period: c.Int(el, "renewal-period"),
		increment: compileIncrement(c, el), counter: c.Rate("rate-limit-by-key", compileSharing(el)), report: compileRateReport(c, el),
	}
}

// Run counts the call, or asks whether one more is allowed and leaves the
// counting for the end.
func (s *rateLimitByKeyStep) Run(c *policy.Call) error {
	key, err := s.key.Eval(c)
	if err != nil {
		return err
	}
	limit, err := s.limit(c)
	if err != nil {
		return err
	}
	if s.increment.late {
		c.AtEnd(&lateRate{step: s, key: key, limit: limit})
		return s.report.tell(c, "rate-limit-by-key", limit.Calls, s.counter.Peek(key, limit, 1))
	}
	n, err := s.increment.eval(c)
	if err != nil {
		return err
	}
	if n == 0 {
		return s.report.tell(c, "rate-limit-by-key", limit.Calls, s.counter.Peek(key, limit, 0))
	}
	return s.report.tell(c, "rate-limit-by-key", limit.Calls, s.counter.Take(key, limit, n))
}

func (s *rateLimitByKeyStep) limit(c *policy.Call) (counter.RateLimit, error) {
	calls, err := s.calls.Eval(c)
	if err != nil {
		return counter.RateLimit{}, err
	}
	period, err := s.period.Eval(c)
	if err != nil {
		return counter.RateLimit{}, err
	}
	if period < 1 {
		return counter.RateLimit{}, fmt.Errorf("evaluating renewal-period: %d is no length of a window", period)
	}
	return counter.RateLimit{Calls: calls, Period: seconds(period)}, nil
}

// lateRate counts a call when its response is known.
type lateRate struct {
	step  *rateLimitByKeyStep
	key   string
	limit counter.RateLimit
}

// Finish counts the call. A call that the limit itself has refused does not
// count, nor does one whose expressions fail.
func (l *lateRate) Finish(c *policy.Call) {
	if c.Failure != nil && c.Failure.Source == "rate-limit-by-key" {
		return
	}
	n, err := l.step.increment.eval(c)
	if err != nil {
		logLate(c, "rate-limit-by-key", err)
		return
	}
	l.step.counter.Add(l.key, l.limit, n)
}

// logLate records that a call could not be counted at its end, where nothing
// can be answered any more.
func logLate(c *policy.Call, name string, err error) {
	if c.Services.Log != nil {
		c.Services.Log.Warn("a call was not counted", "policy", name, "error", err)
	}
}
