package redis

import (
	"time"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/redisconn"
)

// rate is the sliding windows under a name.
type rate struct {
	c       *circle
	name    string
	sharing counter.Sharing
	local   counter.Rate
}

// Take counts n calls of key when the limit, less what others have used of it,
// allows them.
func (r *rate) Take(key string, limit counter.RateLimit, n int64) counter.RateDecision {
	return r.decide(key, limit, n, true)
}

// Peek decides as Take does and counts nothing.
func (r *rate) Peek(key string, limit counter.RateLimit, n int64) counter.RateDecision {
	return r.decide(key, limit, n, false)
}

// Add counts n calls of key.
func (r *rate) Add(key string, limit counter.RateLimit, n int64) {
	if n <= 0 {
		return
	}
	l := r.lease(key, limit)
	defer l.mu.Unlock()
	r.local.Add(l.id.key, limit, n)
	l.add(counter.Usage{Calls: n})
	r.c.touch(l, r.c.elapsed(), false)
}

// lease returns the lease of a key, locked.
func (r *rate) lease(key string, limit counter.RateLimit) *lease {
	l := r.c.lease(id{counter.KindRate, r.name, counter.BoundedKey(key), limit.Period})
	l.mu.Lock()
	l.limits = counter.Usage{Calls: limit.Calls, Bytes: counter.Unlimited}
	return l
}

func (r *rate) decide(key string, limit counter.RateLimit, n int64, take bool) counter.RateDecision {
	l := r.lease(key, limit)
	defer l.mu.Unlock()
	now := r.c.elapsed()
	var d counter.RateDecision
	defer func() { r.c.touch(l, now, !d.Allowed) }()
	var others int64
	switch {
	case !r.c.isLost(l.id):
		others = r.c.othersNow(l, now)
		limit.Calls = less(limit.Calls, others)
	case r.sharing.WhenLost == counter.Closed:
		return counter.RateDecision{Unavailable: true, RetryAfter: redisconn.BreakerProbe}
	default:
		limit.Calls = r.c.share(limit.Calls)
	}
	if take {
		d = r.local.Take(l.id.key, limit, n)
	} else {
		d = r.local.Peek(l.id.key, limit, n)
	}
	if d.Allowed && take {
		l.add(counter.Usage{Calls: n})
	}
	if !d.Allowed && others > 0 {
		d.RetryAfter = r.c.retryAfter(l, now, limit.Period)
	}
	return d
}

// othersNow is what others have used of a sliding window, as far as that is
// still good. Nothing is known of a counter that was not asked for a while; what
// that lets through is within the bound of the package.
func (c *circle) othersNow(l *lease, now int64) int64 {
	if now-l.settledAt > c.term(l) {
		return 0
	}
	return l.others.Calls
}

// retryAfter is the time until a call will be allowed, where others have used
// the limit.
func (c *circle) retryAfter(l *lease, now int64, period time.Duration) time.Duration {
	wait := time.Duration(l.freeAt - now)
	return min(max(wait, c.interval), period)
}

// rateReply is what settleRates answers for one window.
type rateReply struct {
	epoch string
	index int64 // The current granule.
	total int64 // The calls in the window.
	free  int64 // Microseconds until the limit allows one.
}

// applyRate takes the answer for a window, to which a number of calls was sent.
func (c *circle) applyRate(l *lease, r rateReply, calls int64) {
	if c.wasSet(l, r.epoch) {
		c.clear(l)
		c.restart(l)
		l.epoch = r.epoch
	} else {
		if r.epoch != l.epoch {
			l.epoch, l.sent = r.epoch, nil
		}
		if calls > l.settled.Calls {
			l.sent = append(l.sent, granule{r.index, calls - l.settled.Calls})
		}
		l.settled.Calls = calls
	}
	first, own := 0, int64(0)
	for n, g := range l.sent {
		if g.index < r.index-counter.Granules {
			first = n + 1
			continue
		}
		own += g.calls
	}
	if first > 0 {
		l.sent = append(l.sent[:0], l.sent[first:]...)
	}
	l.merge()
	l.others.Calls = max(0, r.total-own)
	l.settledAt = c.elapsed()
	c.grant(l)
	l.freeAt = l.settledAt + r.free*int64(time.Microsecond)
}

// merge joins the last two granules where they are one.
func (l *lease) merge() {
	if n := len(l.sent); n > 1 && l.sent[n-1].index <= l.sent[n-2].index {
		l.sent[n-2].calls += l.sent[n-1].calls
		l.sent = l.sent[:n-1]
	}
}

// wasSet says that somebody has set the counter since it was last settled.
func (c *circle) wasSet(l *lease, epoch string) bool {
	return l.epoch != "-" && epoch != l.epoch && epoch[0] == 'r'
}
