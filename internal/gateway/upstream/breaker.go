package upstream

import (
	"slices"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/model"
)

// breaker is the circuit breaker of one backend: after enough failures in an
// interval no requests are sent until a time has passed. It counts this
// gateway's own calls only, as Azure API Management's does. The zero breaker
// is closed.
type breaker struct {
	mu       sync.Mutex
	began    time.Time // of the interval that is being counted
	calls    int64
	failures int64
	until    time.Time // open until then
}

// openFor returns how long the breaker stays open, or zero while it is closed.
func (b *breaker) openFor(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.until) {
		return b.until.Sub(now)
	}
	return 0
}

// outcome is how one call of a backend went.
type outcome struct {
	status     int    // 0 where there was no answer
	reason     string // of the failure where there was no answer
	retryAfter time.Duration
}

// record counts a call. Where the breaker opens with it, the result is for how
// long; otherwise 0.
func (b *breaker) record(rule *breakerRule, o outcome, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.until) {
		return 0 // A call that began before the breaker opened.
	}
	if now.Sub(b.began) >= rule.interval {
		b.began, b.calls, b.failures = now, 0, 0
	}
	b.calls++
	if !rule.fails(o) {
		return 0
	}
	b.failures++
	if !rule.trips(b.calls, b.failures) {
		return 0
	}
	open := rule.duration(o)
	b.until = now.Add(open)
	b.began, b.calls, b.failures = time.Time{}, 0, 0
	return open
}

// breakerRule is a backend's rule with its durations read.
type breakerRule struct {
	count, percentage int64
	interval, trip    time.Duration
	statuses          []model.StatusCodeRange
	reasons           []string
	acceptRetryAfter  bool
}

// The bounds of rules.
const (
	defaultBreakerInterval = time.Minute
	defaultTrip            = time.Minute
	// maxRetryAfter bounds what a backend can ask for.
	maxRetryAfter = time.Hour
	// minPercentageCalls is how many calls an interval must have before a
	// percentage means something.
	minPercentageCalls = 10
)

// ruleOf returns the rule of a backend, or nil where it has none.
func ruleOf(b *model.Backend) *breakerRule {
	if b.CircuitBreaker == nil || len(b.CircuitBreaker.Rules) == 0 {
		return nil
	}
	r := &b.CircuitBreaker.Rules[0]
	rule := &breakerRule{interval: defaultBreakerInterval, trip: defaultTrip, acceptRetryAfter: r.AcceptRetryAfter}
	// Validate has refused durations that cannot be read.
	if d, err := model.ParseDuration(r.TripDuration); err == nil && d > 0 {
		rule.trip = d
	}
	f := r.FailureCondition
	if f == nil {
		return nil
	}
	if d, err := model.ParseDuration(f.Interval); err == nil && d > 0 {
		rule.interval = d
	}
	if f.Count != nil {
		rule.count = *f.Count
	}
	if f.Percentage != nil {
		rule.percentage = *f.Percentage
	}
	rule.statuses, rule.reasons = f.StatusCodeRanges, f.ErrorReasons
	return rule
}

// fails reports whether a call counts as a failure.
func (r *breakerRule) fails(o outcome) bool {
	if o.status == 0 {
		return len(r.reasons) == 0 || slices.Contains(r.reasons, o.reason)
	}
	return slices.ContainsFunc(r.statuses, func(s model.StatusCodeRange) bool { return s.Min <= o.status && o.status <= s.Max })
}

// trips reports whether so many failures of so many calls open the breaker.
func (r *breakerRule) trips(calls, failures int64) bool {
	if r.count > 0 {
		return failures >= r.count
	}
	return r.percentage > 0 && calls >= minPercentageCalls && failures*100 >= calls*r.percentage
}

// duration returns how long the breaker stays open after a failure.
func (r *breakerRule) duration(o outcome) time.Duration {
	if r.acceptRetryAfter && o.retryAfter > 0 {
		return min(o.retryAfter, maxRetryAfter)
	}
	return r.trip
}
