package countertest

import (
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/counter"
)

var oneCall = counter.Usage{Calls: 1}

func wantQuota(t *testing.T, what string, got, want counter.QuotaDecision) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func callsLeft(n int64) counter.Usage {
	return counter.Usage{Calls: n, Bytes: counter.Unlimited}
}

func quotaWindows(t *testing.T, s suite) {
	q := s.store.Quota("n", counter.Sharing{})
	for _, tt := range []struct {
		name   string
		start  time.Time
		period time.Duration
		reset  time.Duration
	}{
		{"the year 1, an hour", time.Time{}, time.Hour, 50*time.Minute + 33*time.Second + 465*time.Millisecond},
		{"began a minute ago", start.Add(-time.Minute), time.Hour, 59 * time.Minute},
		{"begins now", start, time.Hour, time.Hour},
		{"began a window ago", start.Add(-time.Hour), time.Hour, time.Hour},
		{"begins in a minute", start.Add(time.Minute), time.Hour, time.Minute},
		{"begins in two hours and a minute", start.Add(121 * time.Minute), time.Hour, time.Minute},
		{"a year", start.Add(-24 * time.Hour), 365 * 24 * time.Hour, 364 * 24 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.clock.Set(start)
			limit := counter.QuotaLimit{Calls: 2, Bytes: counter.Unlimited, Period: tt.period, Start: tt.start}
			for _, left := range []int64{1, 0} {
				wantQuota(t, "call", q.Take(tt.name, limit, oneCall),
					counter.QuotaDecision{Remaining: callsLeft(left), ResetAfter: tt.reset})
			}
			s.clock.Advance(tt.reset - time.Millisecond)
			wantQuota(t, "at the end of the window", q.Take(tt.name, limit, oneCall),
				counter.QuotaDecision{Exceeded: counter.ExceededCalls, Remaining: callsLeft(0), ResetAfter: time.Millisecond})
			s.clock.Advance(time.Millisecond)
			wantQuota(t, "in the next window", q.Take(tt.name, limit, oneCall),
				counter.QuotaDecision{Remaining: callsLeft(1), ResetAfter: tt.period})
		})
	}
}

func quotaEndless(t *testing.T, s suite) {
	q := s.store.Quota("n", counter.Sharing{})
	limit := counter.QuotaLimit{Calls: 1, Bytes: counter.Unlimited}
	wantQuota(t, "first", q.Take("k", limit, oneCall), counter.QuotaDecision{Remaining: callsLeft(0)})
	s.clock.Advance(100 * 365 * 24 * time.Hour)
	wantQuota(t, "a century later", q.Take("k", limit, oneCall),
		counter.QuotaDecision{Exceeded: counter.ExceededCalls, Remaining: callsLeft(0)})
}

func quotaCallsAndBytes(t *testing.T, s suite) {
	q := s.store.Quota("n", counter.Sharing{})
	limit := counter.QuotaLimit{Calls: 3, Bytes: 1000, Period: time.Hour, Start: start}
	wantQuota(t, "first", q.Take("k", limit, oneCall),
		counter.QuotaDecision{Remaining: counter.Usage{Calls: 2, Bytes: 1000}, ResetAfter: time.Hour})
	q.Add("k", limit, counter.Usage{Bytes: 999})
	q.Add("k", limit, counter.Usage{Calls: -5, Bytes: -5})
	wantQuota(t, "with a byte left", q.Take("k", limit, oneCall),
		counter.QuotaDecision{Remaining: counter.Usage{Calls: 1, Bytes: 1}, ResetAfter: time.Hour})
	q.Add("k", limit, counter.Usage{Bytes: 5000})
	out := counter.QuotaDecision{
		Exceeded: counter.ExceededBytes, Remaining: counter.Usage{Calls: 1}, ResetAfter: time.Hour,
	}
	wantQuota(t, "out of bytes", q.Take("k", limit, oneCall), out)
	wantQuota(t, "peek out of bytes", q.Peek("k", limit, oneCall), out)
	q.Add("k", limit, oneCall)
	wantQuota(t, "out of both", q.Peek("k", limit, oneCall),
		counter.QuotaDecision{Exceeded: counter.ExceededCalls, ResetAfter: time.Hour})
	wantQuota(t, "nothing counts on a new key", q.Peek("new", limit, oneCall),
		counter.QuotaDecision{Remaining: counter.Usage{Calls: 2, Bytes: 1000}, ResetAfter: time.Hour})
	wantQuota(t, "peek has counted nothing", q.Peek("new", limit, counter.Usage{Calls: 3}),
		counter.QuotaDecision{Remaining: counter.Usage{Bytes: 1000}, ResetAfter: time.Hour})
	q.Add("full", limit, counter.Usage{Calls: math.MaxInt64, Bytes: math.MaxInt64})
	q.Add("full", limit, counter.Usage{Calls: math.MaxInt64, Bytes: math.MaxInt64})
	if q.Take("full", limit, oneCall).Allowed() {
		t.Error("a counter that holds all there is allowed one more")
	}
}

