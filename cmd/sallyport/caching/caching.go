// Package caching gives a gateway its caches: the internal one, in memory, and the
// external one that the configuration names, which it opens, exchanges and closes as
// the configuration changes.
package caching

import (
	"fmt"
	"log/slog"
	"sync"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/memory"
	"github.com/sallyport/sallyport/internal/cache/redis"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/redisconn"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// Options says what the caches are made of.
type Options struct {
	Flags Flags
	// Region chooses among the caches of the configuration.
	Region string
	// Service is the name of the service where the configuration has none.
	Service string
	Clock   clock.Clock
	Log     *slog.Logger
	// Metrics shows what the caches do; nil for nobody.
	Metrics *telemetry.Metrics
}

// Caches are the caches of a gateway.
type Caches struct {
	options  Options
	pool     *memory.Pool
	flights  *cache.Flights
	external cache.External

	mu      sync.Mutex
	current *redis.Store // nil where there is none, or none can be
	uses    choice
	before  redis.Stats // the sum of those that were closed
	closing sync.WaitGroup
}

// choice is what an external cache is opened for.
type choice struct{ id, connection, service string }

// New makes the internal cache.
func New(o Options) (*Caches, error) {
	if err := o.Flags.check(); err != nil {
		return nil, err
	}
	pool, err := memory.NewPool(memory.Options{Clock: o.Clock, MaxBytes: int64(o.Flags.Size)})
	if err != nil {
		return nil, fmt.Errorf("preparing the cache: %w", err)
	}
	c := &Caches{options: o, pool: pool}
	if o.Flags.Wait > 0 {
		c.flights = cache.NewFlights(cache.FlightOptions{Clock: o.Clock, Wait: o.Flags.Wait})
	}
	if o.Metrics != nil {
		if err := c.show(o.Metrics); err != nil {
			return nil, fmt.Errorf("preparing metrics: %w", err)
		}
	}
	return c, nil
}

// Lend gives policies the caches.
func (c *Caches) Lend(s *policy.Services) {
	internal := c.pool.Pair()
	s.Responses, s.Values, s.External, s.Flights = internal.Responses, internal.Values, &c.external, c.flights
}

// Observe opens the external cache that a snapshot names for the region of the
// gateway, and closes the one before it. Requests that still use that one find
// nothing in it. A cache that stays is not touched.
func (c *Caches) Observe(s *snapshot.Snapshot) {
	var wanted choice
	if found := s.Cache(c.options.Region); found != nil {
		wanted = choice{id: string(found.Model.ID.Key()), connection: found.ConnectionString, service: s.ServiceName()}
		if wanted.service == "" {
			wanted.service = c.options.Service
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if wanted == c.uses {
		return
	}
	c.uses = wanted
	old := c.current
	c.current = nil
	switch {
	case wanted == choice{}:
		c.external.Use(nil)
		c.options.Log.Info("no external cache is used any more")
	default:
		c.open(wanted)
	}
	c.retire(old)
}

// open opens an external cache. One that cannot be is one that holds nothing, as one
// that does not answer is.
func (c *Caches) open(wanted choice) {
	settings, err := redisconn.Parse(wanted.connection)
	if err == nil {
		c.current, err = redis.Open(redis.Options{
			Settings: settings, Service: wanted.service, GetTimeout: c.options.Flags.Timeout, Clock: c.options.Clock, Log: c.options.Log,
		})
	}
	if err != nil {
		c.current = nil
		c.external.Use(&cache.Pair{Responses: cache.None[*cache.Response]{}, Values: cache.None[cache.Value]{}})
		c.options.Log.Error("the external cache cannot be used: nothing is cached in it", slog.String("cache", wanted.id), slog.Any("error", err))
		return
	}
	c.external.Use(c.current.Pair())
	c.options.Log.Info("using an external cache", slog.String("cache", wanted.id), slog.Any("addresses", settings.Addresses))
}

// retire closes a store beside the requests, and keeps what it has counted.
func (c *Caches) retire(old *redis.Store) {
	if old == nil {
		return
	}
	c.before = sum(c.before, old.Stats())
	c.closing.Go(func() {
		if err := old.Close(); err != nil {
			c.options.Log.Warn("closing the external cache", slog.Any("error", err))
		}
	})
}

// Close lets go of the external cache, after what waits to be written is written.
func (c *Caches) Close() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	old := c.current
	c.current, c.uses = nil, choice{}
	c.mu.Unlock()
	c.closing.Wait()
	if old == nil {
		return nil
	}
	return old.Close()
}

// stats are those of all external caches that there have been.
func (c *Caches) stats() redis.Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil {
		return c.before
	}
	now := c.current.Stats()
	all := sum(c.before, now)
	all.QueuedBytes, all.Queued, all.Open = now.QueuedBytes, now.Queued, now.Open
	return all
}

// sum adds what counts.
func sum(a, b redis.Stats) redis.Stats {
	return redis.Stats{
		Hits: a.Hits + b.Hits, Misses: a.Misses + b.Misses, Skipped: a.Skipped + b.Skipped, Failed: a.Failed + b.Failed,
		Unreadable: a.Unreadable + b.Unreadable, Dropped: a.Dropped + b.Dropped,
	}
}
