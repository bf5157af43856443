package chaos

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The soak: its load, and by how much things may have grown.
const (
	soakClients = 32
	// soakShare is the part of what the gateway can do that it is asked to do.
	soakShare = 0.6
	// soakTurns is after how many requests a client takes a new connection, at most.
	soakTurns = 40
	// soakChurn is how often the configuration changes.
	soakChurn = time.Second
	// soakLook is how often it is looked at the heap.
	soakLook = 200 * time.Millisecond
	// soakRest is how long the gateway rests before it is looked at, in the long form:
	// longer than idle connections to backends are kept.
	soakRest = 140 * time.Second
	// soakTolerance is the part by which the figures may have grown in the end,
	// soakSlack how many goroutines and descriptors more there may be. In the short
	// form, which does not rest for that long, each client may have left a
	// connection to the backend behind.
	soakTolerance, soakSlack, soakShortSlack = 0.05, 6, soakClients
	// soakHeapSlack is by how much the heap may have grown beyond that: how full it
	// is depends on when it was collected.
	soakHeapSlack = 2 << 20
)

// soak is a gateway with clients that come and go.
type soak struct {
	*gateway
	rate           float64
	calls, failed  atomic.Int64
	configurations int
	last           atomic.Pointer[error]
}

// client calls at its part of the rate until the end, on connections that it
// changes.
func (s *soak) client(stop <-chan struct{}, rate float64) {
	every := time.Duration(float64(time.Second) / rate)
	var c *client
	left := 0
	next := time.Now().Add(rand.N(every))
	for {
		select {
		case <-stop:
			if c != nil {
				_ = c.Close()
			}
			return
		case <-time.After(time.Until(next)):
		}
		next = next.Add(every)
		if left == 0 {
			if c != nil {
				_ = c.Close()
			}
			c, left = nil, 1+rand.N(soakTurns)
		}
		left--
		var err error
		s.calls.Add(1)
		if c, err = s.callHonestly(c); err != nil {
			s.failed.Add(1)
			s.last.Store(&err)
			left = 0
		}
	}
}

// load runs the clients for a time, with changes of the configuration, and calls
// look now and then.
func (s *soak) load(t *testing.T, d time.Duration, look func()) {
	t.Helper()
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range soakClients {
		all.Go(func() { s.client(stop, s.rate/soakClients) })
	}
	changed := time.Now()
	for end := time.Now().Add(d); time.Now().Before(end); {
		pause(min(soakLook, time.Until(end)))
		look()
		if time.Since(changed) < soakChurn {
			continue
		}
		changed = changed.Add(soakChurn)
		s.configurations++
		write(t, filepath.Join(s.dir, "apis", "api-pass", "policy.xml"), policyOf(fmt.Sprintf(
			`<set-header name="X-Version" exists-action="override"><value>@("%d" + context.Request.Method)</value></set-header>`, s.configurations), ""))
	}
	close(stop)
	all.Wait()
}

// capacity measures how many requests a second the gateway answers.
func (s *soak) capacity(t *testing.T) float64 {
	t.Helper()
	measured := 500 * time.Millisecond
	if *soakFor > 0 {
		measured = 5 * time.Second
	}
	var calls atomic.Int64
	var all sync.WaitGroup
	begin := time.Now()
	for range soakClients {
		all.Go(func() {
			var c *client
			for time.Since(begin) < measured {
				var err error
				if c, err = s.callHonestly(c); err == nil {
					calls.Add(1)
				}
			}
			if c != nil {
				_ = c.Close()
			}
		})
	}
	all.Wait()
	return float64(calls.Load()) / measured.Seconds()
}

// rest lets a gateway without load come to rest and returns what it holds. The
// heap is the least that it was under load.
func (s *soak) rest(t *testing.T, d time.Duration, heap float64) figures {
	t.Helper()
	best := s.figures(t)
	for end := time.Now().Add(d); time.Now().Before(end); pause(250 * time.Millisecond) {
		now := s.figures(t)
		if now.goroutines < best.goroutines || now.descriptors < best.descriptors {
			best = now
		}
	}
	best.heap = heap
	return best
}

