// Package memory is a cache in the memory of one process, bounded in bytes: a
// Pool, of which caches for different kinds of entries are views that share its
// room.
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
	// DefaultMaxBytes bounds a pool that is given no bound.
	DefaultMaxBytes = 128 << 20
	// MinMaxBytes is the least bound: room for some entries of the largest size.
	MinMaxBytes = 4 * cache.MaxEntryBytes
	// nodeOverhead is what the pool itself needs for an entry, in bytes.
	nodeOverhead = 200
)

// Options says how a pool is made.
type Options struct {
	// Clock tells the time; nil is the clock of the machine.
	Clock clock.Clock
	// MaxBytes bounds the keys and entries together; zero or less is
	// DefaultMaxBytes. When it is reached, entries that are used seldom go.
	MaxBytes int64
}

// Pool is memory for entries of several caches. It runs no goroutines: what has
// expired is removed by later writes.
type Pool struct {
	entries *otter.Cache[place, held]
	counter *stats.Counter
}

// kind tells the caches of a pool apart.
type kind uint8

// The kinds.
const (
	ofResponses kind = iota
	ofValues
	only // The one cache of a pool of its own.
)

// place is a key in a pool.
type place struct {
	key  string
	kind kind
}

// held is an entry with its time to live, which is decided entry by entry.
type held struct {
	entry cache.Entry
	ttl   time.Duration
}

// Stats is the state of a pool.
type Stats struct {
	// Entries and Bytes are what the pool holds, also what has expired and is not
	// removed yet.
	Entries int
	Bytes   uint64
	// Hits, Misses and Evictions count since the pool was made. Evictions are
	// entries removed because they had expired or for want of room.
	Hits, Misses, Evictions uint64
}

// NewPool returns an empty pool.
func NewPool(o Options) (*Pool, error) {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	counter := stats.NewCounter()
	entries, err := otter.New(&otter.Options[place, held]{
		MaximumWeight: uint64(o.MaxBytes),
		Weigher:       weigh,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[place, held]) time.Duration {
			return e.Value.ttl
		}),
		// Maintenance on the caller's goroutine keeps the bound at all times
		// and leaves nothing running when the pool is dropped.
		Executor:      func(f func()) { f() },
		Clock:         since{o.Clock, o.Clock.Now()},
		StatsRecorder: counter,
	})
	if err != nil {
		return nil, fmt.Errorf("making a cache of %d bytes: %w", o.MaxBytes, err)
	}
	return &Pool{entries, counter}, nil
}

func weigh(at place, h held) uint32 {
	return uint32(min(nodeOverhead+len(at.key)+h.entry.Size(), math.MaxUint32))
}

// Pair returns a cache for responses and one for values.
func (p *Pool) Pair() cache.Pair {
	return cache.Pair{Responses: &Cache[*cache.Response]{p, ofResponses}, Values: &Cache[cache.Value]{p, ofValues}}
}

// Stats returns how much the pool holds and how well it has served.
func (p *Pool) Stats() Stats {
	s := p.counter.Snapshot()
	return Stats{
		Entries: p.entries.EstimatedSize(), Bytes: p.entries.WeightedSize(),
		Hits: s.Hits, Misses: s.Misses, Evictions: s.Evictions,
	}
}

// Cache is a cache.Cache in a pool.
type Cache[E cache.Entry] struct {
	pool *Pool
	kind kind
}

// New returns an empty cache with a pool of its own.
func New[E cache.Entry](o Options) (*Cache[E], error) {
	p, err := NewPool(o)
	if err != nil {
		return nil, err
	}
	return &Cache[E]{p, only}, nil
}

// Get returns the entry under key.
func (c *Cache[E]) Get(_ context.Context, key string) (E, bool) {
	h, _ := c.pool.entries.GetIfPresent(place{key, c.kind})
	e, ok := h.entry.(E)
	return e, ok
}

// Set stores an entry under key for ttl.
func (c *Cache[E]) Set(_ context.Context, key string, e E, ttl time.Duration) {
	if ttl <= 0 || e.Size() > cache.MaxEntryBytes || len(key) > cache.MaxKeyBytes {
		c.pool.entries.Invalidate(place{key, c.kind})
		return
	}
	// The key may be a part of a request's head, which must not be kept alive.
	c.pool.entries.Set(place{strings.Clone(key), c.kind}, held{e, ttl})
}

// Delete removes what is under key. It does not fail.
func (c *Cache[E]) Delete(_ context.Context, key string) error {
	c.pool.entries.Invalidate(place{key, c.kind})
	return nil
}

// Stats returns the state of the cache's pool.
func (c *Cache[E]) Stats() Stats { return c.pool.Stats() }

// since is a clock.Clock in the form that the library asks for. It is monotonic
// and never ticks, so that the library starts no goroutine.
type since struct {
	clock clock.Clock
	start time.Time
}

func (s since) NowNano() int64 { return int64(s.clock.Since(s.start)) }

func (since) Tick(time.Duration) <-chan time.Time { return nil }
