package redis

import (
	"time"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/redisconn"
)

// quota is the quotas under a name.
type quota struct {
	c       *circle
	name    string
	sharing counter.Sharing
	local   counter.Quota
}

// Take counts n for key when the limit, less what others have used of it, allows
// it.
func (q *quota) Take(key string, limit counter.QuotaLimit, n counter.Usage) counter.QuotaDecision {
	return q.decide(key, limit, n, true)
}

// Peek decides as Take does and counts nothing.
func (q *quota) Peek(key string, limit counter.QuotaLimit, n counter.Usage) counter.QuotaDecision {
	return q.decide(key, limit, n, false)
}

// Add counts n for key.
func (q *quota) Add(key string, limit counter.QuotaLimit, n counter.Usage) {
	if n.Calls <= 0 && n.Bytes <= 0 {
		return
	}
	l := q.lease(key, limit)
	defer l.mu.Unlock()
	at := q.c.clock.Now()
	now := at.UnixMilli()
	q.c.roll(l, now)
	if !l.known {
		q.c.window(l, now, limit, q.local.Peek(l.id.key, limit, counter.Usage{}).ResetAfter)
	}
	q.local.Add(l.id.key, limit, n)
	l.add(n)
	q.c.touch(l, int64(at.Sub(q.c.epoch)), false)
}

// lease returns the lease of a key, locked.
func (q *quota) lease(key string, limit counter.QuotaLimit) *lease {
	l := q.c.lease(id{counter.KindQuota, q.name, counter.BoundedKey(key), limit.Period})
	l.mu.Lock()
	l.limits = counter.Usage{Calls: limit.Calls, Bytes: limit.Bytes}
	return l
}

func (q *quota) decide(key string, limit counter.QuotaLimit, n counter.Usage, take bool) counter.QuotaDecision {
	l := q.lease(key, limit)
	defer l.mu.Unlock()
	at := q.c.clock.Now()
	now := at.UnixMilli()
	var d counter.QuotaDecision
	defer func() { q.c.touch(l, int64(at.Sub(q.c.epoch)), !d.Allowed()) }()
	q.c.roll(l, now)
	free := limit
	switch {
	case !q.c.isLost(l.id):
		l.lost = false
		free.Calls, free.Bytes = less(limit.Calls, l.others.Calls), less(limit.Bytes, l.others.Bytes)
	case q.sharing.WhenLost == counter.Closed:
		return counter.QuotaDecision{Unavailable: true, ResetAfter: redisconn.BreakerProbe}
	default:
		if !l.lost {
			l.lost, l.atLoss = true, l.counted
		}
		free.Calls = q.c.shareOfRest(limit.Calls, l.others.Calls, l.atLoss.Calls)
		free.Bytes = q.c.shareOfRest(limit.Bytes, l.others.Bytes, l.atLoss.Bytes)
	}
	if take {
		d = q.local.Take(l.id.key, free, n)
	} else {
		d = q.local.Peek(l.id.key, free, n)
	}
	q.c.window(l, now, limit, d.ResetAfter)
	if take && d.Allowed() {
		l.add(n)
	}
	return d
}

// shareOfRest is what a gateway may count in all: what it had when the server was
// lost, and its share of what was left then.
func (c *circle) shareOfRest(limit, others, own int64) int64 {
	if limit == counter.Unlimited {
		return limit
	}
	left := max(0, limit) - others - own
	if left <= 0 {
		return less(limit, others)
	}
	return own + c.share(left)
}

// roll forgets a window that has ended, or that a clock which has since been set
// back began.
func (c *circle) roll(l *lease, now int64) {
	if !l.known || l.end == endless {
		return
	}
	if now >= l.end || l.end-now > milliseconds(l.id.period) {
		l.known = false
		c.restart(l)
	}
}

// window notes in which window a quota has been counted, by the time that is left
// of it.
func (c *circle) window(l *lease, now int64, limit counter.QuotaLimit, left time.Duration) {
	end := int64(endless)
	if left > 0 {
		end = now + left.Milliseconds()
		if e := windowEnd(now, limit.Start.UnixMilli(), milliseconds(limit.Period)); near(e, end) {
			end = e
		}
	}
	if l.known && (l.end == end || near(l.end, end)) {
		return
	}
	if l.known {
		c.restart(l)
	}
	l.end, l.known = end, true
	l.key = c.keyOf(l.id, end)
}

// near says that two ends of windows are the same, read at two moments.
func near(a, b int64) bool {
	return max(a-b, b-a) <= windowTolerance.Milliseconds()
}

// milliseconds returns a period rounded up.
func milliseconds(period time.Duration) int64 {
	return int64((period + time.Millisecond - 1) / time.Millisecond)
}

// windowEnd returns the end of the window that holds now.
func windowEnd(now, start, period int64) int64 {
	into := (now - start) % period
	if into < 0 {
		into += period
	}
	return now - into + period
}

// quotaReply is what settleQuotas answers for one window.
type quotaReply struct {
	epoch string
	total counter.Usage
}

// applyQuota takes the answer for a window, to which a usage was sent.
func (c *circle) applyQuota(l *lease, r quotaReply, sent counter.Usage) {
	if c.wasSet(l, r.epoch) {
		c.clear(l)
		c.restart(l)
		l.epoch = r.epoch
		l.others, l.floor = r.total, r.total
	} else {
		l.epoch, l.settled, l.floor = r.epoch, sent, r.total
		l.others.Calls = max(0, r.total.Calls-sent.Calls)
		l.others.Bytes = max(0, r.total.Bytes-sent.Bytes)
	}
	l.settledAt = c.elapsed()
	c.grant(l)
}