// trough is the least heap of a time under load: what is left after a
// collection.
type trough struct{ heap, resident float64 }

func (s *soak) look(t *testing.T, w *trough) {
	t.Helper()
	f := s.figures(t)
	if w.heap == 0 || f.heap < w.heap {
		w.heap = f.heap
	}
	w.resident = max(w.resident, f.resident)
}

// run soaks and returns the figures before and after. What leak does in between
// is to be found.
func (s *soak) run(t *testing.T, warm, d time.Duration, leak func()) (before, after figures) {
	t.Helper()
	var first, last trough
	s.load(t, warm, func() { s.look(t, &first) })
	settle := time.Second
	if *soakFor > 0 {
		settle = soakRest
	}
	before = s.rest(t, settle, first.heap)
	before.resident = first.resident
	report := time.Now()
	s.load(t, d-warm, func() {
		if time.Since(report) > time.Minute {
			report = time.Now()
			t.Logf("after %d calls and %d configurations: %v", s.calls.Load(), s.configurations, s.figures(t))
		}
	})
	leak()
	s.load(t, warm, func() { s.look(t, &last) })
	after = s.rest(t, settle, last.heap)
	after.resident = last.resident
	return before, after
}

// grown says what has grown too much.
func grown(before, after figures) (found []string) {
	check := func(what string, was, is, slack float64) {
		if is > was*(1+soakTolerance)+slack {
			found = append(found, fmt.Sprintf("%s: %.0f, then %.0f", what, was, is))
		}
	}
	check("goroutines", before.goroutines, after.goroutines, soakSlack)
	slack := soakShortSlack
	if *soakFor > 0 {
		slack = soakSlack
	}
	check("descriptors", before.descriptors, after.descriptors, float64(slack))
	check("bytes on the heap", before.heap, after.heap, soakHeapSlack)
	return found
}

func startSoak(t *testing.T) *soak {
	t.Helper()
	backend := origin(t)
	// The heap is collected often, so that what is left can be seen.
	s := &soak{gateway: start(t, options{apis: map[string]string{"pass": backend, "other": backend},
		environment: []string{"GOGC=20"}})}
	if s.rate = *rate; s.rate == 0 {
		s.rate = soakShare * s.capacity(t)
	}
	return s
}

// TestR33_Soak keeps a gateway busy while connections come and go and its
// configuration changes every second.
func TestR33_Soak(t *testing.T) {
	d := 5 * time.Second
	if *soakFor > 0 {
		d = *soakFor
	}
	s := startSoak(t)
	before, after := s.run(t, max(2*time.Second, d/10), d-max(2*time.Second, d/10), func() {})
	t.Logf("before: %v", before)
	t.Logf("after:  %v", after)
	if found := grown(before, after); len(found) > 0 {
		t.Errorf("it has grown by more than %.0f %%: %v", 100*soakTolerance, found)
	}
	if n := s.failed.Load(); n > 0 {
		t.Errorf("%d calls failed, at last with %v", n, *s.last.Load())
	}
	fmt.Printf("R33: %d of %d calls failed (0) in %v at %.0f a second with %d configurations; goroutines %.0f → %.0f, descriptors %.0f → %.0f, heap %.1f → %.1f MiB, resident %.1f → %.1f MiB (5 %%)\n",
		s.failed.Load(), s.calls.Load(), d, s.rate, s.configurations, before.goroutines, after.goroutines, before.descriptors, after.descriptors,
		before.heap/(1<<20), after.heap/(1<<20), before.resident/(1<<20), after.resident/(1<<20))
}

// TestR33_Soak_NegativeControl leaves connections behind, as a gateway would that
// forgot to close them.
func TestR33_Soak_NegativeControl(t *testing.T) {
	s := startSoak(t)
	var left []*client
	before, after := s.run(t, time.Second, 2*time.Second, func() {
		for range 50 {
			if c, err := s.dial(); err == nil {
				left = append(left, c)
			}
		}
	})
	for _, c := range left {
		_ = c.Close()
	}
	if len(grown(before, after)) == 0 {
		t.Errorf("50 connections that nobody closes are not found: %v, then %v", before, after)
	}
}
