package redis

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sallyport/sallyport/internal/counter"
)

const (
	// inspectTimeout bounds what operators ask of the servers.
	inspectTimeout = 5 * time.Second
	// scanCount is how many keys a server looks at in one step.
	scanCount = 1000
	// maxSnapshot is the most quotas that a snapshot holds.
	maxSnapshot = 1 << 20
)

// List returns the counters that match and whose windows are running: those of
// the servers, with what this gateway has counted, and those of this gateway
// alone. While a server is lost it returns what this gateway knows.
func (s *Store) List(f counter.Filter) []counter.Reading {
	return s.list(f, true)
}

func (s *Store) list(f counter.Filter, servers bool) []counter.Reading {
	if f.Limit <= 0 {
		f.Limit = counter.DefaultListLimit
	}
	out := s.gateway.List(f)
	for i := range out {
		out[i].Scope = counter.ScopeGateway
	}
	for _, c := range []*circle{s.region, s.global} {
		rest := f
		if rest.Limit = f.Limit - len(out); rest.Limit <= 0 {
			break
		}
		out = append(out, c.list(rest, servers)...)
	}
	slices.SortFunc(out, func(a, b counter.Reading) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key),
			cmp.Compare(a.Period, b.Period), cmp.Compare(a.Scope, b.Scope), a.End.Compare(b.End))
	})
	return out
}

// list returns the counters of the circle.
func (c *circle) list(f counter.Filter, servers bool) []counter.Reading {
	ctx, cancel := context.WithTimeout(context.Background(), inspectTimeout)
	defer cancel()
	seen := make(map[id]bool)
	var leases []*lease
	visit := func(l *lease) bool {
		if matches(f, l.id) {
			leases = append(leases, l)
			seen[l.id] = true
		}
		return len(leases) < f.Limit
	}
	for _, kind := range kindsOf(f) {
		c.table(kind).each(visit)
	}
	if servers {
		c.refresh(ctx, leases)
	}
	own := c.own(f)
	var out []counter.Reading
	for _, l := range leases {
		if r, ok := c.reading(l, own); ok {
			out = append(out, r)
		}
	}
	if servers {
		for _, kind := range kindsOf(f) {
			out = append(out, c.scan(ctx, kind, f, f.Limit-len(out), seen)...)
		}
	}
	return out
}

func kindsOf(f counter.Filter) []counter.Kind {
	if f.Kind != 0 {
		return []counter.Kind{f.Kind}
	}
	return []counter.Kind{counter.KindRate, counter.KindQuota}
}

func matches(f counter.Filter, i id) bool {
	return (f.Kind == 0 || f.Kind == i.kind) && (f.Name == "" || f.Name == i.name) && (f.Key == "" || f.Key == i.key)
}

// refresh settles leases, so that they say what others have.
func (c *circle) refresh(ctx context.Context, leases []*lease) {
	for _, l := range leases {
		l.mu.Lock()
		if l.waits != waitsNow && !l.gone {
			c.enqueue(l)
		}
		l.mu.Unlock()
	}
	for range len(leases)/maxSettled + 1 {
		c.settle(ctx)
	}
}

// own returns what this gateway has counted itself, of the counters that match.
func (c *circle) own(f counter.Filter) map[id]counter.Usage {
	f.Limit = maxSnapshot
	list := c.local.List(f)
	own := make(map[id]counter.Usage, len(list))
	for _, r := range list {
		own[id{r.Kind, r.Name, r.Key, r.Period}] = r.Used
	}
	return own
}

// reading returns what a lease knows of its counter, and whether that is running.
func (c *circle) reading(l *lease, own map[id]counter.Usage) (counter.Reading, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := counter.Reading{Kind: l.id.kind, Scope: c.scope, Name: l.id.name, Key: l.id.key, Period: l.id.period}
	used, counted := own[l.id]
	if l.id.kind == counter.KindRate {
		r.Used.Calls = c.othersNow(l, c.elapsed()) + used.Calls
		return r, r.Used.Calls > 0
	}
	if c.roll(l, c.wall()); !l.known {
		return r, false
	}
	r.Used = counter.Usage{Calls: l.others.Calls + used.Calls, Bytes: l.others.Bytes + used.Bytes}
	if l.end != endless {
		r.End = time.UnixMilli(l.end).UTC()
		r.Start = time.UnixMilli(l.end - milliseconds(l.id.period)).UTC()
	}
	return r, counted || l.epoch != "-" || r.Used != counter.Usage{}
}

// window names a window of a counter.
type window struct {
	id  id
	end int64
}

func readingID(r counter.Reading) window {
	return window{id{r.Kind, r.Name, r.Key, r.Period}, r.End.UnixMilli()}
}

// maxWindows is the most windows of one counter that are looked at.
const maxWindows = 100