func quotaIdentity(t *testing.T, s suite) {
	hour := counter.QuotaLimit{Calls: 1, Bytes: counter.Unlimited, Period: time.Hour}
	day := hour
	day.Period = 24 * time.Hour
	take := func(name, key string, l counter.QuotaLimit, want bool) {
		t.Helper()
		if got := s.store.Quota(name, counter.Sharing{}).Take(key, l, oneCall).Allowed(); got != want {
			t.Errorf("Take of %s/%s/%v = %v, want %v", name, key, l.Period, got, want)
		}
	}
	take("n", "k", hour, true)
	take("n", "k", hour, false)
	take("n", "other", hour, true)
	take("other", "k", hour, true)
	take("n", "k", day, true)
	other := hour
	other.Start = start.Add(7 * time.Minute)
	take("n", "k", other, false) // A running window is not cut short.
	if d := s.store.Rate("n", counter.Sharing{}).Take("k", counter.RateLimit{Calls: 1, Period: time.Hour}, 1); !d.Allowed {
		t.Error("a quota was counted as a rate limit")
	}
}

func quotaClockSteps(t *testing.T, s suite) {
	q := s.store.Quota("n", counter.Sharing{})
	limit := counter.QuotaLimit{Calls: 1, Bytes: counter.Unlimited, Period: time.Hour, Start: start}
	q.Take("k", limit, oneCall)
	s.clock.Set(start.Add(-time.Minute))
	if q.Take("far", limit, oneCall); q.Take("far", limit, oneCall).Allowed() {
		t.Error("a window before the start does not count")
	}
	s.clock.Set(start)
	s.clock.Advance(1000 * time.Hour)
	q.Take("k", limit, oneCall)
	s.clock.Set(start.Add(time.Minute))
	wantQuota(t, "after a visit to the future", q.Take("k", limit, oneCall),
		counter.QuotaDecision{Remaining: callsLeft(0), ResetAfter: 59 * time.Minute})
}

func quotaModel(t *testing.T, s suite) {
	rnd := rand.New(rand.NewPCG(5, 6))
	q := s.store.Quota("n", counter.Sharing{})
	limit := counter.QuotaLimit{Calls: 20, Bytes: 2000, Period: 10 * time.Minute, Start: start.Add(-100 * time.Second)}
	var window int64
	var used counter.Usage
	for step := range 20_000 {
		s.clock.Advance(time.Duration(rnd.Int64N(int64(50 * time.Second))))
		at := s.clock.Now().UnixMilli() - limit.Start.UnixMilli()
		if w := at / limit.Period.Milliseconds(); w != window {
			window, used = w, counter.Usage{}
		}
		n := counter.Usage{Calls: rnd.Int64N(4), Bytes: rnd.Int64N(100)}
		allowed := used.Calls+n.Calls <= limit.Calls && used.Bytes+max(1, n.Bytes) <= limit.Bytes
		switch rnd.IntN(3) {
		case 0:
			q.Add("k", limit, n)
			used.Calls, used.Bytes = used.Calls+n.Calls, used.Bytes+n.Bytes
			continue
		case 1:
			if got := q.Peek("k", limit, n).Allowed(); got != allowed {
				t.Fatalf("step %d: Peek = %v, want %v", step, got, allowed)
			}
			continue
		}
		d := q.Take("k", limit, n)
		if allowed {
			used.Calls, used.Bytes = used.Calls+n.Calls, used.Bytes+n.Bytes
		}
		left := counter.Usage{Calls: max(0, limit.Calls-used.Calls), Bytes: max(0, limit.Bytes-used.Bytes)}
		if d.Allowed() != allowed || d.Remaining != left {
			t.Fatalf("step %d: %+v, want allowed %v and %+v left", step, d, allowed, left)
		}
		if end := time.Duration(at)*time.Millisecond + d.ResetAfter; end%limit.Period != 0 {
			t.Fatalf("step %d: reset after %v is no end of a window", step, d.ResetAfter)
		}
	}
}

func quotaConcurrent(t *testing.T, s suite) {
	const workers, calls, allowed = 8, 500, 1000
	q := s.store.Quota("n", counter.Sharing{})
	limit := counter.QuotaLimit{Calls: allowed, Bytes: counter.Unlimited}
	var got atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range calls {
				if q.Take("k", limit, oneCall).Allowed() {
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
