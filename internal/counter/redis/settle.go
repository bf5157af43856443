package redis

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/redisconn"
)

const (
	// maxSettled is the most counters that are settled at one time; others wait
	// for the next. A server that is too slow for so many in CallTimeout gets half,
	// down to minSettled.
	maxSettled = 2048
	minSettled = 64
	// maxScript is the most counters that one run of a script settles.
	maxScript = 128
	// CallTimeout bounds a settlement.
	CallTimeout = redisconn.DefaultCallTimeout
	// rateSlack and quotaSlack are how long keys live after their windows: for
	// sliding windows twice the period and this, for quotas so long that clocks
	// of gateways may differ.
	rateSlack  = time.Minute
	quotaSlack = time.Hour
	// endlessExpiry is how long a quota without end lives that nobody asks for.
	endlessExpiry = 400 * 24 * time.Hour
)

// pending is a lease with what was sent of it.
type pending struct {
	l      *lease
	member string
	sent   counter.Usage
	key    string
	arg    string
}

// batch is what one run of a script settles.
type batch struct {
	kind    counter.Kind
	breaker int
	list    []pending
	answer  *goredis.Cmd
}

// settle sends what was counted and takes what others have, and says from time
// to time that the gateway is there.
func (c *circle) settle(ctx context.Context) { c.settleAll(ctx, false) }

// settleAll settles those that were postponed as well, if all says so. It returns
// whether there was anything to settle.
func (c *circle) settleAll(ctx context.Context, all bool) bool {
	c.settling.Lock()
	defer c.settling.Unlock()
	announce := c.started.Load() && (c.elapsed()-c.announced >= int64(presenceEvery) || c.elapsed() < c.announced)
	c.wake(all)
	leases := c.dequeue(c.size)
	if !announce && len(leases) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	pipe, whole := c.client.Pipeline(), c.whole.Load()
	entered := make(map[int]error, len(c.breakers))
	var presence *goredis.Cmd
	if announce && c.enter(entered, len(c.breakers)-1) {
		presence = c.announce(ctx, pipe, whole)
	}
	batches := c.batches(leases, entered)
	for _, b := range batches {
		b.queue(ctx, pipe, whole, c.scriptTime())
	}
	if pipe.Len() == 0 {
		return false
	}
	_, err := pipe.Exec(ctx) // Each command has its error.
	c.stats.settlements.Add(1)
	o := outcome{errs: make(map[int]error, len(entered))}
	if presence != nil {
		c.takePresence(presence, &o)
	}
	for _, b := range batches {
		c.takeAnswer(b, &o)
	}
	c.whole.Store(o.unknown || whole && !o.known)
	c.resize(ctx, len(leases))
	c.leave(o.errs, err)
	return len(leases) > 0
}

// resize has fewer counters settled at one time where so many took too long, and
// more where they did not.
func (c *circle) resize(ctx context.Context, settled int) {
	switch {
	case ctx.Err() != nil:
		c.size = max(minSettled, min(c.size, settled)/2)
	case settled >= c.size:
		c.size = min(maxSettled, c.size+c.size/4)
	}
}

// outcome is how a settlement went: the error of each breaker that let something
// through, and whether there were scripts that the server knew or did not know.
type outcome struct {
	errs           map[int]error
	known, unknown bool
}

// announce says that the gateway is there, once it has counted; until then it only
// asks whether the server is.
func (c *circle) announce(ctx context.Context, p goredis.Pipeliner, whole bool) *goredis.Cmd {
	if !c.counts.Load() {
		return p.Do(ctx, "zcard", c.presenceKey())
	}
	return newPresent.queue(ctx, p, whole, []string{c.presenceKey()}, []any{c.incarnation, presenceTerm.Microseconds(), c.scriptTime()})
}

// enter asks the breaker, once in a settlement, whether it lets a call through.
func (c *circle) enter(entered map[int]error, breaker int) bool {
	err, asked := entered[breaker]
	if !asked {
		err = c.breakers[breaker].Enter()
		entered[breaker] = err
	}
	return err == nil
}

// leave tells the breakers how it went: by their own commands.
func (c *circle) leave(errs map[int]error, err error) {
	for breaker, failed := range errs {
		if errors.Is(err, context.Canceled) {
			continue // The gateway ends; that is not the server's fault.
		}
		c.breakers[breaker].Leave(failed)
		if failed == nil {
			c.connected.Store(true)
		}
	}
}

// scriptTime is the last argument of scripts: zero for the server's time.
func (c *circle) scriptTime() int64 {
	if c.testTime == nil {
		return 0
	}
	return c.testTime()
}

// batches sorts leases by kind and partition, and leaves out those whose server
// is lost: they are settled when they are next asked after its return.
func (c *circle) batches(leases []*lease, entered map[int]error) []*batch {
	byPartition := make(map[[2]int]*batch)
	var list []*batch
	for _, l := range leases {
		partition := l.id.partition()
		breaker := c.breaker(partition)
		if !c.enter(entered, breaker) {
			c.unqueue(l)
			continue
		}
		p, ok := c.prepare(l)
		if !ok {
			continue
		}
		at := [2]int{int(l.id.kind), partition}
		if len(c.breakers) == 1 && !c.slotted.Load() {
			at[1] = 0
		}
		b := byPartition[at]
		if b == nil || len(b.list) == maxScript {
			b = &batch{kind: l.id.kind, breaker: breaker}
			byPartition[at] = b
			list = append(list, b)
		}
		b.list = append(b.list, p)
	}
	slices.SortStableFunc(list, func(a, b *batch) int { return cmp.Compare(a.kind, b.kind) })
	return list
}