// scan returns the counters that are on the servers and not in seen.
func (c *circle) scan(ctx context.Context, kind counter.Kind, f counter.Filter, most int, seen map[id]bool) []counter.Reading {
	var out []counter.Reading
	var mu sync.Mutex
	shown := make(map[window]bool)
	one := func(ctx context.Context, server goredis.UniversalClient) error {
		for cursor := uint64(0); ; {
			keys, next, err := server.Scan(ctx, cursor, c.pattern(kind), scanCount).Result()
			if err != nil {
				return err
			}
			found := c.read(ctx, server, kind, f, keys, seen)
			mu.Lock()
			for _, r := range found { // A server may show a key twice.
				if len(out) < most && !shown[readingID(r)] {
					shown[readingID(r)] = true
					out = append(out, r)
				}
			}
			full := len(out) >= most
			mu.Unlock()
			if cursor = next; cursor == 0 || full {
				return nil
			}
		}
	}
	var err error
	if cluster, ok := c.client.(*goredis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, node *goredis.Client) error { return one(ctx, node) })
	} else {
		err = one(ctx, c.client)
	}
	if err != nil {
		c.log.Warn("the shared counters cannot be listed; what this process knows is shown", "scope", c.scope.String(), "error", err)
	}
	return out
}

// read reads those of some keys that match and are running.
func (c *circle) read(
	ctx context.Context, server goredis.UniversalClient, kind counter.Kind, f counter.Filter, keys []string, seen map[id]bool,
) []counter.Reading {
	type wanted struct {
		id     id
		end    int64
		answer *goredis.MapStringStringCmd
	}
	var list []wanted
	pipe := server.Pipeline()
	clock := pipe.Time(ctx)
	for _, key := range keys {
		i, end, ok := c.parseKey(kind, key)
		if !ok || seen[i] || !matches(f, i) || end != endless && end <= c.wall() {
			continue
		}
		list = append(list, wanted{i, end, pipe.HGetAll(ctx, key)})
	}
	if len(list) == 0 {
		return nil
	}
	_, _ = pipe.Exec(ctx) // Each command has its error.
	now := clock.Val().UnixMicro()
	if c.testTime != nil {
		now = c.testTime()
	}
	var out []counter.Reading
	for _, w := range list {
		if r, ok := c.readingOf(w.id, w.end, w.answer.Val(), now); ok {
			out = append(out, r)
		}
	}
	return out
}

// readingOf reads the hash of a counter.
func (c *circle) readingOf(i id, end int64, hash map[string]string, now int64) (counter.Reading, bool) {
	r := counter.Reading{Kind: i.kind, Scope: c.scope, Name: i.name, Key: i.key, Period: i.period}
	if i.kind == counter.KindQuota {
		r.Used = counter.Usage{Calls: number(hash["c"]), Bytes: number(hash["b"])}
		if end != endless {
			r.End = time.UnixMilli(end).UTC()
			r.Start = time.UnixMilli(end - milliseconds(i.period)).UTC()
		}
		return r, len(hash) > 0
	}
	index := now / granuleOf(i.period)
	for field, value := range hash {
		if g, err := strconv.ParseInt(field, 10, 64); err == nil && g >= index-counter.Granules && g <= index+counter.Granules {
			r.Used.Calls += number(value)
		}
	}
	return r, r.Used.Calls > 0
}

// number reads what a script of ours has written; anything else is zero.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Set makes the counter that r names stand at r.Used, for all who share it. Other
// gateways know it with their next settlement.
func (s *Store) Set(r counter.Reading) bool {
	c := s.circle(r.Scope)
	if c == nil {
		return s.gateway.Set(r)
	}
	return c.set(r)
}

func (c *circle) set(r counter.Reading) bool {
	ctx, cancel := context.WithTimeout(context.Background(), inspectTimeout)
	defer cancel()
	i := id{r.Kind, r.Name, counter.BoundedKey(r.Key), r.Period}
	l := c.table(i.kind).find(i)
	if l != nil {
		c.refresh(ctx, []*lease{l})
	}
	granule, ttl := granuleOf(i.period), (2*i.period + rateSlack).Milliseconds()
	if i.kind == counter.KindQuota {
		granule = 0
	}
	for _, end := range c.endsOf(ctx, r, i, l) {
		if i.kind == counter.KindQuota {
			ttl = c.quotaExpiry(end)
		}
		epoch, err := c.client.Eval(ctx, newSetCounter.text, []string{c.keyOf(i, end)},
			max(0, min(r.Used.Calls, maxCount)), max(0, min(r.Used.Bytes, maxCount)), granule, ttl, c.scriptTime()).Text()
		if err != nil {
			c.log.Warn("a shared counter cannot be set", "scope", c.scope.String(), "error", err)
			return false
		}
		if epoch == "" {
			continue
		}
		if l != nil {
			c.takeSet(l, epoch, r.Used)
		}
		return true
	}
	return false
}

// endsOf returns the ends of the windows that r may mean.
func (c *circle) endsOf(ctx context.Context, r counter.Reading, i id, l *lease) []int64 {
	switch {
	case i.kind == counter.KindRate, i.period <= 0:
		return []int64{endless}
	case !r.End.IsZero():
		return []int64{r.End.UnixMilli()}
	}
	if l != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.known {
			return []int64{l.end}
		}
	}
	var ends []int64
	for _, one := range c.scan(ctx, i.kind, counter.Filter{Kind: i.kind, Name: i.name, Key: i.key}, maxWindows, nil) {
		if one.Period == i.period {
			ends = append(ends, one.End.UnixMilli())
		}
	}
	return ends
}

// takeSet makes a lease begin anew from what its counter was set to.
func (c *circle) takeSet(l *lease, epoch string, used counter.Usage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.clear(l)
	c.restart(l)
	l.epoch, l.others, l.settledAt = strings.Clone(epoch), used, c.elapsed()
	if l.id.kind == counter.KindQuota {
		l.floor = used
	}
}
