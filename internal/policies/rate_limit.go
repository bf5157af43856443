package policies

import (
	"slices"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// rateLimit describes rate-limit: calls in a sliding window for each
// subscription.
func rateLimit() *policy.Spec {
	limit := append([]policy.Attribute{
		{Name: "calls", Required: true, Value: policy.Value{Type: policy.TypeInteger, Min: 1, Max: 1<<31 - 1, Doc: "calls that may be made in a period"}},
		{Name: "renewal-period", Required: true, Value: policy.Value{Type: policy.TypeInteger, Min: 1, Max: maxRenewalPeriod, Doc: "length of the sliding window in seconds"}},
	}, rateReportAttributes()...)
	return &policy.Spec{
		Name:    "rate-limit",
		Summary: "Limits how often a subscription may call, in a sliding window.",
		Details: "A call over the limit is answered with `429 Too Many Requests` and `Retry-After`, and is not counted. " +
			"The policy does nothing for a call without a subscription. Each subscription has counters of its own, " +
			"and the limits of the whole, of an API and of an operation count independently of each other.\n\n" +
			"Of the calls that were admitted, every one counts for at least the period and at most a sixtieth of it longer.",
		Example: `<rate-limit calls="20" renewal-period="90" remaining-calls-header-name="x-remaining">
    <api name="Orders" calls="10" renewal-period="60">
        <operation id="create-order" calls="2" renewal-period="60" />
    </api>
</rate-limit>`,
		Sections: policy.Inbound,
		Scopes:   policy.ScopeProduct | policy.ScopeAPI | policy.ScopeOperation,
		Once:     true,
		Shape:    policy.Shape{Attributes: slices.Concat(limit, sharingAttributes()), Children: limitChildren(limit)},
		Compile:  compileRateLimit,
	}
}

// rateRule is one limit of a rate-limit.
type rateRule struct {
	target  limitTarget
	counter counter.Rate // nil where documents are only checked
	limit   counter.RateLimit
	report  rateReport
}

type rateLimitStep struct{ rules []rateRule }

func compileRateLimit(c *policy.Compiler, el *document.Element) policy.Step {
	s := &rateLimitStep{}
	base, sharing := "rate-limit/"+c.Scope().String()+"/"+c.Owner(), compileSharing(el)
	eachTarget(c, el, func(el *document.Element, t limitTarget, name string) {
		calls, _ := c.Int(el, "calls").Constant()
		period, _ := c.Int(el, "renewal-period").Constant()
		s.rules = append(s.rules, rateRule{
			target: t, counter: c.Rate(base+name, sharing), report: compileRateReport(c, el),
			limit: counter.RateLimit{Calls: calls, Period: seconds(period)},
		})
	})
	return s
}

// Run counts the call for its subscription. Where several limits apply, all are
// asked before one of them counts, so that a call that one refuses does not use
// up the others.
func (s *rateLimitStep) Run(c *policy.Call) error {
	if c.Subscription == nil {
		return nil
	}
	key := string(c.Subscription.ID)
	if len(s.rules) > 1 {
		for i := range s.rules {
			r := &s.rules[i]
			if !r.target.applies(c) {
				continue
			}
			if d := r.counter.Peek(key, r.limit, 1); !d.Allowed {
				return r.report.tell(c, "rate-limit", r.limit.Calls, d)
			}
		}
	}
	for i := range s.rules {
		r := &s.rules[i]
		if !r.target.applies(c) {
			continue
		}
		if err := r.report.tell(c, "rate-limit", r.limit.Calls, r.counter.Take(key, r.limit, 1)); err != nil {
			return err
		}
	}
	return nil
}