func (c *circle) unqueue(l *lease) {
	l.mu.Lock()
	l.waits = waitsNot
	l.mu.Unlock()
}

// prepare makes what is sent of a lease.
func (c *circle) prepare(l *lease) (pending, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.waits
	l.waits = waitsNot
	if was == waitsNot || l.key == "" {
		return pending{}, false
	}
	b := make([]byte, 0, 128)
	b = append(append(append(append(b, l.member...), ' '), l.epoch...), ' ')
	if l.id.kind == counter.KindRate {
		b = numbers(b, l.counted.Calls, l.settled.Calls, granuleOf(l.id.period), min(l.limits.Calls, maxCount),
			(2*l.id.period + rateSlack).Milliseconds())
	} else {
		b = numbers(b, l.counted.Calls, l.counted.Bytes, l.settled.Calls, l.settled.Bytes, l.floor.Calls, l.floor.Bytes, c.quotaExpiry(l.end))
	}
	return pending{l: l, member: l.member, sent: l.counted, key: l.key, arg: string(b)}, true
}

func numbers(b []byte, list ...int64) []byte {
	for n, v := range list {
		if n > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, v, 10)
	}
	return b
}

// granuleOf is a granule of a period, in microseconds.
func granuleOf(period time.Duration) int64 {
	return max(1, (period.Microseconds()+counter.Granules-1)/counter.Granules)
}

// quotaExpiry is how long the key of a window that ends then lives, in
// milliseconds.
func (c *circle) quotaExpiry(end int64) int64 {
	if end == endless {
		return endlessExpiry.Milliseconds()
	}
	return max(0, end-c.wall()) + quotaSlack.Milliseconds()
}

// queue adds the batch to a pipeline.
func (b *batch) queue(ctx context.Context, p goredis.Pipeliner, whole bool, now int64) {
	keys := make([]string, len(b.list))
	args := make([]any, len(b.list)+1)
	for i := range b.list {
		keys[i], args[i] = b.list[i].key, b.list[i].arg
	}
	args[len(b.list)] = now
	s := newSettleQuotas
	if b.kind == counter.KindRate {
		s = newSettleRates
	}
	b.answer = s.queue(ctx, p, whole, keys, args)
}

// takePresence takes how many gateways there are.
func (c *circle) takePresence(presence *goredis.Cmd, o *outcome) {
	n, err := presence.Int64()
	if unknownScript(err) {
		o.unknown, err = true, nil
	} else if err == nil {
		c.gateways.Store(max(1, n))
		c.announced = c.elapsed()
	}
	o.errs[len(c.breakers)-1] = err
}

// takeAnswer takes the answer to a batch. What could not be settled is sent again
// with what is counted next.
func (c *circle) takeAnswer(b *batch, o *outcome) {
	text, err := b.answer.Text()
	known := err == nil
	switch {
	case unknownScript(err):
		o.unknown, err = true, nil
	case err != nil && strings.HasPrefix(err.Error(), "CROSSSLOT"):
		c.slotted.Store(true) // It is a cluster that looks like one server.
		err = nil
	case known:
		o.known = true
		err = c.apply(b, text)
	}
	if !known || err != nil {
		c.stats.failed.Add(int64(len(b.list)))
		c.again(b)
	}
	if o.errs[b.breaker] == nil {
		o.errs[b.breaker] = err
	}
}

// again has a batch settled once more.
func (c *circle) again(b *batch) {
	for i := range b.list {
		l := b.list[i].l
		l.mu.Lock()
		if l.waits != waitsNow && !l.gone {
			c.enqueue(l)
		}
		l.mu.Unlock()
	}
}

// apply takes the answers of a script.
func (c *circle) apply(b *batch, text string) error {
	for i := range b.list {
		var one string
		one, text, _ = strings.Cut(text, ";")
		if err := c.applyOne(b.kind, &b.list[i], one); err != nil {
			return err
		}
	}
	c.stats.settled.Add(int64(len(b.list)))
	return nil
}

// errAnswer is the answer of no script of ours.
var errAnswer = errors.New("the server has answered a settlement with something else")

func (c *circle) applyOne(kind counter.Kind, p *pending, text string) error {
	epoch, rest, _ := strings.Cut(text, " ")
	var n [3]int64
	want := 3
	if kind == counter.KindQuota {
		want = 2
	}
	for i := range want {
		var one string
		one, rest, _ = strings.Cut(rest, " ")
		v, err := strconv.ParseInt(one, 10, 64)
		if err != nil || epoch == "" {
			return errAnswer
		}
		n[i] = v
	}
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	if p.l.gone || p.l.member != p.member {
		return nil // It has begun anew meanwhile.
	}
	if kind == counter.KindRate {
		c.applyRate(p.l, rateReply{epoch, n[0], n[1], n[2]}, p.sent.Calls)
	} else {
		c.applyQuota(p.l, quotaReply{epoch, counter.Usage{Calls: n[0], Bytes: n[1]}}, p.sent)
	}
	return nil
}
