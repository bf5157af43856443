package rest

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/problem"
)

// Rate is how often something may happen: Burst times at once, and then
// PerSecond times in each second. The zero Rate is no bound.
type Rate struct{ PerSecond, Burst float64 }

// What is asked too often is refused with 429, which clients of the API take as
// a reason to wait and try again.
const (
	// requestsPerSecond and requestsBurst bound the requests of one principal. It
	// is more than a script that does one thing after the other can send, and
	// leaves something to others where one goes round in a circle.
	requestsPerSecond = 1000
	requestsBurst     = 10_000
	// failuresPerSecond and failuresBurst bound the wrong tokens that come from one
	// address, and so how fast somebody can guess.
	failuresPerSecond = 50
	failuresBurst     = 2000
	// maxBuckets bounds how many principals, or addresses, are counted one by one.
	// Where there are more, those that are new share one count.
	maxBuckets = 10_000
	// sweepInterval is the least time between two sweeps, which look at every
	// bucket.
	sweepInterval = time.Second
)

// rateLimit counts by name, in buckets that fill up again.
type rateLimit struct {
	clock clock.Clock
	rate  Rate

	mu      sync.Mutex
	buckets map[string]bucket
	swept   time.Time
}

// bucket is what was left of a rate at a time.
type bucket struct {
	level float64
	at    time.Time
}

func newRateLimit(c clock.Clock, r Rate) *rateLimit {
	return &rateLimit{clock: c, rate: r, buckets: map[string]bucket{}}
}

// take takes one from the bucket of a name. wait is how long it takes until
// there is one, and 0 where there was.
func (l *rateLimit) take(name string) (wait time.Duration) {
	return l.look(name, 1)
}

// spent is take without taking.
func (l *rateLimit) spent(name string) (wait time.Duration) {
	return l.look(name, 0)
}

func (l *rateLimit) look(name string, take float64) time.Duration {
	if l.rate == (Rate{}) {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	name = l.place(name, now)
	b, there := l.buckets[name]
	if !there {
		b = bucket{level: l.rate.Burst, at: now}
	}
	b = l.filled(b, now)
	if b.level < 1 {
		return time.Duration((1 - b.level) / l.rate.PerSecond * float64(time.Second))
	}
	if take > 0 {
		b.level -= take
		l.buckets[name] = b
	}
	return 0
}

// place is the name under which a name is counted. The caller holds mu.
func (l *rateLimit) place(name string, now time.Time) string {
	if _, there := l.buckets[name]; there || len(l.buckets) < maxBuckets {
		return name
	}
	if now.Sub(l.swept) >= sweepInterval {
		l.swept = now
		for n, b := range l.buckets {
			if l.filled(b, now).level >= l.rate.Burst {
				delete(l.buckets, n)
			}
		}
	}
	if len(l.buckets) >= maxBuckets {
		return ""
	}
	return name
}

// filled is a bucket with what has come in since.
func (l *rateLimit) filled(b bucket, now time.Time) bucket {
	b.level = min(l.rate.Burst, b.level+now.Sub(b.at).Seconds()*l.rate.PerSecond)
	b.at = now
	return b
}

// tooMany is the refusal of what comes too often, and says in Retry-After when
// to come back.
func tooMany(h http.Header, wait time.Duration, format string, args ...any) error {
	h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	return problem.New(http.StatusTooManyRequests, "TooManyRequests", format, args...)
}

// paced refuses a principal that asks too often.
func (x *exchange) paced() error {
	if wait := x.limits.requests.take(x.who.ID); wait > 0 {
		return tooMany(x.w.Header(), wait, "The principal %q sent more than %g requests a second. Try again later.",
			x.who.ID, x.limits.requests.rate.PerSecond)
	}
	return nil
}

// trusted refuses an address from which too many wrong tokens came. It is asked
// before a token is looked at, so that one more guess cannot be right.
func (x *exchange) trusted() error {
	if wait := x.limits.failures.spent(x.call.Source); wait > 0 {
		return tooMany(x.w.Header(), wait, "Too many wrong tokens came from this address. Try again later.")
	}
	return nil
}

// distrust counts a wrong token by the status of its answer. A request without a
// token is no guess.
func (x *exchange) distrust(status int) {
	if status == http.StatusUnauthorized && x.r.Header.Get("Authorization") != "" {
		x.limits.failures.take(x.call.Source)
	}
}
