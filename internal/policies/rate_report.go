package policies

import (
	"strconv"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// maxRenewalPeriod is the longest window of a rate limit, in seconds.
const maxRenewalPeriod = 300

// rateReportAttributes are the attributes with which rate limits tell where
// they stand.
func rateReportAttributes() []policy.Attribute {
	return []policy.Attribute{
		{Name: "retry-after-header-name", Value: policy.Value{Default: "Retry-After",
			Doc: "header of the refusal that has the seconds to wait"}},
		{Name: "retry-after-variable-name", Value: policy.Value{Doc: "variable that is set to the seconds to wait"}},
		{Name: "remaining-calls-header-name", Value: policy.Value{Doc: "response header that has the number of calls left in the period"}},
		{Name: "remaining-calls-variable-name", Value: policy.Value{Doc: "variable that is set to the number of calls left in the period"}},
		{Name: "total-calls-header-name", Value: policy.Value{Doc: "response header that has the number of calls of a period"}},
	}
}

// rateReport tells callers and later policies where a rate limit stands.
type rateReport struct {
	retryHeader, remainingHeader, totalHeader message.Name // zero for none
	retryVariable, remainingVariable          string       // empty for none
	expressions                               *expr.Compiler
}

func compileRateReport(c *policy.Compiler, el *document.Element) rateReport {
	r := rateReport{
		retryHeader: message.RetryAfter, remainingHeader: headerName(c, el, "remaining-calls-header-name"),
		totalHeader: headerName(c, el, "total-calls-header-name"), expressions: c.Expressions(),
	}
	if name := headerName(c, el, "retry-after-header-name"); name != (message.Name{}) {
		r.retryHeader = name
	}
	if v, ok := el.Attr("retry-after-variable-name"); ok {
		r.retryVariable = v.Value
	}
	if v, ok := el.Attr("remaining-calls-variable-name"); ok {
		r.remainingVariable = v.Value
	}
	return r
}

// headerName reads an attribute that is the name of a header; absent, it is the
// zero Name.
func headerName(c *policy.Compiler, el *document.Element, attribute string) message.Name {
	v, ok := el.Attr(attribute)
	if !ok || v.Value == "" {
		return message.Name{}
	}
	if !message.ValidFieldName(v.Value) {
		c.Fail(v.Pos, el.Name+" "+attribute, strconv.Quote(v.Value)+" cannot be the name of a header", "")
		return message.Name{}
	}
	return message.NameOf(v.Value)
}

// tell reports a decision and returns the failure where it is a refusal.
func (r *rateReport) tell(c *policy.Call, source string, calls int64, d counter.RateDecision) error {
	if d.Unavailable {
		return unavailableFault(source, counter.Seconds(d.RetryAfter))
	}
	if r.remainingVariable != "" {
		c.Variables.Set(r.remainingVariable, r.expressions.Int32(clampInt32(d.Remaining)))
	}
	if r.remainingHeader != (message.Name{}) {
		c.Pending.Set(r.remainingHeader, strconv.FormatInt(d.Remaining, 10))
	}
	if r.totalHeader != (message.Name{}) {
		c.Pending.Set(r.totalHeader, strconv.FormatInt(calls, 10))
	}
	if d.Allowed {
		return nil
	}
	seconds := counter.Seconds(d.RetryAfter)
	if r.retryVariable != "" {
		c.Variables.Set(r.retryVariable, r.expressions.Int32(clampInt32(seconds)))
	}
	text := strconv.FormatInt(seconds, 10)
	fault := policy.NewFault(429, source, "RateLimitExceeded", "Rate limit is exceeded. Try again in "+text+" seconds.")
	return fault.WithHeader(r.retryHeader, text)
}

// clampInt32 returns the number as a C# int has it.
func clampInt32(n int64) int32 { return int32(min(max(n, -1<<31), 1<<31-1)) }

// seconds turns a number of seconds into a duration.
func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }
