package redis

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/redisconn"
)

const (
	// presenceEvery is how often a gateway says that it is there; it is also how
	// often a server is asked that no counter needs.
	presenceEvery = time.Second
	// presenceTerm is how long a gateway counts as there after it last said so.
	presenceTerm = 5 * time.Second
	// perInterval is how often is settled in a settle interval: what is sent at
	// one time is known to the others at their next.
	perInterval = 2
	// wakeEvery is how often is looked for leases that have rested long enough.
	wakeEvery = 500 * time.Millisecond
	// closeTimeout bounds the last settlement.
	closeTimeout = 500 * time.Millisecond
)

// circle is the gateways that count together: those of a region, or all.
type circle struct {
	scope       counter.Scope
	space       string // Part of the keys: the service and the circle.
	clock       clock.Clock
	log         *slog.Logger
	interval    time.Duration
	testTime    func() int64 // Microseconds, instead of the server's time; nil but in tests.
	incarnation string
	epoch       time.Time
	serial      atomic.Uint64

	local         *memory.Store
	rates, quotas *table
	stats         stats
	link
	waiting
	life

	settling  sync.Mutex // Held while settling.
	announced int64      // When the gateway last said that it is there.
	size      int        // How many counters are settled at one time.
}

// link is what a circle has of its servers.
type link struct {
	client goredis.UniversalClient
	// breakers has one for the server, or one for each partition of a cluster
	// and one for the presence.
	breakers  []*redisconn.Breaker
	lost      []atomic.Bool // The breakers that are open.
	connected atomic.Bool   // The server has answered once.
	gateways  atomic.Int64  // How many were last known.
	whole     atomic.Bool   // Send the text of scripts.
	slotted   atomic.Bool   // Scripts take the keys of one partition only, also of one server.
}

// waiting is the leases that are to be settled.
type waiting struct {
	queueMu  sync.Mutex
	queue    []*lease
	later    []*lease // When they have rested.
	maxQueue int      // Bounds each of them.
	woken    int64    // When those of later were last looked at.
	filled   chan struct{}
}

// life is how a circle begins and ends.
type life struct {
	begin   sync.Once
	started atomic.Bool
	counts  atomic.Bool // It was asked for a counter: it is one of those who count together.
	stop    context.CancelFunc
	done    chan struct{}
}

// stats counts what a circle does.
type stats struct{ settlements, settled, failed, dropped atomic.Int64 }

func newCircle(scope counter.Scope, o *Options, client goredis.UniversalClient, place string) *circle {
	c := &circle{
		scope: scope, space: url.QueryEscape(o.Service) + ":" + url.QueryEscape(place), clock: o.Clock, log: o.Log,
		interval: o.SettleInterval, testTime: o.testTime, incarnation: newIncarnation(), epoch: o.Clock.Now(),
		local: memory.New(memory.Options{Clock: o.Clock, MaxRateKeys: o.MaxRateKeys, MaxQuotaKeys: o.MaxQuotaKeys}),
		rates: newTable(o.MaxRateKeys), quotas: newTable(o.MaxQuotaKeys), size: maxSettled,
	}
	c.client, c.maxQueue = client, o.MaxRateKeys+o.MaxQuotaKeys
	c.filled, c.done = make(chan struct{}, 1), make(chan struct{})
	n := 1
	if _, cluster := client.(*goredis.ClusterClient); cluster {
		n = partitions + 1
	}
	c.lost = make([]atomic.Bool, n)
	for i := range n {
		c.breakers = append(c.breakers, redisconn.NewBreaker(o.Clock, func(open bool, cause error) { c.changed(i, open, cause) }))
	}
	c.gateways.Store(1)
	c.whole.Store(true)
	c.announced = -int64(presenceEvery)
	return c
}

// newIncarnation names a gateway from its start to its end.
func newIncarnation() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // It never fails.
	return hex.EncodeToString(b[:])
}

// changed notes that a breaker has opened or closed.
func (c *circle) changed(breaker int, open bool, cause error) {
	c.lost[breaker].Store(open)
	if breaker != len(c.breakers)-1 {
		return // One line for a cluster, not one for each partition.
	}
	if open {
		c.log.Warn("the shared counters are lost; limits do what they say for that", "scope", c.scope.String(), "error", cause)
	} else {
		c.log.Info("the shared counters are back", "scope", c.scope.String())
	}
}

// breaker returns the number of the breaker of a partition.
func (c *circle) breaker(partition int) int { return partition % len(c.breakers) }

