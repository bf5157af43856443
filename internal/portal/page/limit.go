package page

import (
	"errors"
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// Bounds of the table of limits.
const (
	limitShards = 16
	// MaxLimitEntries bounds the addresses and values that limits remember. Of
	// more, those that have used the least are forgotten first.
	MaxLimitEntries = limitShards * maxShardEntries
	maxShardEntries = 4096
	// evictSample bounds the entries that are looked at for one to forget.
	evictSample = 32
	// ipv6Prefix is what one client is given of IPv6 addresses.
	ipv6Prefix = 64
)

// limiter counts events by address and by value. An entry is the time at which
// all its events will have been paid for, one each Per/Events.
type limiter struct {
	clock  clock.Clock
	start  time.Time
	seed   maphash.Seed
	shards [limitShards]shard
}

type shard struct {
	mu    sync.Mutex
	until map[uint64]time.Duration
}

func newLimiter(c clock.Clock) *limiter {
	l := &limiter{clock: c, start: c.Now(), seed: maphash.MakeSeed()}
	for i := range l.shards {
		l.shards[i].until = map[uint64]time.Duration{}
	}
	return l
}

// take takes one event. It returns how long to wait where there is none left.
func (l *limiter) take(limit *Limit, kind, value string) time.Duration {
	var h maphash.Hash
	h.SetSeed(l.seed)
	for _, text := range [...]string{limit.Name, kind, value} {
		_, _ = h.WriteString(text)
		_ = h.WriteByte(0)
	}
	key := h.Sum64()
	now := l.clock.Since(l.start)
	s := &l.shards[key%limitShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	until := max(s.until[key], now) + limit.Per/time.Duration(limit.Events)
	if wait := until - now - limit.Per; wait > 0 {
		return wait
	}
	if _, there := s.until[key]; !there && len(s.until) >= maxShardEntries {
		s.forget(now)
	}
	s.until[key] = until
	return 0
}

// forget makes room: entries that hold nothing any more go, or else the one that
// has used the least of a few.
func (s *shard) forget(now time.Duration) {
	var least uint64
	lowest, seen, freed := time.Duration(0), 0, false
	for key, until := range s.until {
		if until <= now {
			delete(s.until, key)
			freed = true
		} else if seen == 0 || until < lowest {
			least, lowest = key, until
		}
		if seen++; seen >= evictSample {
			break
		}
	}
	if !freed {
		delete(s.until, least)
	}
}

// len is the number of entries.
func (l *limiter) len() int {
	n := 0
	for i := range l.shards {
		s := &l.shards[i]
		s.mu.Lock()
		n += len(s.until)
		s.mu.Unlock()
	}
	return n
}

// limitAddress counts a request for its client's address.
func (s *Site) limitAddress(x *Exchange) error {
	if x.route.Limit == nil {
		return nil
	}
	if wait := s.limiter.take(x.route.Limit, "address", addressKey(x.Address())); wait > 0 {
		return &limitError{x.route.Limit, wait}
	}
	return nil
}

// limitField counts a request for the value of a field.
func (s *Site) limitField(x *Exchange) error {
	limit := x.route.Limit
	if limit == nil || limit.Field == "" {
		return nil
	}
	value := strings.ToLower(strings.TrimSpace(x.Form().Get(limit.Field)))
	if value == "" {
		return nil
	}
	if wait := s.limiter.take(limit, "field", value); wait > 0 {
		return &limitError{limit, wait}
	}
	return nil
}

// Take counts an event against a limit for a value of the section's choice: what
// a route's own Limit cannot know, such as the visitor. It returns the error that
// becomes the page "too many requests" where none is left.
func (x *Exchange) Take(limit *Limit, value string) error {
	if wait := x.Site.limiter.take(limit, "value", value); wait > 0 {
		return &limitError{limit, wait}
	}
	return nil
}

// Wait is how long to wait after an error of Take; zero for any other.
func Wait(err error) time.Duration {
	if e, ok := errors.AsType[*limitError](err); ok {
		return e.wait
	}
	return 0
}

// addressKey is what one client has of addresses: one of IPv4, a network of IPv6.
func addressKey(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(ipv6Prefix); err == nil {
			return p.String()
		}
	}
	return a.String()
}
