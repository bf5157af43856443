package countertest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/counter"
)

func wantRate(t *testing.T, what string, got, want counter.RateDecision) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func rateSlides(t *testing.T, s suite) {
	r := s.store.Rate("n", counter.Sharing{})
	limit := counter.RateLimit{Calls: 3, Period: time.Minute}
	for i := range 3 {
		wantRate(t, fmt.Sprintf("call %d", i+1), r.Take("k", limit, 1),
			counter.RateDecision{Allowed: true, Remaining: int64(2 - i)})
		s.clock.Advance(10 * time.Second)
	}
	wantRate(t, "call 4, at 30 s", r.Take("k", limit, 1),
		counter.RateDecision{RetryAfter: 30 * time.Second})
	wantRate(t, "three calls, at 30 s", r.Take("k", limit, 3),
		counter.RateDecision{RetryAfter: 50 * time.Second})
	s.clock.Advance(30*time.Second - time.Nanosecond)
	wantRate(t, "just before the first call leaves the window", r.Take("k", limit, 1),
		counter.RateDecision{RetryAfter: time.Nanosecond})
	s.clock.Advance(time.Nanosecond)
	wantRate(t, "when the first call has left the window", r.Take("k", limit, 1),
		counter.RateDecision{Allowed: true})
	wantRate(t, "and again", r.Take("k", limit, 1),
		counter.RateDecision{RetryAfter: 10 * time.Second})
	s.clock.Advance(time.Hour)
	wantRate(t, "after a long rest", r.Take("k", limit, 3),
		counter.RateDecision{Allowed: true})
}

func ratePeek(t *testing.T, s suite) {
	r := s.store.Rate("n", counter.Sharing{})
	limit := counter.RateLimit{Calls: 1, Period: time.Minute}
	for range 3 {
		wantRate(t, "peek", r.Peek("k", limit, 1), counter.RateDecision{Allowed: true})
	}
	r.Take("k", limit, 1)
	wantRate(t, "peek when full", r.Peek("k", limit, 1), counter.RateDecision{RetryAfter: time.Minute})
	s.clock.Advance(time.Minute)
	wantRate(t, "peek when empty again", r.Peek("k", limit, 1), counter.RateDecision{Allowed: true})
}

func rateAdd(t *testing.T, s suite) {
	r := s.store.Rate("n", counter.Sharing{})
	limit := counter.RateLimit{Calls: 2, Period: time.Minute}
	r.Add("k", limit, 5)
	r.Add("k", limit, 0)
	r.Add("k", limit, -3)
	wantRate(t, "after adding beyond the limit", r.Take("k", limit, 1),
		counter.RateDecision{RetryAfter: time.Minute})
	wider := counter.RateLimit{Calls: 10, Period: time.Minute}
	wantRate(t, "the same counter with a wider limit", r.Take("k", wider, 1),
		counter.RateDecision{Allowed: true, Remaining: 4})
}

func rateIdentity(t *testing.T, s suite) {
	limit := counter.RateLimit{Calls: 1, Period: time.Minute}
	longer := counter.RateLimit{Calls: 1, Period: time.Hour}
	take := func(name, key string, l counter.RateLimit, want bool) {
		t.Helper()
		if got := s.store.Rate(name, counter.Sharing{}).Take(key, l, 1).Allowed; got != want {
			t.Errorf("Take of %s/%s/%v = %v, want %v", name, key, l.Period, got, want)
		}
	}
	take("n", "k", limit, true)
	take("n", "k", limit, false) // A handle of its own is the same counter.
	take("n", "other", limit, true)
	take("other", "k", limit, true)
	take("n", "k", longer, true)
	take("n", "", limit, true)
	take("n", "", limit, false)
}

func rateOddNumbers(t *testing.T, s suite) {
	r := s.store.Rate("n", counter.Sharing{})
	minute := func(calls int64) counter.RateLimit {
		return counter.RateLimit{Calls: calls, Period: time.Minute}
	}
	wantRate(t, "no calls allowed", r.Take("a", minute(0), 1), counter.RateDecision{RetryAfter: time.Minute})
	wantRate(t, "a limit below zero", r.Take("a", minute(math.MinInt64), 1), counter.RateDecision{RetryAfter: time.Minute})
	wantRate(t, "more than could ever be", r.Take("b", minute(5), 6), counter.RateDecision{Remaining: 5, RetryAfter: time.Minute})
	wantRate(t, "no calls asked for", r.Take("b", minute(5), 0), counter.RateDecision{Allowed: true, Remaining: 5})
	wantRate(t, "fewer than none", r.Take("b", minute(5), -1), counter.RateDecision{Allowed: true, Remaining: 5})
	r.Add("c", minute(5), math.MaxInt64)
	r.Add("c", minute(5), math.MaxInt64)
	if d := r.Take("c", minute(5), 1); d.Allowed {
		t.Error("a counter that holds all there is allowed one more")
	}
	if d := r.Take("c", minute(counter.Unlimited), math.MaxInt64); d.Allowed {
		t.Error("a full counter allowed as much again")
	}
}

func rateClockBack(t *testing.T, s suite) {
	r := s.store.Rate("n", counter.Sharing{})
	limit := counter.RateLimit{Calls: 2, Period: time.Minute}
	r.Take("k", limit, 1)
	s.clock.Set(s.clock.Now().Add(-time.Hour))
	r.Take("k", limit, 1)
	d := r.Take("k", limit, 1)
	if d.Allowed || d.RetryAfter <= 0 || d.RetryAfter > time.Minute {
		t.Errorf("after a step back: %+v, want a refusal of at most the period", d)
	}
}

