package chaos

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

// cachedCallers call at the same time, each for a response of its own.
const cachedCallers = 8

// cachedLimit is the longest that any call may take while the cache fails: beyond
// what a busy machine does, and far below the time-outs of the faults.
const cachedLimit = 500 * time.Millisecond

// startCached starts a gateway that keeps responses and values in the server at a
// URL.
func startCached(t *testing.T, cache string, arguments ...string) *gateway {
	t.Helper()
	g := start(t, options{
		arguments: arguments,
		apis:      map[string]string{"cached": origin(t)},
		policies: map[string]string{"cached": `<policies><inbound>` +
			`<cache-lookup-value key="@(context.Request.OriginalUrl.Path)" variable-name="seen" default-value="no" />` +
			`<cache-store-value key="@(context.Request.OriginalUrl.Path)" value="@(true)" duration="60" />` +
			`<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" /></inbound>` +
			`<backend><forward-request /></backend><outbound><cache-store duration="60" /></outbound><on-error /></policies>`},
	})
	write(t, filepath.Join(g.dir, "caches", "default", "cacheInformation.json"),
		fmt.Sprintf(`{"properties":{"connectionString":%q,"useFromLocation":"default"}}`, cache))
	eventually(t, "the gateway uses the cache", func() bool {
		_, shown := g.metrics(t)[`sallyport_cache_hits_total{cache="external"}`]
		return shown && g.metric(t, "sallyport_snapshot_applications_total") > 1
	})
	return g
}

// passedOver says that a gateway does not ask its external cache.
func (g *gateway) passedOver(t *testing.T) bool {
	t.Helper()
	return g.metric(t, `sallyport_cache_unavailable{cache="external"}`) == 1
}

func callCached(g *gateway) *counted {
	c := &counted{stop: make(chan struct{}), answers: map[int]int{}}
	for i := range cachedCallers {
		c.done.Go(func() { c.call(g, fmt.Sprintf("GET /cached/small?%d HTTP/1.1\r\nHost: a\r\n\r\n", i)) })
	}
	return c
}

// TestR16_ExternalCacheOfTheProcess takes the external cache from a running gateway
// under load, in each way, and gives it back.
func TestR16_ExternalCacheOfTheProcess(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	proxy := redistest.StartProxy(t, server.Address(), redisDelay)
	g := startCached(t, proxy.URL())
	calls := callCached(g)
	defer calls.end()
	pause(size(time.Second, 10*time.Second))
	for _, fault := range []struct {
		name       string
		begin, end func()
	}{
		{"killed", server.Kill, server.Restart},
		{"slow", func() { proxy.Set(redistest.Slow) }, func() { proxy.Set(redistest.None) }},
		{"black hole", func() { proxy.Set(redistest.Hole) }, func() { proxy.Set(redistest.None) }},
	} {
		calls.takeDelays()
		pause(size(time.Second, 10*time.Second))
		before, base := calls.takeDelays(), g.figures(t).goroutines
		fault.begin()
		opened := eventually(t, "the cache is passed over", func() bool { return g.passedOver(t) })
		pause(size(time.Second, time.Minute))
		during := calls.takeDelays()
		fault.end()
		back := eventually(t, "the cache is used again", func() bool { return !g.passedOver(t) })
		eventually(t, "the goroutines are those of before", func() bool { return g.figures(t).goroutines <= base+goroutineSlack })
		fmt.Printf("R16: external cache %s: %v added to the 99th percentile (%v), slowest call %v (%v), passed over after %v (%v), used again after %v, %d calls failed (0)\n",
			fault.name, max(0, during.at(99)-before.at(99)).Round(time.Microsecond), addedLimit, during.at(100).Round(time.Microsecond), cachedLimit,
			opened.Round(time.Millisecond), openLimit, back.Round(time.Millisecond), calls.wrong())
		if opened > openLimit || calls.wrong() > 0 || during.at(100) > cachedLimit {
			t.Errorf("%s: passed over after %v, slowest call %v, answers %v", fault.name, opened, during.at(100), calls.answers)
		}
		// As for counters, only the median is held beside other tests.
		if median := during.at(50) - before.at(50); median > addedLimit || *long && during.at(99)-before.at(99) > addedLimit {
			t.Errorf("%s: %v added to the median", fault.name, median)
		}
	}
}

// TestR16_ExternalCacheOfTheProcess_NegativeControl lets calls wait for the cache
// for a second: they are seen to.
func TestR16_ExternalCacheOfTheProcess_NegativeControl(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	proxy := redistest.StartProxy(t, server.Address(), redisDelay)
	g := startCached(t, proxy.URL(), "--cache-timeout", "1s")
	calls := callCached(g)
	pause(time.Second)
	calls.takeDelays()
	proxy.Set(redistest.Hole)
	pause(2 * time.Second)
	calls.end()
	if slowest := calls.takeDelays().at(100); slowest <= cachedLimit {
		t.Errorf("control: with a time-out of a second the slowest call took %v", slowest)
	}
}
