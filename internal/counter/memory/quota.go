package memory

import (
	"math"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
)

const (
	// endless is the end of a window without end.
	endless = math.MaxInt64
	// maxPeriod keeps the arithmetic of windows within an int64.
	maxPeriod = math.MaxInt64 / 4
)

// fixedWindow is the running window of one quota. Times are milliseconds since
// 1970, so that those from the year 1 on can be told.
type fixedWindow struct {
	end  int64 // Excluded; zero before first use.
	used counter.Usage
}

// renew starts from zero when the window has ended. A window that would end
// more than a period from now was begun by a clock that has since been set
// back, and is ended too: it would last too long.
func (w *fixedWindow) renew(now int64, limit counter.QuotaLimit) {
	period := milliseconds(limit.Period)
	if w.end != 0 && w.end > now && (period == endless || w.end-now <= period) {
		return
	}
	w.used = counter.Usage{}
	w.end = windowEnd(now, startOf(limit), period)
}

func startOf(limit counter.QuotaLimit) int64 { return limit.Start.UnixMilli() }

// milliseconds returns a period rounded up, or endless for one that is zero.
func milliseconds(period time.Duration) int64 {
	if period <= 0 {
		return endless
	}
	return int64(min(period, maxPeriod)+time.Millisecond-1) / int64(time.Millisecond)
}

// windowEnd returns the end of the window that holds now.
func windowEnd(now, start, period int64) int64 {
	if period == endless {
		return endless
	}
	into := (now - start) % period
	if into < 0 {
		into += period
	}
	return now - into + period
}

func (w *fixedWindow) add(n counter.Usage) {
	w.used.Calls += min(max(0, n.Calls), math.MaxInt64-w.used.Calls)
	w.used.Bytes += min(max(0, n.Bytes), math.MaxInt64-w.used.Bytes)
}

// decide returns the answer for n, with what would remain after it.
func (w *fixedWindow) decide(now int64, limit counter.QuotaLimit, n counter.Usage) counter.QuotaDecision {
	n = counter.Usage{Calls: max(0, n.Calls), Bytes: max(0, n.Bytes)}
	var d counter.QuotaDecision
	switch {
	case n.Calls > left(limit.Calls, w.used.Calls):
		d.Exceeded = counter.ExceededCalls
	case max(1, n.Bytes) > left(limit.Bytes, w.used.Bytes):
		d.Exceeded = counter.ExceededBytes
	}
	if d.Exceeded != counter.ExceededNothing {
		n = counter.Usage{}
	}
	d.Remaining.Calls = afterwards(limit.Calls, w.used.Calls, n.Calls)
	d.Remaining.Bytes = afterwards(limit.Bytes, w.used.Bytes, n.Bytes)
	if w.end != endless {
		d.ResetAfter = time.Duration(w.end-now) * time.Millisecond
	}
	return d
}

// left is below zero where more has been counted than the limit allows.
func left(limit, used int64) int64 {
	if limit == counter.Unlimited {
		return counter.Unlimited
	}
	return max(0, limit) - used
}

func afterwards(limit, used, n int64) int64 {
	if limit == counter.Unlimited {
		return counter.Unlimited
	}
	return max(0, left(limit, used)-n)
}

func (w *fixedWindow) over(now int64, _ time.Duration) bool { return w.end <= now }

type quota struct {
	s      *Store
	name   string
	family family
}

func (q *quota) Take(key string, limit counter.QuotaLimit, n counter.Usage) counter.QuotaDecision {
	i := id{q.name, counter.BoundedKey(key), limit.Period}
	now := q.s.wall()
	sh, h := q.s.quotas.lock(q.family, i)
	w := sh.get(h, i, now)
	w.renew(now, limit)
	d := w.decide(now, limit, n)
	if d.Allowed() {
		w.add(n)
	}
	sh.mu.Unlock()
	return d
}

func (q *quota) Peek(key string, limit counter.QuotaLimit, n counter.Usage) counter.QuotaDecision {
	i := id{q.name, counter.BoundedKey(key), limit.Period}
	now := q.s.wall()
	sh, h := q.s.quotas.lock(q.family, i)
	defer sh.mu.Unlock()
	w := sh.find(h, i)
	if w == nil {
		w = &fixedWindow{}
	}
	w.renew(now, limit)
	return w.decide(now, limit, n)
}

func (q *quota) Add(key string, limit counter.QuotaLimit, n counter.Usage) {
	if n.Calls <= 0 && n.Bytes <= 0 {
		return
	}
	i := id{q.name, counter.BoundedKey(key), limit.Period}
	now := q.s.wall()
	sh, h := q.s.quotas.lock(q.family, i)
	w := sh.get(h, i, now)
	w.renew(now, limit)
	w.add(n)
	sh.mu.Unlock()
}
