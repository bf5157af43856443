package policies

import (
	"slices"
	"strconv"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// bytesPerKilobyte is what a kilobyte of bandwidth is.
const bytesPerKilobyte = 1024

// quotaAttributes are the attributes of a quota and of its parts.
func quotaAttributes(period policy.Attribute) []policy.Attribute {
	return []policy.Attribute{
		{Name: "calls", Value: policy.Value{Type: policy.TypeInteger, Min: 0, Max: 1<<31 - 1, Doc: "calls that may be made in a period"}},
		{Name: "bandwidth", Value: policy.Value{Type: policy.TypeInteger, Min: 0, Max: 1<<53 - 1, Doc: "kilobytes of requests and responses that may be transferred in a period"}},
		period,
	}
}

func quotaPeriod(required bool) policy.Attribute {
	return policy.Attribute{Name: "renewal-period", Required: required, Value: policy.Value{Type: policy.TypeInteger, Min: 0, Max: 1<<31 - 1,
		Doc: "length of a period in seconds; 0 for one without end"}}
}

// quota describes quota: calls and bandwidth in fixed windows for each
// subscription.
func quota() *policy.Spec {
	return &policy.Spec{
		Name:    "quota",
		Summary: "Limits the calls and the bandwidth of a subscription in fixed periods.",
		Details: "A call over the quota is answered with `403 Forbidden` and `Retry-After`, and is not counted. Periods follow one " +
			"another from the start of the subscription. The policy does nothing for a call without a subscription.\n\n" +
			"Bandwidth is the bytes of the bodies of request and response, 1024 to the kilobyte. It is known when a response has been " +
			"sent, so that the call that crosses the limit is served whole. A request body counts where its length is declared.",
		Example: `<quota calls="10000" bandwidth="40000" renewal-period="2592000">
    <api id="orders" calls="5000" renewal-period="2592000" />
</quota>`,
		Sections: policy.Inbound,
		Scopes:   policy.ScopeProduct,
		Once:     true,
		Shape: policy.Shape{
			Attributes: slices.Concat(quotaAttributes(quotaPeriod(true)), sharingAttributes()),
			Children:   limitChildren(quotaAttributes(quotaPeriod(false))),
		},
		Compile: compileQuota,
	}
}

// quotaRule is one limit of a quota.
type quotaRule struct {
	target  limitTarget
	counter counter.Quota // nil where documents are only checked
	limit   counter.QuotaLimit
}

type quotaStep struct {
	rules    []quotaRule
	measures bool // one of the rules limits bandwidth
}

func compileQuota(c *policy.Compiler, el *document.Element) policy.Step {
	s, sharing := &quotaStep{}, compileSharing(el)
	outer, _ := c.Int(el, "renewal-period").Constant()
	eachTarget(c, el, func(el *document.Element, t limitTarget, name string) {
		limit := compileQuotaLimit(c, el)
		limit.Period = seconds(outer)
		if period := c.Int(el, "renewal-period"); period.IsSet() {
			n, _ := period.Constant()
			limit.Period = seconds(n)
		}
		s.measures = s.measures || limit.Bytes != counter.Unlimited
		s.rules = append(s.rules, quotaRule{target: t, counter: c.Quota("quota/"+c.Owner()+name, sharing), limit: limit})
	})
	return s
}

// compileQuotaLimit reads calls and bandwidth, of which one must be present.
func compileQuotaLimit(c *policy.Compiler, el *document.Element) counter.QuotaLimit {
	limit := counter.QuotaLimit{Calls: counter.Unlimited, Bytes: counter.Unlimited}
	calls, bandwidth := c.Int(el, "calls"), c.Int(el, "bandwidth")
	if calls.IsSet() {
		limit.Calls, _ = calls.Constant()
	}
	if bandwidth.IsSet() {
		kilobytes, _ := bandwidth.Constant()
		limit.Bytes = kilobytes * bytesPerKilobyte
	}
	if !calls.IsSet() && !bandwidth.IsSet() {
		c.Failf(el, "one of the attributes calls and bandwidth must be present")
	}
	return limit
}

// Run counts the call for its subscription. As with rate limits, all parts are
// asked before one of them counts.
func (s *quotaStep) Run(c *policy.Call) error {
	if c.Subscription == nil {
		return nil
	}
	key, start := string(c.Subscription.ID), subscriptionStart(c)
	if len(s.rules) > 1 {
		for i := range s.rules {
			r := &s.rules[i]
			if !r.target.applies(c) {
				continue
			}
			if d := r.counter.Peek(key, r.from(start), counter.Usage{Calls: 1}); !d.Allowed() {
				return quotaFault("quota", d)
			}
		}
	}
	for i := range s.rules {
		r := &s.rules[i]
		if !r.target.applies(c) {
			continue
		}
		if d := r.counter.Take(key, r.from(start), counter.Usage{Calls: 1}); !d.Allowed() {
			return quotaFault("quota", d)
		}
	}
	if s.measures {
		c.WhenSent(&quotaBytes{step: s, request: declaredSize(c)})
	}
	return nil
}

// from returns the limit with windows that start with the subscription.
func (r *quotaRule) from(start time.Time) counter.QuotaLimit {
	limit := r.limit
	limit.Start = start
	return limit
}

// subscriptionStart returns when the call's subscription began.
func subscriptionStart(c *policy.Call) time.Time {
	switch s := c.Subscription; {
	case s.StartDate != nil:
		return *s.StartDate
	case s.CreatedDate != nil:
		return *s.CreatedDate
	}
	return time.Time{}
}

// declaredSize returns the length of the request's body as far as it is known.
func declaredSize(c *policy.Call) int64 { return max(0, c.Request.Body.Size()) }

// quotaBytes counts the bytes of a call when they have been sent.
type quotaBytes struct {
	step    *quotaStep
	request int64
}

// Release counts the bytes of the call.
func (q *quotaBytes) Release(c *policy.Call, sent message.Sent) {
	if c.Subscription == nil {
		return
	}
	start := subscriptionStart(c)
	for i := range q.step.rules {
		r := &q.step.rules[i]
		if r.limit.Bytes != counter.Unlimited && r.target.applies(c) {
			r.counter.Add(string(c.Subscription.ID), r.from(start), counter.Usage{Bytes: q.request + sent.Bytes})
		}
	}
}

// quotaFault is the answer to a call over a quota, in Azure API Management's
// words.
func quotaFault(source string, d counter.QuotaDecision) error {
	if d.Unavailable {
		return unavailableFault(source, counter.Seconds(d.ResetAfter))
	}
	text := "Out of call volume quota."
	if d.Exceeded == counter.ExceededBytes {
		text = "Out of bandwidth quota."
	}
	if d.ResetAfter <= 0 {
		return policy.NewFault(403, source, "QuotaExceeded", text)
	}
	n := counter.Seconds(d.ResetAfter)
	text += " Quota will be replenished in " + string(appendTimeSpan(nil, n)) + "."
	return policy.NewFault(403, source, "QuotaExceeded", text).WithHeader(message.RetryAfter, strconv.FormatInt(n, 10))
}

// appendTimeSpan appends a number of seconds as d.hh:mm:ss, without the days
// where there are none.
func appendTimeSpan(b []byte, n int64) []byte {
	if days := n / 86400; days > 0 {
		b = append(strconv.AppendInt(b, days, 10), '.')
	}
	for i, part := range [...]int64{n / 3600 % 24, n / 60 % 60, n % 60} {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, byte('0'+part/10), byte('0'+part%10))
	}
	return b
}
