package chaos

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

// The limits of R16.
const (
	addedLimit     = 20 * time.Millisecond
	openLimit      = time.Second
	goroutineSlack = 5
	redisDelay     = 500 * time.Millisecond
	flapEvery      = 2 * time.Second
)

// TestR16_RedisSlow has the server of the counters answer after half a second,
// not at all, and come and go: calls are not slower for it, the breaker opens
// within a second, and nothing is left behind.
func TestR16_RedisSlow(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	for _, tt := range []struct {
		name  string
		fault redistest.Fault
		flaps bool
	}{
		{"slow", redistest.Slow, false},
		{"black hole", redistest.Hole, false},
		{"flapping", redistest.Refuse, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			proxy := redistest.StartProxy(t, server.Address(), redisDelay)
			g := startCounted(t, proxy.URL())
			awaitShared(t, []*gateway{g})
			calls := callCounted([]*gateway{g})
			pause(countedPeriod)
			calls.takeDelays()
			pause(size(time.Second, 10*time.Second))
			before, base := calls.takeDelays(), g.figures(t).goroutines
			proxy.Set(tt.fault)
			opened := eventually(t, "the breaker opens", func() bool { return g.isLost(t) })
			flap(proxy, tt.fault, tt.flaps, size(3*time.Second, 2*time.Minute))
			during := calls.takeDelays()
			proxy.Set(redistest.None)
			awaitShared(t, []*gateway{g})
			eventually(t, "the goroutines are those of before", func() bool { return g.figures(t).goroutines <= base+goroutineSlack })
			calls.end()
			added := max(0, during.at(99)-before.at(99))
			fmt.Printf("R16: %s: %v added to the 99th percentile (%v), breaker open after %v (%v), %.0f goroutines, %.0f before (+%d), %d answers neither 200 nor 429 (0)\n",
				tt.name, added.Round(time.Microsecond), addedLimit, opened.Round(time.Millisecond), openLimit,
				g.figures(t).goroutines, base, goroutineSlack, calls.wrong())
			if opened > openLimit || calls.wrong() > 0 {
				t.Errorf("open after %v, answers %v", opened, calls.answers)
			}
			// The short form runs beside other tests: there the percentile tells how
			// busy the machine is, and only the median is held.
			if median := during.at(50) - before.at(50); median > addedLimit || *long && added > addedLimit {
				t.Errorf("%v added to the 99th percentile and %v to the median", added, median)
			}
		})
	}
}

// flap lets a fault last, or come and go.
func flap(proxy *redistest.Proxy, fault redistest.Fault, flaps bool, d time.Duration) {
	if !flaps {
		pause(d)
		return
	}
	for end := time.Now().Add(d); time.Now().Before(end); {
		pause(min(flapEvery, time.Until(end)))
		proxy.Set(redistest.None)
		pause(min(flapEvery, time.Until(end)))
		proxy.Set(fault)
	}
}

// TestR16_RedisSlow_NegativeControl asks the server itself, as a gateway would
// that waits for its counters: the faults cost what they say.
func TestR16_RedisSlow_NegativeControl(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	proxy := redistest.StartProxy(t, server.Address(), redisDelay)
	c, err := net.Dial("tcp", hostOf(proxy.URL()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ping := func(wait time.Duration) (time.Duration, error) {
		begin := time.Now()
		if err := c.SetDeadline(begin.Add(wait)); err != nil {
			return 0, err
		}
		if _, err := c.Write([]byte("PING\r\n")); err != nil {
			return 0, err
		}
		_, err := c.Read(make([]byte, 64))
		return time.Since(begin), err
	}
	if took, err := ping(patience); err != nil || took > redisDelay {
		t.Errorf("without a fault an answer takes %v: %v", took, err)
	}
	proxy.Set(redistest.Slow)
	if took, err := ping(patience); err != nil || took < redisDelay {
		t.Errorf("control: a slow server answers after %v: %v", took, err)
	}
	proxy.Set(redistest.Hole)
	if took, err := ping(2 * redisDelay); err == nil {
		t.Errorf("control: a black hole answers after %v", took)
	}
}
