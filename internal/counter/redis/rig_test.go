package redis_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter/redis"
	"github.com/sallyport/sallyport/internal/redisconn"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// services numbers the services of tests, so that none sees the counters of
// another.
var services atomic.Int64

// fresh returns a name of a service that nobody has used.
func fresh() string { return "test-" + strconv.FormatInt(services.Add(1), 10) }

// ticking is a clock in the hands of a test whose tickers go on by themselves, so
// that a store settles meanwhile, however far the test moves the clock.
type ticking struct{ clock.Clock }

// NewTicker returns a ticker of the machine's clock.
func (ticking) NewTicker(d time.Duration) clock.Ticker { return clock.System().NewTicker(d) }

// NewTimer returns a timer of the machine's clock.
func (ticking) NewTimer(d time.Duration) clock.Timer { return clock.System().NewTimer(d) }

// open returns a store of a gateway of a service, which the test closes.
func open(tb testing.TB, url, service string, c clock.Clock) *redis.Store {
	tb.Helper()
	if c == nil {
		return openWith(tb, url, service, nil, nil)
	}
	return openWith(tb, url, service, ticking{c}, c)
}

// openWith returns a store with a clock of its own, whose servers tell the time
// by another; nil for that of the machine.
func openWith(tb testing.TB, url, service string, own, server clock.Clock) *redis.Store {
	tb.Helper()
	settings, err := redisconn.Parse(url)
	if err != nil {
		tb.Fatal(err)
	}
	o := redis.Options{Servers: settings, Service: service, Region: "north", Clock: own}
	if server != nil {
		o.TellTime(server)
	}
	s, err := redis.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// servers starts the servers of one layout.
var servers = []struct {
	name  string
	start func(t testing.TB, o redistest.Options) (url string)
}{
	{"single", func(tb testing.TB, o redistest.Options) string {
		tb.Helper()
		return redistest.Start(tb, o).URL()
	}},
	{"sentinel", func(tb testing.TB, o redistest.Options) string {
		tb.Helper()
		return redistest.StartSentinel(tb, o).URL()
	}},
	{"cluster", func(tb testing.TB, o redistest.Options) string {
		tb.Helper()
		return redistest.StartCluster(tb, o).URL()
	}},
}
