package catalogue

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
)

// Options are what a Catalogue needs.
type Options struct {
	// Client reaches the management API as the portal itself.
	Client *client.Client
	// Clock is the system's where it is nil.
	Clock clock.Clock
	// Log is slog's default where it is nil.
	Log *slog.Logger
	// Changed is told of each answer to the question for changes, so that what else
	// follows the service needs no question of its own; nil is nobody. It must not
	// wait, and it may be told of the same change again.
	Changed func(client.Changes)
}

// Catalogue is the catalogue of a service as it changes. It is safe for concurrent use.
type Catalogue struct {
	client *client.Client
	clock  clock.Clock
	log    *slog.Logger

	current atomic.Pointer[Index]
	status  atomic.Pointer[Status]
	done    chan struct{}

	changed func(client.Changes)
	told    int64 // The revision that changed was told of last.
}

// Status is how a Catalogue stands with the management plane.
type Status struct {
	// ConfirmedAt is when the current Index was last known to be what the service has; zero before the first.
	ConfirmedAt time.Time
	// Err is why the management plane was not read the last time; nil where it was.
	Err error
	// Failures is how often in a row it was not.
	Failures int
}

// Follow reads the service and returns when that is done, or with the error that kept it from being read: the
// Catalogue is there in both cases, empty in the second, and follows the service until ctx ends. Done is then
// closed.
func Follow(ctx context.Context, o Options) (*Catalogue, error) {
	c := &Catalogue{client: o.Client, clock: o.Clock, log: o.Log, changed: o.Changed, done: make(chan struct{})}
	if c.clock == nil {
		c.clock = clock.System()
	}
	if c.log == nil {
		c.log = slog.Default()
	}
	c.current.Store(newIndex(0, time.Time{}, records{}))
	c.status.Store(&Status{})
	err := c.start(ctx)
	c.noteRead(err)
	go c.follow(ctx)
	return c, err
}

// Current is the latest Index, never nil.
func (c *Catalogue) Current() *Index { return c.current.Load() }

// Status says how fresh the latest Index is.
func (c *Catalogue) Status() Status { return *c.status.Load() }

// Done is closed when the Catalogue has stopped following.
func (c *Catalogue) Done() <-chan struct{} { return c.done }

// start reads everything, as of a revision that is asked for before: what changes while it is read is read
// again by the first step.
func (c *Catalogue) start(ctx context.Context) error {
	changes, err := c.changes(ctx, 0, 0)
	if err != nil {
		return err
	}
	changes.Complete = false
	c.tell(changes)
	return c.apply(ctx, changes)
}

// tell hands on what has changed, once for each revision.
func (c *Catalogue) tell(changes client.Changes) {
	if c.changed != nil && changes.Revision != c.told {
		c.told = changes.Revision
		c.changed(changes)
	}
}

// follow takes one change after the other until ctx ends.
func (c *Catalogue) follow(ctx context.Context) {
	defer close(c.done)
	for ctx.Err() == nil {
		begun := c.clock.Now()
		err := c.step(ctx)
		if ctx.Err() != nil {
			return
		}
		rest := leastStep - c.clock.Since(begun) // Many changes in a short time are taken together.
		if failures := c.noteRead(err); err != nil {
			rest = pause(failures)
		}
		if clock.Sleep(ctx, c.clock, rest) != nil {
			return
		}
	}
}

// step waits for the next change and takes it.
func (c *Catalogue) step(ctx context.Context) error {
	after := c.Current().Revision()
	if after == 0 {
		return c.start(ctx)
	}
	changes, err := c.changes(ctx, after, wait)
	if err != nil {
		return err
	}
	if changes.Revision < after { // Another store, or one that was restored: nothing that is known counts.
		changes.Complete = false
	}
	c.tell(changes)
	return c.apply(ctx, changes)
}

func (c *Catalogue) changes(ctx context.Context, after int64, wait time.Duration) (client.Changes, error) {
	return client.Read[client.Changes](ctx, c.client, "sallyportChanges",
		client.Query("after", strconv.FormatInt(after, 10)),
		client.Query("wait", strconv.Itoa(int(wait/time.Second))), client.Within(waitTimeout))
}

// apply derives the next Index from what changed. An error leaves the current one, and the same changes are
// asked for again.
func (c *Catalogue) apply(ctx context.Context, changes client.Changes) error {
	last := c.Current()
	p := planFor(changes, last.records)
	if p.empty() {
		if changes.Revision != last.revision {
			c.current.Store(last.at(changes.Revision))
		}
		return nil
	}
	r := &reading{client: c.client, records: last.records.clone()}
	if !p.whole {
		r.leftOut = last.leftOut
	}
	if err := r.run(ctx, p); err != nil {
		return err
	}
	r.records.finish(last.records)
	next := newIndex(changes.Revision, c.clock.Now(), r.records)
	next.leftOut = r.leftOut
	if next.leftOut > last.leftOut {
		c.log.Warn("the catalogue is full: the portal does not show all of the service", "leftOut", next.leftOut)
	}
	c.current.Store(next)
	c.log.Debug("the catalogue was read", "revision", next.revision, "whole", p.whole,
		"apis", len(r.records.apis), "products", len(r.records.products))
	return nil
}

// at is the same index at a later revision, whose changes do not concern it.
func (x *Index) at(revision int64) *Index {
	next := newIndex(revision, x.readAt, x.records)
	next.leftOut = x.leftOut
	x.mu.Lock()
	defer x.mu.Unlock()
	next.views = cloneMap(x.views)
	return next
}

// noteRead keeps how the last reading went, and returns how many failed in a row.
func (c *Catalogue) noteRead(err error) int {
	last := c.status.Load()
	next := &Status{ConfirmedAt: c.clock.Now()}
	if err != nil {
		next = &Status{ConfirmedAt: last.ConfirmedAt, Err: err, Failures: last.Failures + 1}
	}
	c.status.Store(next)
	switch {
	case err != nil && last.Err == nil && !errors.Is(err, context.Canceled):
		c.log.Warn("the management plane cannot be read: the portal shows what it last read",
			"revision", c.Current().Revision(), "readAt", c.Current().ReadAt(), "error", err)
	case err == nil && last.Err != nil:
		c.log.Info("the management plane is read again", "failures", last.Failures, "revision", c.Current().Revision())
	}
	return next.Failures
}

// pause is how long to wait after so many failures in a row: twice as long after each, up to a limit, and half
// of it by chance, so that many portals do not come back at once.
func pause(failures int) time.Duration {
	d := lastBackOff
	if shift := failures - 1; shift >= 0 && shift < 10 {
		d = min(firstBackOff<<shift, lastBackOff)
	}
	return d/2 + rand.N(d/2) //nolint:gosec // It spreads calls and is no secret.
}
