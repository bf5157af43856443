package policies

import (
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// minQuotaPeriod is the shortest period of quota-by-key, in seconds, unless it
// has no end.
const minQuotaPeriod = 300

// quotaByKey describes quota-by-key: calls and bandwidth in fixed windows for
// each value of a key.
func quotaByKey() *policy.Spec {
	attributes := append(quotaAttributes(quotaPeriod(true)),
		policy.Attribute{Name: "counter-key", Required: true, Value: policy.Value{Expression: true, Doc: "what the calls are counted by"}},
		policy.Attribute{Name: "first-period-start", Value: policy.Value{Type: policy.TypeDateTime, Default: "0001-01-01T00:00:00Z",
			Doc: "when the first period starts; the others follow from it"}},
	)
	return &policy.Spec{
		Name:    "quota-by-key",
		Summary: "Limits the calls and the bandwidth for each value of a key in fixed periods.",
		Details: "A call over the quota is answered with `403 Forbidden` and `Retry-After`.\n\n" +
			"A key has one counter wherever it is used: policies with the same `counter-key` and the same period share it, and a " +
			"request counts in it at most once. Where `increment-condition` or `increment-count` is an expression, the call is " +
			"counted when the response is known. For bandwidth see `quota`.",
		Example: `<quota-by-key calls="10000" renewal-period="86400"
    counter-key="@(context.Subscription?.Id ?? context.Request.IpAddress)" />`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Shape:    policy.Shape{Attributes: slices.Concat(attributes, incrementAttributes(), sharingAttributes())},
		Compile:  compileQuotaByKey,
	}
}

type quotaByKeyStep struct {
	key       policy.String
	limit     counter.QuotaLimit
	increment increment
	counter   counter.Quota // nil where documents are only checked
}

func compileQuotaByKey(c *policy.Compiler, el *document.Element) policy.Step {
	s := &quotaByKeyStep{
		key: c.String(el, "counter-key"), limit: compileQuotaLimit(c, el),
		increment: compileIncrement(c, el), counter: c.Quota("quota-by-key", compileSharing(el)),
	}
	period, _ := c.Int(el, "renewal-period").Constant()
	if period > 0 && period < minQuotaPeriod {
		c.Failf(el, "renewal-period is %d: 0 or at least %d seconds are possible", period, minQuotaPeriod)
	}
	s.limit.Period = seconds(period)
	if text, ok := c.String(el, "first-period-start").Constant(); ok {
		// The shape check has refused what is no date.
		s.limit.Start, _ = time.Parse(time.RFC3339, text)
	}
	return s
}

// Run counts the call, unless it has been counted under the key before, or
// leaves the counting for the end.
func (s *quotaByKeyStep) Run(c *policy.Call) error {
	key, err := s.key.Eval(c)
	if err != nil {
		return err
	}
	use := keyUse{step: s, key: key}
	var n int64
	if !s.increment.late {
		if n, err = s.increment.eval(c); err != nil {
			return err
		}
	}
	if n > 0 && !c.CountOnce("quota-by-key", key, s.limit.Period) {
		n = 0
	}
	var d counter.QuotaDecision
	switch {
	case s.increment.late:
		d = s.counter.Peek(key, s.limit, counter.Usage{Calls: 1})
	case n > 0:
		d = s.counter.Take(key, s.limit, counter.Usage{Calls: n})
	default:
		d = s.counter.Peek(key, s.limit, counter.Usage{})
	}
	if !d.Allowed() {
		return quotaFault("quota-by-key", d)
	}
	if s.increment.late || s.limit.Bytes != counter.Unlimited {
		use.request = declaredSize(c)
		s.leave(c, &use)
	}
	return nil
}

// leave leaves for the end what is only known then.
func (s *quotaByKeyStep) leave(c *policy.Call, use *keyUse) {
	if s.increment.late {
		c.AtEnd(use)
	}
	if s.limit.Bytes != counter.Unlimited && c.CountOnce("quota-by-key bytes", use.key, s.limit.Period) {
		c.WhenSent(use)
	}
}

// keyUse counts a call when its response is known, and its bytes when they have
// been sent.
type keyUse struct {
	step    *quotaByKeyStep
	key     string
	request int64
}

// Finish counts the call.
func (u *keyUse) Finish(c *policy.Call) {
	n, err := u.step.increment.eval(c)
	if err != nil {
		logLate(c, "quota-by-key", err)
		return
	}
	if n > 0 && c.CountOnce("quota-by-key", u.key, u.step.limit.Period) {
		u.step.counter.Add(u.key, u.step.limit, counter.Usage{Calls: n})
	}
}

// Release counts the bytes.
func (u *keyUse) Release(_ *policy.Call, sent message.Sent) {
	u.step.counter.Add(u.key, u.step.limit, counter.Usage{Bytes: u.request + sent.Bytes})
}
