package redis

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
)

const (
	// leaseTerm is the longest time for which what others have used of a sliding
	// window is good: after that it has slid, and is asked for again.
	leaseTerm = 4 * time.Second
	// leaseTermParts is the part of a period that a lease is good for at most.
	leaseTermParts = 10
	// restParts is the part of what is left of a limit that all gateways together
	// may count before they settle. With leases that are settled after twenty
	// settle intervals at the latest, an eighth keeps the bound of the package: who
	// uses up the others' seven eighths meanwhile is so fast that the bound is
	// wider.
	restParts = 8
	// windowTolerance is by how much two readings of the clock may differ and
	// still be in the same window of a quota.
	windowTolerance = 100 * time.Millisecond
	// maxCount is the largest number that scripts count exactly.
	maxCount = 1 << 53
)

// lease is what a gateway knows of a counter that it shares.
type lease struct {
	mu sync.Mutex
	id id
	// key is that in Redis, member the name under which this lease counts there,
	// and epoch tells whether the counter there is still the same; "-" when
	// nothing is known of it.
	key, member, epoch string
	// counted has been counted here under the member, and settled is what of it
	// is known to be in Redis.
	counted, settled counter.Usage
	// others is what others have used, as of settledAt.
	others    counter.Usage
	settledAt int64
	fresh     bool  // Nothing is known yet.
	used      int64 // When it was last asked.
	waits     queueing
	gone      bool // It is no longer in the table.
	// limits are those that were last asked, and rest is what may be counted
	// before the others must know of it.
	limits, rest counter.Usage

	// Of a sliding window: when it will allow a call again, and what of this
	// lease's calls is in which granule of the window in Redis.
	freeAt int64
	sent   []granule

	// Of a quota: the end of its window in milliseconds since 1970, whether that
	// is known, what the window holds at least, and what was counted here when
	// the server was lost.
	end         int64
	known, lost bool
	floor       counter.Usage
	atLoss      counter.Usage
}

// granule is a number of calls in a granule of the server's time.
type granule struct{ index, calls int64 }

// restart forgets all that was known, and counts under another name from zero.
func (c *circle) restart(l *lease) {
	l.member = c.incarnation + "." + strconv.FormatUint(c.serial.Add(1), 36)
	l.epoch, l.sent = "-", nil
	l.counted, l.settled, l.others, l.floor, l.rest = counter.Usage{}, counter.Usage{}, counter.Usage{}, counter.Usage{}, counter.Usage{}
	l.lost, l.fresh, l.freeAt = false, true, 0
}

// lease returns the lease of a counter. What i has of a message is not kept.
func (c *circle) lease(i id) *lease {
	t := c.table(i.kind)
	if l := t.find(i); l != nil {
		return l
	}
	i.key = strings.Clone(i.key)
	return t.add(i, func() *lease {
		l := &lease{id: i, used: c.elapsed()}
		if i.kind == counter.KindRate {
			l.key = c.keyOf(i, 0)
		}
		c.restart(l)
		return l
	}, c.over, c.forget)
}

func (c *circle) table(kind counter.Kind) *table {
	if kind == counter.KindRate {
		return c.rates
	}
	return c.quotas
}

// over says that a lease has nothing that still counts.
func (c *circle) over(l *lease) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.waits != waitsNot:
		return false
	case l.id.kind == counter.KindRate:
		return c.elapsed()-l.used > int64(2*l.id.period+leaseTerm)
	}
	return l.known && l.end != endless && l.end <= c.wall()
}

// forget empties the counter of a lease that was taken out of the table: what it
// has counted is another's when it is asked for again.
func (c *circle) forget(l *lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = true
	c.clear(l)
}

// clear makes the counter in the gateway's own memory stand at zero.
func (c *circle) clear(l *lease) {
	c.local.Set(counter.Reading{Kind: l.id.kind, Name: l.id.name, Key: l.id.key, Period: l.id.period})
}

// touch notes that a lease was asked, and has it settled: soon where the limit has
// refused the call, or where the others must know of what was counted. The time is
// read once for each call of a counter: that is what counting costs most.
func (c *circle) touch(l *lease, now int64, refused bool) {
	l.used = now
	if !c.counts.Load() {
		c.counts.Store(true)
	}
	switch {
	case l.waits == waitsNow:
	case refused, l.fresh, c.due(l, now), l.counted.Calls-l.settled.Calls > l.rest.Calls, l.counted.Bytes-l.settled.Bytes > l.rest.Bytes:
		c.enqueue(l)
	case l.waits == waitsNot:
		c.postpone(l)
	}
}

// due says that a lease has rested long enough.
func (c *circle) due(l *lease, now int64) bool { return now-l.settledAt >= c.term(l)/2 }

// term is how long what others have used is good for.
func (c *circle) term(l *lease) int64 {
	term := int64(leaseTerm)
	if l.id.kind == counter.KindRate {
		term = min(term, int64(l.id.period)/leaseTermParts)
	}
	return max(term, 2*int64(c.interval))
}

// grant notes what may be counted under a lease before it is settled again: so
// little that all gateways together cannot use up what is left of the limit. Of
// a limit that is far from used up, not each call is worth a settlement.
func (c *circle) grant(l *lease) {
	gateways := restParts * (c.gateways.Load() + 1)
	l.fresh = false
	l.rest.Calls = max(0, less(l.limits.Calls, l.others.Calls)-l.counted.Calls) / gateways
	l.rest.Bytes = max(0, less(l.limits.Bytes, l.others.Bytes)-l.counted.Bytes) / gateways
}

// add counts n under the lease.
func (l *lease) add(n counter.Usage) {
	l.counted.Calls = min(maxCount, l.counted.Calls+min(max(0, n.Calls), maxCount))
	l.counted.Bytes = min(maxCount, l.counted.Bytes+min(max(0, n.Bytes), maxCount))
}

// share is one gateway's part of what is left of a limit: at least one where
// anything is left.
func (c *circle) share(left int64) int64 {
	if left <= 0 || left == counter.Unlimited {
		return left
	}
	return max(1, left/max(1, c.gateways.Load()))
}

// less is a limit less what others have used.
func less(limit, others int64) int64 {
	if limit == counter.Unlimited {
		return limit
	}
	return max(0, limit) - others
}
