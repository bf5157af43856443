package redis_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/redis"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

const (
	// r16Limit is the most time that a failing cache may add, at the 99th percentile.
	r16Limit = 20 * time.Millisecond
	// r16Open is within which time look-ups must not be made any more.
	r16Open = time.Second
	// r16Fault is how long each fault lasts, and how often a flapping server changes
	// its mind four times.
	r16Fault = 1500 * time.Millisecond
	// r16Delay is how late a slow server answers.
	r16Delay = 500 * time.Millisecond
	// r16Callers look for something every millisecond each.
	r16Callers = 8
)

// r16Load looks up and stores until it is stopped, and keeps how long each took.
type r16Load struct {
	mu   sync.Mutex
	took []time.Duration
}

func (l *r16Load) run(ctx context.Context, values cache.Values) {
	var callers sync.WaitGroup
	for range r16Callers {
		callers.Go(func() {
			for ctx.Err() == nil {
				begin := time.Now()
				values.Get(context.Background(), "read")
				values.Set(context.Background(), "written", text("v"), time.Hour)
				took := time.Since(begin)
				l.mu.Lock()
				l.took = append(l.took, took)
				l.mu.Unlock()
				time.Sleep(time.Millisecond)
			}
		})
	}
	callers.Wait()
}

// p99 returns the 99th percentile since the last time.
func (l *r16Load) p99() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.took)
	p := l.took[len(l.took)*99/100]
	l.took = nil
	return p
}

// r16Faults are the ways in which a server fails.
func r16Faults(server *redistest.Server, p *redistest.Proxy) []struct {
	name       string
	begin, end func()
} {
	return []struct {
		name       string
		begin, end func()
	}{
		{"killed", server.Kill, server.Restart},
		{"black hole", func() { p.Set(redistest.Hole) }, func() { p.Set(redistest.None) }},
		{"slow by 500 ms", func() { p.Set(redistest.Slow) }, func() { p.Set(redistest.None) }},
		{"flapping", func() {
			for range 2 {
				server.Pause()
				time.Sleep(r16Fault / 4)
				server.Resume()
				time.Sleep(r16Fault / 4)
			}
		}, func() {}},
	}
}

// r16Measure makes a server fail in each way under load. It returns the worst
// percentile, and the longest that a fault went unnoticed, or that the server was
// not used again after it.
func r16Measure(t *testing.T, timeout time.Duration) (worst, opened, back time.Duration, leaked int) {
	t.Helper()
	server := redistest.Start(t, redistest.Options{})
	p := redistest.StartProxy(t, server.Address(), r16Delay)
	s := open(t, redis.Options{Settings: settings(t, p.URL()), Service: "contoso", GetTimeout: timeout})
	base := runtime.NumGoroutine()
	ctx, stop := context.WithCancel(t.Context())
	load, ended := &r16Load{}, make(chan struct{})
	go func() {
		defer close(ended)
		load.run(ctx, s.Pair().Values)
	}()
	time.Sleep(r16Fault / 5)
	usual := load.p99()
	for _, fault := range r16Faults(server, p) {
		began := time.Now()
		skipped := s.Stats().Skipped
		quick := make(chan time.Duration, 1)
		go func() {
			for s.Stats().Skipped == skipped && time.Since(began) < 2*r16Fault {
				time.Sleep(time.Millisecond)
			}
			quick <- time.Since(began)
		}()
		fault.begin()
		time.Sleep(r16Fault - min(time.Since(began), r16Fault))
		added := load.p99() - usual
		noticed := <-quick
		ends := time.Now()
		fault.end()
		for before := s.Stats(); s.Stats().Open || s.Stats().Misses == before.Misses; time.Sleep(time.Millisecond) {
			if time.Since(ends) > patient {
				t.Fatalf("%s: the server is not used again: %+v", fault.name, s.Stats())
			}
		}
		t.Logf("%s: added at p99 %v, noticed after %v, used again after %v", fault.name, added, noticed, time.Since(ends))
		worst, opened, back = max(worst, added), max(opened, noticed), max(back, time.Since(ends))
	}
	stop()
	<-ended
	p.Set(redistest.Refuse) // Its own goroutines end.
	for range 100 {
		if leaked = runtime.NumGoroutine() - base; leaked <= 5 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return worst, opened, back, leaked
}

// TestR16_FailingCache makes the server of the external cache fail in every way,
// while requests look things up and store them.
func TestR16_FailingCache(t *testing.T) {
	worst, opened, back, leaked := r16Measure(t, 0)
	t.Logf("R16: added at p99 %v (%v), not asked any more after %v (%v), asked again after %v (5 s), goroutines %+d (+5)",
		worst, r16Limit, opened, r16Open, back, leaked)
	if worst > r16Limit || opened > r16Open || back > 5*time.Second || leaked > 5 {
		t.Error("a failing cache costs requests more than it may")
	}
}

// TestR16_FailingCache_NegativeControl does the same with a time-out that is too
// long.
func TestR16_FailingCache_NegativeControl(t *testing.T) {
	worst, opened, _, _ := r16Measure(t, time.Second)
	if worst <= r16Limit && opened <= r16Open {
		t.Errorf("with a time-out of a second %v are added and the server is given up after %v: the test sees nothing", worst, opened)
	}
}