// isLost says that the server of a counter does not answer.
func (c *circle) isLost(i id) bool {
	if !c.connected.Load() {
		return true
	}
	if len(c.lost) == 1 {
		return c.lost[0].Load()
	}
	return c.lost[c.breaker(i.partition())].Load()
}

// elapsed is the time of sliding windows, in nanoseconds.
func (c *circle) elapsed() int64 { return int64(c.clock.Since(c.epoch)) }

// wall is the time of quotas, in milliseconds since 1970.
func (c *circle) wall() int64 { return c.clock.Now().UnixMilli() }

// start begins to settle, once.
func (c *circle) start() {
	c.begin.Do(func() {
		ctx, cancel := context.WithCancel(context.Background())
		c.stop = cancel
		c.started.Store(true)
		ticker := c.clock.NewTicker(wakeEvery)
		go c.run(ctx, ticker)
	})
}

// run settles until ctx ends. A settlement that takes long delays the next.
func (c *circle) run(ctx context.Context, ticker clock.Ticker) {
	defer close(c.done)
	defer ticker.Stop()
	for ctx.Err() == nil {
		c.settle(ctx)
		c.await(ctx, ticker)
	}
}

// await waits until a lease has waited for its part of the settle interval, or
// until it is time to look at those that rest. A gateway that has nothing to
// settle sleeps.
func (c *circle) await(ctx context.Context, ticker clock.Ticker) {
	select {
	case <-ctx.Done():
	case <-ticker.C():
	case <-c.filled:
		_ = clock.Sleep(ctx, c.clock, c.interval/perInterval) // It ends early with ctx.
	}
}

// close settles what is left, and takes its leave of the others.
func (c *circle) close() {
	c.begin.Do(func() {})
	if !c.started.Load() {
		return
	}
	c.stop()
	<-c.done
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	for c.settleAll(ctx, true) { // What is not settled in time is known to this gateway's file.
		if ctx.Err() != nil {
			break
		}
	}
	// Without it the others count this gateway for its term.
	_ = c.client.Eval(ctx, absent, []string{c.presenceKey()}, c.incarnation).Err()
}

func (c *circle) presenceKey() string { return "sallyport:{present}:" + c.space }

// queueing says whether a lease waits to be settled.
type queueing uint8

const (
	waitsNot queueing = iota
	waitsLater
	waitsNow
)

// enqueue has a lease settled, which its caller has locked. Those of counters that
// were forgotten while the server is lost are not kept beyond the bound.
func (c *circle) enqueue(l *lease) {
	c.queueMu.Lock()
	defer c.queueMu.Unlock()
	if len(c.queue) >= c.maxQueue {
		c.stats.dropped.Add(1)
		return
	}
	l.waits = waitsNow
	c.queue = append(c.queue, l)
	if len(c.queue) == 1 {
		c.wakeUp()
	}
}

// wakeUp tells run that there is something to settle.
func (c *circle) wakeUp() {
	select {
	case c.filled <- struct{}{}:
	default: // It has been told.
	}
}

// postpone has a lease settled within half the term of leases.
func (c *circle) postpone(l *lease) {
	c.queueMu.Lock()
	defer c.queueMu.Unlock()
	if len(c.later) >= c.maxQueue {
		c.stats.dropped.Add(1)
		return
	}
	l.waits = waitsLater
	c.later = append(c.later, l)
}

// dequeue returns the leases that have waited longest, of which there may be so
// many.
func (c *circle) dequeue(most int) []*lease {
	c.queueMu.Lock()
	defer c.queueMu.Unlock()
	n := min(len(c.queue), most)
	batch := c.queue[:n:n]
	if c.queue = c.queue[n:]; len(c.queue) == 0 {
		c.queue = nil
	} else {
		c.wakeUp()
	}
	return batch
}

// wake has those of the postponed leases settled that have rested long enough, or
// all.
func (c *circle) wake(all bool) {
	now := c.elapsed()
	if !all && now-c.woken < int64(wakeEvery) {
		return
	}
	c.woken = now
	c.queueMu.Lock()
	later := c.later
	c.later = nil
	c.queueMu.Unlock()
	for _, l := range later {
		l.mu.Lock()
		switch {
		case l.waits != waitsLater: // It was settled meanwhile.
		case all, c.due(l, now):
			c.enqueue(l)
		default:
			c.postpone(l)
		}
		l.mu.Unlock()
	}
}
