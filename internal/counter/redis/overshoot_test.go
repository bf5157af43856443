package redis_test

import (
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/redis"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

const (
	fleetSize = 4
	// perTick is how many calls each gateway of a fleet is offered in a tick.
	perTick = 3
	tick    = time.Millisecond
)

// silent is a clock in the hands of a test, by which nothing settles by itself.
type silent struct{ clock.Clock }

// NewTicker returns a ticker that never ticks.
func (silent) NewTicker(time.Duration) clock.Ticker { return noTicks{} }

// NewTimer returns a timer that never fires.
func (silent) NewTimer(time.Duration) clock.Timer { return noTimer{} }

type noTimer struct{ noTicks }

func (noTimer) Stop() bool               { return true }
func (noTimer) Reset(time.Duration) bool { return true }

type noTicks struct{}

func (noTicks) C() <-chan time.Time { return nil }
func (noTicks) Stop()               {}

// fleet is gateways that share counters, all under one clock.
type fleet struct {
	clock  *clock.Fake
	stores []*redis.Store
}

func newFleet(t *testing.T, url string) *fleet {
	t.Helper()
	return newFleetOf(t, url, fleetSize)
}

func newFleetOf(t *testing.T, url string, size int) *fleet {
	t.Helper()
	f := &fleet{clock: clock.NewFake(time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC))}
	service := fresh()
	for range size {
		f.stores = append(f.stores, openWith(t, url, service, silent{f.clock}, f.clock))
	}
	return f
}

// run offers calls to all gateways for a while, of which each settles twice in a
// settle interval, one after another, and returns how many were admitted.
func (f *fleet) run(t *testing.T, d time.Duration, settle bool, take func(s *redis.Store) bool) (admitted int64) {
	t.Helper()
	const every = redis.DefaultSettleInterval / 2
	for at := time.Duration(0); at < d; at += tick {
		for n, s := range f.stores {
			if due := time.Duration(n) * every / fleetSize; settle && at%every == due.Truncate(tick) {
				s.Settle(t.Context())
			}
			for range perTick {
				if take(s) {
					admitted++
				}
			}
		}
		f.clock.Advance(tick)
	}
	return admitted
}

// bound is what a fleet may admit together beyond a limit.
const bound = (fleetSize - 1) * perTick * int64(redis.DefaultSettleInterval/tick)

// TestOvershoot holds a fleet against the bound of the package: limit +
// (gateways - 1) × rate × settle interval. The control is the same fleet when it
// does not settle: each gateway admits the limit.
func TestOvershoot(t *testing.T) {
	const limit = 5000
	url := redistest.Start(t, redistest.Options{}).URL()
	rateLimit := counter.RateLimit{Calls: limit, Period: 10 * time.Second}
	quotaLimit := counter.QuotaLimit{Calls: limit, Bytes: counter.Unlimited, Period: time.Hour}
	byteLimit := counter.QuotaLimit{Calls: counter.Unlimited, Bytes: limit * 1000, Period: time.Hour}
	for _, tt := range []struct {
		name string
		take func(s *redis.Store) bool
	}{
		{"rate limit", func(s *redis.Store) bool { return s.Rate("r", counter.Sharing{}).Take("k", rateLimit, 1).Allowed }},
		{"rate limit of all regions", func(s *redis.Store) bool {
			return s.Rate("r", counter.Sharing{Scope: counter.ScopeGlobal}).Take("k", rateLimit, 1).Allowed
		}},
		{"quota of calls", func(s *redis.Store) bool {
			return s.Quota("q", counter.Sharing{}).Take("k", quotaLimit, counter.Usage{Calls: 1}).Allowed()
		}},
		{"quota of bytes", func(s *redis.Store) bool {
			q := s.Quota("b", counter.Sharing{})
			if !q.Take("k", byteLimit, counter.Usage{Calls: 1}).Allowed() {
				return false
			}
			q.Add("k", byteLimit, counter.Usage{Bytes: 1000})
			return true
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const during = 2 * time.Second
			shared := newFleet(t, url).run(t, during, true, tt.take)
			t.Logf("overshoot: %d of %d gateways beyond a limit of %d (limit %d)", shared-limit, fleetSize, limit, bound)
			if shared < limit || shared-limit > bound {
				t.Errorf("%d admitted, want %d to %d", shared, limit, limit+bound)
			}
			alone := newFleet(t, url).run(t, during, false, tt.take)
			if alone <= limit+bound {
				t.Errorf("control: only %d admitted by gateways that do not settle", alone)
			}
		})
	}
}

// TestWindowSlidesForAll runs a fleet over many windows: in no window's length
// is more admitted than the bound allows, and what leaves the window is free
// again for all.
func TestWindowSlidesForAll(t *testing.T) {
	const limit = 2000
	f := newFleet(t, redistest.Start(t, redistest.Options{}).URL())
	rateLimit := counter.RateLimit{Calls: limit, Period: time.Second}
	windows := 5
	admitted := f.run(t, time.Duration(windows)*time.Second, true, func(s *redis.Store) bool {
		return s.Rate("r", counter.Sharing{}).Take("k", rateLimit, 1).Allowed
	})
	// A call counts for a granule and a settle interval longer than a period.
	least := int64(float64(windows*limit) / (1 + 1.0/counter.Granules + 0.15))
	most := int64(windows) * (limit + bound)
	if admitted < least || admitted > most {
		t.Errorf("%d admitted in %d windows, want %d to %d", admitted, windows, least, most)
	}
}
