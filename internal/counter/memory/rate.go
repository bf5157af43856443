package memory

import (
	"math"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
)

const (
	firstRuns = 4
	// maxRuns is a power of two above the number of runs that can count at one
	// time: Granules, one that began before the window, and the newest.
	maxRuns = 64
)

// run is some calls that came close together. All of them leave the window with
// the last one.
type run struct {
	last  int64 // Nanoseconds since the store began.
	calls int64
}

// slidingWindow is a log of calls in which calls within a granule share one run.
// Its runs are a ring, oldest first, with a power of two of places.
type slidingWindow struct {
	runs   []run
	head   int
	length int
	began  int64 // When the newest run began.
	calls  int64 // The sum over the runs.
}

// expire forgets what has left the window and returns the time to use: the
// clock's, or that of the newest call where that is later.
func (w *slidingWindow) expire(now int64, period time.Duration) int64 {
	if w.length > 0 {
		now = max(now, w.at(w.length-1).last)
	}
	for w.length > 0 {
		r := w.at(0)
		if r.last+int64(period) > now {
			break
		}
		w.calls -= r.calls
		w.head = (w.head + 1) & (len(w.runs) - 1)
		w.length--
	}
	return now
}

func (w *slidingWindow) at(i int) *run { return &w.runs[(w.head+i)&(len(w.runs)-1)] }

func (w *slidingWindow) add(now int64, period time.Duration, n int64) {
	n = min(n, math.MaxInt64-w.calls)
	if n <= 0 {
		return
	}
	granule := (int64(period) + counter.Granules - 1) / counter.Granules
	if w.length == 0 || w.length < maxRuns && now-w.began >= granule {
		w.grow()
		w.length++
		w.began = now
		*w.at(w.length - 1) = run{}
	}
	r := w.at(w.length - 1)
	r.last = now
	r.calls += n
	w.calls += n
}

// grow makes room for one more run.
func (w *slidingWindow) grow() {
	if w.length < len(w.runs) {
		return
	}
	runs := make([]run, max(firstRuns, 2*len(w.runs)))
	for i := range w.length {
		runs[i] = *w.at(i)
	}
	w.runs, w.head = runs, 0
}

func (w *slidingWindow) decide(now int64, limit counter.RateLimit, n int64) counter.RateDecision {
	n = max(0, n)
	left := max(0, limit.Calls) - w.calls
	if n <= left {
		return counter.RateDecision{Allowed: true, Remaining: left}
	}
	return counter.RateDecision{Remaining: max(0, left), RetryAfter: w.retryAfter(now, limit.Period, n-left)}
}

// retryAfter returns the time until the oldest runs that hold need calls have
// left the window.
func (w *slidingWindow) retryAfter(now int64, period time.Duration, need int64) time.Duration {
	for i := range w.length {
		r := w.at(i)
		need -= r.calls
		if need <= 0 {
			return time.Duration(r.last + int64(period) - now)
		}
	}
	return period
}

func (w *slidingWindow) over(now int64, period time.Duration) bool {
	return w.length == 0 || w.at(w.length-1).last+int64(period) <= now
}

type rate struct {
	s      *Store
	name   string
	family family
}

func (r *rate) Take(key string, limit counter.RateLimit, n int64) counter.RateDecision {
	i := id{r.name, counter.BoundedKey(key), limit.Period}
	now := r.s.elapsed()
	sh, h := r.s.rates.lock(r.family, i)
	w := sh.get(h, i, now)
	now = w.expire(now, limit.Period)
	d := w.decide(now, limit, n)
	if d.Allowed && n > 0 {
		w.add(now, limit.Period, n)
		d.Remaining -= n
	}
	sh.mu.Unlock()
	return d
}

func (r *rate) Peek(key string, limit counter.RateLimit, n int64) counter.RateDecision {
	i := id{r.name, counter.BoundedKey(key), limit.Period}
	now := r.s.elapsed()
	sh, h := r.s.rates.lock(r.family, i)
	defer sh.mu.Unlock()
	w := sh.find(h, i)
	if w == nil {
		w = &slidingWindow{}
	}
	d := w.decide(w.expire(now, limit.Period), limit, n)
	if d.Allowed && n > 0 {
		d.Remaining -= n
	}
	return d
}

func (r *rate) Add(key string, limit counter.RateLimit, n int64) {
	if n <= 0 {
		return
	}
	i := id{r.name, counter.BoundedKey(key), limit.Period}
	now := r.s.elapsed()
	sh, h := r.s.rates.lock(r.family, i)
	w := sh.get(h, i, now)
	w.add(w.expire(now, limit.Period), limit.Period, n)
	sh.mu.Unlock()
}
