// Package memory is a cache in the memory of one process, bounded in bytes.
package memory

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/clock"
)

const (
	// DefaultMaxBytes bounds a cache that is given no bound.
	DefaultMaxBytes = 64 << 20
	// nodeOverhead is what the cache itself needs for an entry, in bytes.
	nodeOverhead = 200
)

// Options says how a cache is made.
type Options struct {
	// Clock tells the time; nil is the clock of the machine.
	Clock clock.Clock
	// MaxBytes bounds the keys and entries together; zero or less is
	// DefaultMaxBytes. When it is reached, entries that are used seldom go.
	MaxBytes int64
}

// Cache is a cache.Cache in memory. It runs no goroutines: what has expired is
// removed by later writes.
type Cache[E cache.Entry] struct {
	entries *otter.Cache[string, held[E]]
	counter *stats.Counter
}

// held is an entry with its time to live, which is decided entry by entry.
type held[E cache.Entry] struct {
	entry E
	ttl   time.Duration
}

// Stats is the state of a cache.
type Stats struct {
	// Entries and Bytes are what the cache holds, also what has expired and is
	// not removed yet.
	Entries int
	Bytes   uint64
	// Hits, Misses and Evictions count since the cache was made. Evictions are
	// entries removed because they had expired or for want of room.
	Hits, Misses, Evictions uint64
}

// New returns an empty cache.
func New[E cache.Entry](o Options) (*Cache[E], error) {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	counter := stats.NewCounter()
	entries, err := otter.New(&otter.Options[string, held[E]]{
		MaximumWeight: uint64(o.MaxBytes),
		Weigher:       weigh[E],
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, held[E]]) time.Duration {
			return e.Value.ttl
		}),
		// Maintenance on the caller's goroutine keeps the bound at all times
		// and leaves nothing running when the cache is dropped.
		Executor:      func(f func()) { f() },
		Clock:         since{o.Clock, o.Clock.Now()},
		StatsRecorder: counter,
	})
	if err != nil {
		return nil, fmt.Errorf("making a cache of %d bytes: %w", o.MaxBytes, err)
	}
	return &Cache[E]{entries, counter}, nil
}

func weigh[E cache.Entry](key string, h held[E]) uint32 {
	return uint32(min(nodeOverhead+len(key)+h.entry.Size(), math.MaxUint32))
}

// Get returns the entry under key.
func (c *Cache[E]) Get(_ context.Context, key string) (E, bool) {
	h, ok := c.entries.GetIfPresent(key)
	return h.entry, ok
}

// Set stores an entry under key for ttl.
func (c *Cache[E]) Set(_ context.Context, key string, e E, ttl time.Duration) {
	if ttl <= 0 || e.Size() > cache.MaxEntryBytes || len(key) > cache.MaxKeyBytes {
		c.entries.Invalidate(key)
		return
	}
	// The key may be a part of a request's head, which must not be kept alive.
	c.entries.Set(strings.Clone(key), held[E]{e, ttl})
}

// Delete removes what is under key. It does not fail.
func (c *Cache[E]) Delete(_ context.Context, key string) error {
	c.entries.Invalidate(key)
	return nil
}

// Stats returns how much the cache holds and how well it has served.
func (c *Cache[E]) Stats() Stats {
	s := c.counter.Snapshot()
	return Stats{
		Entries: c.entries.EstimatedSize(), Bytes: c.entries.WeightedSize(),
		Hits: s.Hits, Misses: s.Misses, Evictions: s.Evictions,
	}
}

// since is a clock.Clock in the form that the library asks for. It is monotonic
// and never ticks, so that the library starts no goroutine.
type since struct {
	clock clock.Clock
	start time.Time
}

func (s since) NowNano() int64 { return int64(s.clock.Since(s.start)) }

func (since) Tick(time.Duration) <-chan time.Time { return nil }
