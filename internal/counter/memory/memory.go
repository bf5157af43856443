// Package memory counts rate limits and quotas in the memory of one process.
package memory

import (
	"cmp"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
)

const (
	// DefaultMaxRateKeys bounds the sliding windows of a store. At about 1.3 KiB
	// for the busiest window that is 85 MB.
	DefaultMaxRateKeys = 1 << 16
	// DefaultMaxQuotaKeys bounds the quotas of a store, of about 250 bytes each.
	DefaultMaxQuotaKeys = 1 << 18
)

// Options says how a store is made.
type Options struct {
	// Clock tells the time; nil is the clock of the machine.
	Clock clock.Clock
	// MaxRateKeys and MaxQuotaKeys bound the counters; zero or less is the
	// default. They are divided among shards, of which each forgets when it
	// alone is full.
	MaxRateKeys, MaxQuotaKeys int
}

// Store is a counter.Store, Inspector and Keeper.
type Store struct {
	clock  clock.Clock
	epoch  time.Time
	rates  *table[slidingWindow, *slidingWindow]
	quotas *table[fixedWindow, *fixedWindow]
}

// Stats is the state of a store.
type Stats struct {
	// RateKeys and QuotaKeys are the counters held, also those whose windows
	// have passed and that are not yet forgotten.
	RateKeys, QuotaKeys int
	// EvictedRates and EvictedQuotas are the counters that were forgotten
	// before their windows had passed, because the store was full.
	EvictedRates, EvictedQuotas int64
}

// New returns an empty store.
func New(o Options) *Store {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.MaxRateKeys <= 0 {
		o.MaxRateKeys = DefaultMaxRateKeys
	}
	if o.MaxQuotaKeys <= 0 {
		o.MaxQuotaKeys = DefaultMaxQuotaKeys
	}
	return &Store{
		clock:  o.Clock,
		epoch:  o.Clock.Now(),
		rates:  newTable[slidingWindow](o.MaxRateKeys),
		quotas: newTable[fixedWindow](o.MaxQuotaKeys),
	}
}

// Rate returns the sliding windows under a name, which nobody shares.
func (s *Store) Rate(name string, _ counter.Sharing) counter.Rate {
	return &rate{s, name, s.rates.family(name)}
}

// Quota returns the quotas under a name, which nobody shares.
func (s *Store) Quota(name string, _ counter.Sharing) counter.Quota {
	return &quota{s, name, s.quotas.family(name)}
}

// Stats returns how many counters the store holds and has had to forget.
func (s *Store) Stats() Stats {
	var st Stats
	st.RateKeys, st.EvictedRates = s.rates.size()
	st.QuotaKeys, st.EvictedQuotas = s.quotas.size()
	return st
}

// elapsed is the time of sliding windows, in nanoseconds: it is monotonic, so
// that setting the machine's clock neither frees nor blocks anyone.
func (s *Store) elapsed() int64 { return int64(s.clock.Since(s.epoch)) }

// wall is the time of quotas, whose windows are dates.
func (s *Store) wall() int64 { return s.clock.Now().UnixMilli() }

// List returns the counters that match and whose windows are running.
func (s *Store) List(f counter.Filter) []counter.Reading {
	if f.Limit <= 0 {
		f.Limit = counter.DefaultListLimit
	}
	var out []counter.Reading
	if f.Kind != counter.KindQuota {
		now := s.elapsed()
		s.rates.each(now, f, func(i id, w *slidingWindow) bool {
			w.expire(now, i.period)
			out = append(out, rateReading(i, w))
			return len(out) < f.Limit
		})
	}
	if f.Kind != counter.KindRate && len(out) < f.Limit {
		s.quotas.each(s.wall(), f, func(i id, w *fixedWindow) bool {
			out = append(out, quotaReading(i, w))
			return len(out) < f.Limit
		})
	}
	slices.SortFunc(out, compareReadings)
	return out
}

func compareReadings(a, b counter.Reading) int {
	return cmp.Or(
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Key, b.Key),
		cmp.Compare(a.Period, b.Period),
	)
}

func rateReading(i id, w *slidingWindow) counter.Reading {
	return counter.Reading{
		Kind: counter.KindRate, Name: i.name, Key: i.key, Period: i.period,
		Used: counter.Usage{Calls: w.calls},
	}
}

func quotaReading(i id, w *fixedWindow) counter.Reading {
	r := counter.Reading{
		Kind: counter.KindQuota, Name: i.name, Key: i.key, Period: i.period, Used: w.used,
	}
	if w.end != endless {
		r.End = time.UnixMilli(w.end).UTC()
		r.Start = time.UnixMilli(w.end - milliseconds(i.period)).UTC()
	}
	return r
}

// Set makes the counter that r names stand at r.Used.
func (s *Store) Set(r counter.Reading) bool {
	i := id{r.Name, counter.BoundedKey(r.Key), r.Period}
	if r.Kind == counter.KindRate {
		return s.setRate(i, r.Used.Calls)
	}
	return s.setQuota(i, r.Used)
}

func (s *Store) setRate(i id, calls int64) bool {
	now := s.elapsed()
	sh, h := s.rates.lock(s.rates.family(i.name), i)
	defer sh.mu.Unlock()
	w := sh.find(h, i)
	if w == nil || w.over(now, i.period) {
		return false
	}
	*w = slidingWindow{}
	w.add(now, i.period, calls)
	return true
}

func (s *Store) setQuota(i id, used counter.Usage) bool {
	now := s.wall()
	sh, h := s.quotas.lock(s.quotas.family(i.name), i)
	defer sh.mu.Unlock()
	w := sh.find(h, i)
	if w == nil || w.over(now, i.period) {
		return false
	}
	w.used = counter.Usage{}
	w.add(used)
	return true
}

// Snapshot returns every quota whose window is running.
func (s *Store) Snapshot() []counter.Reading {
	var out []counter.Reading
	s.quotas.each(s.wall(), counter.Filter{}, func(i id, w *fixedWindow) bool {
		out = append(out, quotaReading(i, w))
		return true
	})
	slices.SortFunc(out, compareReadings)
	return out
}

// Restore brings quotas back, except those whose windows have ended meanwhile.
func (s *Store) Restore(quotas []counter.Reading) {
	now := s.wall()
	for _, r := range quotas {
		end := int64(endless)
		if r.Period > 0 {
			end = r.End.UnixMilli()
		}
		if r.Kind == counter.KindQuota && end > now {
			s.restore(r, now, end)
		}
	}
}

func (s *Store) restore(r counter.Reading, now, end int64) {
	i := id{r.Name, counter.BoundedKey(r.Key), r.Period}
	sh, h := s.quotas.lock(s.quotas.family(i.name), i)
	defer sh.mu.Unlock()
	w := sh.get(h, i, now)
	if w.end <= now {
		w.end = end
	}
	if w.end != end {
		return
	}
	w.used.Calls = max(w.used.Calls, r.Used.Calls)
	w.used.Bytes = max(w.used.Bytes, r.Used.Bytes)
}
