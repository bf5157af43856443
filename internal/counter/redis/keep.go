package redis

import (
	"context"

	"github.com/sallyport/sallyport/internal/counter"
)

// Snapshot returns every quota whose window is running, of the servers and of
// this gateway.
func (s *Store) Snapshot() []counter.Reading {
	return s.list(counter.Filter{Kind: counter.KindQuota, Limit: maxSnapshot}, true)
}

// Restore brings quotas back, except those whose windows have ended meanwhile.
func (s *Store) Restore(quotas []counter.Reading) {
	s.restore(quotas)
	ctx, cancel := context.WithTimeout(context.Background(), inspectTimeout)
	defer cancel()
	for range len(quotas)/maxSettled + 1 {
		s.Settle(ctx)
	}
}

func (s *Store) restore(quotas []counter.Reading) {
	for _, r := range quotas {
		if r.Kind != counter.KindQuota {
			continue
		}
		if c := s.circle(r.Scope); c != nil {
			c.restore(r)
		} else {
			s.gateway.Restore([]counter.Reading{r})
		}
	}
}

// restore has the window of a quota hold what r says at least.
func (c *circle) restore(r counter.Reading) {
	end := int64(endless)
	if r.Period > 0 {
		if end = r.End.UnixMilli(); end <= c.wall() {
			return
		}
	}
	l := c.lease(id{counter.KindQuota, r.Name, counter.BoundedKey(r.Key), r.Period})
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.roll(l, c.wall()); !l.known {
		begun := r
		begun.Used = counter.Usage{}
		c.local.Restore([]counter.Reading{begun})
		l.end, l.known = end, true
		l.key = c.keyOf(l.id, end)
	}
	if l.end != end {
		return
	}
	l.floor.Calls, l.floor.Bytes = max(l.floor.Calls, r.Used.Calls), max(l.floor.Bytes, r.Used.Bytes)
	l.others.Calls = max(l.others.Calls, l.floor.Calls-l.counted.Calls)
	l.others.Bytes = max(l.others.Bytes, l.floor.Bytes-l.counted.Bytes)
	if l.waits != waitsNow {
		c.enqueue(l)
	}
}

// Local keeps what this gateway knows of its quotas, and asks no server: for a
// file that outlives the process when the servers have lost what they held.
func (s *Store) Local() counter.Keeper { return local{s} }

type local struct{ s *Store }

// Snapshot returns the quotas that this gateway knows.
func (l local) Snapshot() []counter.Reading {
	return l.s.list(counter.Filter{Kind: counter.KindQuota, Limit: maxSnapshot}, false)
}

// Restore brings quotas back. The servers have them with the next settlement.
func (l local) Restore(quotas []counter.Reading) { l.s.restore(quotas) }