// plainLog is the reference of a sliding window: every call with its time.
type plainLog []struct {
	at time.Time
	n  int64
}

// since sums the calls that were made after t.
func (l plainLog) since(t time.Time) (sum int64) {
	for _, c := range l {
		if c.at.After(t) {
			sum += c.n
		}
	}
	return sum
}

func (l *plainLog) add(at time.Time, n int64) {
	*l = append(*l, struct {
		at time.Time
		n  int64
	}{at, n})
}

func rateModel(t *testing.T, s suite) {
	rnd := rand.New(rand.NewPCG(1, 2))
	r := s.store.Rate("n", counter.Sharing{})
	type counted struct {
		key   string
		limit counter.RateLimit
		log   plainLog
	}
	keys := []*counted{
		{key: "small", limit: counter.RateLimit{Calls: 5, Period: 10 * time.Second}},
		{key: "large", limit: counter.RateLimit{Calls: 150, Period: time.Minute}},
		{key: "short", limit: counter.RateLimit{Calls: 30, Period: time.Second}},
		{key: "odd", limit: counter.RateLimit{Calls: 70, Period: 7*time.Second + 13}},
	}
	for step := range 20_000 {
		k := keys[rnd.IntN(len(keys))]
		s.clock.Advance(time.Duration(rnd.Int64N(int64(k.limit.Period) / 100)))
		if rnd.IntN(500) == 0 {
			s.clock.Advance(time.Duration(rnd.Int64N(2 * int64(k.limit.Period))))
		}
		now, n := s.clock.Now(), 1+rnd.Int64N(3)
		var d counter.RateDecision
		switch action := rnd.IntN(10); {
		case action == 0:
			r.Add(k.key, k.limit, n)
			k.log.add(now, n)
			continue
		case action < 3:
			d = r.Peek(k.key, k.limit, n)
			checkRate(t, step, k.log, now, k.limit, n, d)
			continue
		}
		d = r.Take(k.key, k.limit, n)
		checkRate(t, step, k.log, now, k.limit, n, d)
		if d.Allowed {
			k.log.add(now, n)
		} else if rnd.IntN(20) == 0 {
			s.clock.Advance(d.RetryAfter)
			if d := r.Peek(k.key, k.limit, n); !d.Allowed {
				t.Fatalf("step %d: refused again after RetryAfter: %+v", step, d)
			}
		}
		if t.Failed() {
			return
		}
	}
}

// checkRate holds a decision against the log, within the granule that the
// contract allows.
func checkRate(t *testing.T, step int, log plainLog, now time.Time, limit counter.RateLimit, n int64, d counter.RateDecision) {
	t.Helper()
	granule := (limit.Period + counter.Granules - 1) / counter.Granules
	least := log.since(now.Add(-limit.Period))
	most := log.since(now.Add(-limit.Period - granule))
	counted := int64(0)
	if d.Allowed {
		counted = n
	}
	switch {
	case d.Allowed && least+n > limit.Calls:
		t.Errorf("step %d: %d allowed on top of %d of %d", step, n, least, limit.Calls)
	case !d.Allowed && most+n <= limit.Calls:
		t.Errorf("step %d: %d refused on top of %d of %d", step, n, most, limit.Calls)
	case d.Remaining < max(0, limit.Calls-most-counted) || d.Remaining > max(0, limit.Calls-least-counted):
		t.Errorf("step %d: remaining %d with %d to %d of %d used and %d counted", step, d.Remaining, least, most, limit.Calls, counted)
	case d.Allowed != (d.RetryAfter == 0) || d.RetryAfter < 0 || d.RetryAfter > limit.Period:
		t.Errorf("step %d: allowed %v with retry after %v", step, d.Allowed, d.RetryAfter)
	}
}

func rateAnyWindow(t *testing.T, s suite) {
	rnd := rand.New(rand.NewPCG(3, 4))
	r := s.store.Rate("n", counter.Sharing{})
	limit := counter.RateLimit{Calls: 100, Period: 10 * time.Second}
	var admitted []time.Time
	for range 30_000 {
		if r.Take("k", limit, 1).Allowed {
			admitted = append(admitted, s.clock.Now())
		}
		s.clock.Advance(time.Duration(rnd.Int64N(int64(20 * time.Millisecond))))
	}
	most, first := 0, 0
	for i, at := range admitted {
		for !admitted[first].After(at.Add(-limit.Period)) {
			first++
		}
		most = max(most, i-first+1)
	}
	if most > int(limit.Calls) {
		t.Errorf("%d calls admitted within %v, limit %d", most, limit.Period, limit.Calls)
	}
	elapsed := s.clock.Since(start)
	ideal := float64(limit.Calls) * elapsed.Seconds() / limit.Period.Seconds()
	if got := float64(len(admitted)); got < ideal*counter.Granules/(counter.Granules+1)-float64(limit.Calls) {
		t.Errorf("%.0f calls admitted under constant pressure, want close to %.0f", got, ideal)
	}
}

func rateConcurrent(t *testing.T, s suite) {
	const workers, calls, allowed = 8, 500, 1000
	r := s.store.Rate("n", counter.Sharing{})
	limit := counter.RateLimit{Calls: allowed, Period: time.Minute}
	var got atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range calls {
				if r.Take("k", limit, 1).Allowed {
					got.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if got.Load() != allowed {
		t.Errorf("%d calls allowed of %d, want %d", got.Load(), workers*calls, allowed)
	}
}
