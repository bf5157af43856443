package redis_test

import (
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/redis"
	"github.com/sallyport/sallyport/internal/redisconn"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

var (
	closed     = counter.Sharing{WhenLost: counter.Closed}
	perMinute  = counter.RateLimit{Calls: 100, Period: time.Minute}
	perHour    = counter.QuotaLimit{Calls: 100, Bytes: counter.Unlimited, Period: time.Hour}
	one        = counter.Usage{Calls: 1}
	everything = 1000
)

// settle has all gateways settle so often that each knows what all have of the
// counters with some names, as gateways do that are asked for them.
func (f *fleet) settle(t *testing.T, names ...string) {
	t.Helper()
	for range 3 {
		f.clock.Advance(3 * time.Second) // Leases that rest are settled by then.
		for _, s := range f.stores {
			for _, name := range names {
				s.Rate(name, counter.Sharing{}).Peek("k", perMinute, 1)
				s.Quota(name, counter.Sharing{}).Peek("k", perHour, one)
			}
			s.Settle(t.Context())
		}
	}
}

// lose has the gateways find that their server is away.
func (f *fleet) lose(t *testing.T) {
	t.Helper()
	for range redisconn.BreakerFailures {
		f.clock.Advance(redisconn.BreakerProbe)
		for n, s := range f.stores {
			s.Rate("probe", counter.Sharing{}).Take("k", perMinute, 1)
			s.Settle(t.Context())
			if state := s.Stats()[0]; !state.Lost && n == 0 {
				continue
			}
		}
	}
	for n, s := range f.stores {
		if !s.Stats()[0].Lost {
			t.Fatalf("gateway %d does not know that the server is lost", n)
		}
	}
}

// find has the gateways find that their server is back, and each other. The
// client of Redis looks for a server by a clock of its own.
func (f *fleet) find(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		f.clock.Advance(time.Second)
		f.settle(t)
		found := true
		for _, s := range f.stores {
			state := s.Stats()[0]
			found = found && !state.Lost && state.Gateways == int64(len(f.stores))
		}
		if found {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the gateways do not find their server and each other: %+v", f.stores[0].Stats()[0])
		}
	}
}

// rates takes calls until one is refused, and returns how many were allowed.
func rates(s *redis.Store, name string) (n int) {
	for n < everything && s.Rate(name, counter.Sharing{}).Take("k", perMinute, 1).Allowed {
		n++
	}
	return n
}

func quotas(s *redis.Store, name string) (n int) {
	for n < everything && s.Quota(name, counter.Sharing{}).Take("k", perHour, one).Allowed() {
		n++
	}
	return n
}

// startFleet returns gateways that know of each other.
func startFleet(t *testing.T, url string, size int) *fleet {
	t.Helper()
	f := newFleetOf(t, url, size)
	for _, s := range f.stores {
		s.Rate("probe", counter.Sharing{}).Peek("k", perMinute, 1)
	}
	f.find(t)
	return f
}

func TestLostLimitsThatAreOpenCountTheirShare(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	f := startFleet(t, server.URL(), 4)
	for range 40 {
		f.stores[0].Quota("used", counter.Sharing{}).Take("k", perHour, one)
		f.stores[1].Quota("used", counter.Sharing{}).Take("k", perHour, one)
	}
	f.stores[2].Quota("used", counter.Sharing{}).Take("k", perHour, one)
	f.settle(t, "used")
	server.Kill()
	f.lose(t)
	for n, s := range f.stores {
		if got := rates(s, "fresh"); got != 25 {
			t.Errorf("gateway %d allowed %d calls of a rate limit of 100, want its share, 25", n, got)
		}
		if got := quotas(s, "fresh"); got != 25 {
			t.Errorf("gateway %d allowed %d calls of a quota of 100, want its share, 25", n, got)
		}
		if d := s.Rate("small", counter.Sharing{}).Take("k", counter.RateLimit{Calls: 2, Period: time.Minute}, 1); !d.Allowed {
			t.Errorf("gateway %d refuses the first call of a small limit: %+v", n, d)
		}
	}
	// 81 are used: each has a share of the 19 that are left, also who used most.
	for n := range 3 {
		if got := quotas(f.stores[n], "used"); got != 4 {
			t.Errorf("gateway %d allowed %d more calls of a quota with 19 left, want 4", n, got)
		}
	}
}

func TestLostLimitsThatAreClosedAreUnavailable(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	f := startFleet(t, server.URL(), 1)
	s := f.stores[0]
	r, q := s.Rate("r", closed), s.Quota("q", closed)
	if !r.Take("k", perMinute, 1).Allowed || !q.Take("k", perHour, one).Allowed() {
		t.Fatal("a limit is not available while its server is there")
	}
	server.Kill()
	f.lose(t)
	for _, d := range []counter.RateDecision{r.Take("k", perMinute, 1), r.Peek("k", perMinute, 1)} {
		if !d.Unavailable || d.Allowed || d.RetryAfter <= 0 || d.RetryAfter > time.Second {
			t.Errorf("rate limit: %+v, want it to be unavailable for up to a second", d)
		}
	}
	for _, d := range []counter.QuotaDecision{q.Take("k", perHour, one), q.Peek("k", perHour, one)} {
		if !d.Unavailable || d.Allowed() || d.Exceeded != counter.ExceededNothing || d.ResetAfter <= 0 {
			t.Errorf("quota: %+v, want it to be unavailable and not exceeded", d)
		}
	}
	server.Restart()
	f.find(t)
	if !r.Take("k", perMinute, 1).Allowed || !q.Take("k", perHour, one).Allowed() {
		t.Error("a limit is not available when its server is back")
	}
}

func TestClosedLimitsAwaitTheFirstAnswer(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	server.Kill()
	f := newFleetOf(t, server.URL(), 1)
	if d := f.stores[0].Rate("r", closed).Take("k", perMinute, 1); !d.Unavailable {
		t.Errorf("%+v from a store that has not reached its server", d)
	}
	if got := rates(f.stores[0], "open"); got != 100 {
		t.Errorf("%d calls of a limit of 100, want all for a gateway that knows of no other", got)
	}
}

func TestServerComesBackEmpty(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	f := startFleet(t, server.URL(), 2)
	for n := range 30 {
		f.stores[n%2].Quota("q", counter.Sharing{}).Take("k", perHour, one)
	}
	f.settle(t, "q")
	server.Kill()
	f.lose(t)
	for n := range 4 { // Counted while nobody can be told.
		f.stores[n%2].Quota("q", counter.Sharing{}).Take("k", perHour, one)
	}
	server.Restart()
	f.find(t)
	f.settle(t, "q")
	for n, s := range f.stores {
		if got := s.Quota("q", counter.Sharing{}).Peek("k", perHour, counter.Usage{}).Remaining.Calls; got != 66 {
			t.Errorf("gateway %d has %d calls left, want 66 of 100", n, got)
		}
	}
	next := newFleetOf(t, server.URL(), 1).stores[0]
	if list := next.List(counter.Filter{}); len(list) != 0 {
		t.Errorf("another service sees %v", list)
	}
}

func TestGatewaysKnowOfASet(t *testing.T) {
	f := startFleet(t, redistest.Start(t, redistest.Options{}).URL(), 2)
	a, b := f.stores[0], f.stores[1]
	rates(a, "r")
	quotas(b, "q")
	f.settle(t, "r", "q")
	if got := rates(b, "r") + quotas(a, "q"); got != 0 {
		t.Fatalf("%d calls allowed beyond limits that others have used", got)
	}
	for _, r := range a.List(counter.Filter{Key: "k"}) {
		if r.Name == "r" || r.Name == "q" {
			r.Used = counter.Usage{Calls: 60}
			if !b.Set(r) {
				t.Errorf("%s could not be set", r.Name)
			}
		}
	}
	f.settle(t, "r", "q")
	if got := rates(a, "r"); got != 40 {
		t.Errorf("%d calls of the rate limit, want 40 after it was set to 60 of 100", got)
	}
	if got := quotas(a, "q"); got != 40 {
		t.Errorf("%d calls of the quota, want 40 after it was set to 60 of 100", got)
	}
	f.settle(t, "r", "q")
	if got := rates(b, "r") + quotas(b, "q"); got != 0 {
		t.Errorf("%d calls of limits that are used up again", got)
	}
}

// TestRestartedGatewayKnowsWhatItUsed ends a gateway and starts another.
func TestRestartedGatewayKnowsWhatItUsed(t *testing.T) {
	url, service := redistest.Start(t, redistest.Options{}).URL(), fresh()
	first := open(t, url, service, nil)
	for range 70 {
		first.Quota("q", counter.Sharing{}).Take("k", perHour, one)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, url, service, nil)
	second.Quota("q", counter.Sharing{}).Peek("k", perHour, one)
	second.Settle(t.Context())
	second.Quota("q", counter.Sharing{}).Peek("k", perHour, one)
	second.Settle(t.Context())
	if got := quotas(second, "q"); got != 30 {
		t.Errorf("%d calls after a restart, want the 30 that are left of 100", got)
	}
}

// TestLostAnswersAreNotCountedTwice settles through a proxy that loses answers:
// the server has counted what it was sent, and is sent it again.
func TestLostAnswersAreNotCountedTwice(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	proxy := redistest.StartProxy(t, server.Address(), 0)
	f := startFleet(t, proxy.URL(), 1)
	s := f.stores[0]
	for range 10 {
		s.Rate("r", counter.Sharing{}).Take("k", perMinute, 1)
		s.Quota("q", counter.Sharing{}).Take("k", perHour, one)
	}
	f.settle(t)
	proxy.Set(redistest.Deaf)
	for range 2 {
		f.clock.Advance(3 * time.Second)
		s.Rate("r", counter.Sharing{}).Take("k", perMinute, 1)
		s.Quota("q", counter.Sharing{}).Take("k", perHour, one)
		s.Settle(t.Context())
	}
	proxy.Set(redistest.None)
	f.find(t)
	s.Rate("r", counter.Sharing{}).Peek("k", perMinute, 1)
	s.Quota("q", counter.Sharing{}).Peek("k", perHour, one)
	f.settle(t)
	if got := rates(s, "r"); got != 88 {
		t.Errorf("%d calls of the rate limit are left, want 88 of 100", got)
	}
	if got := quotas(s, "q"); got != 88 {
		t.Errorf("%d calls of the quota are left, want 88 of 100", got)
	}
}

// TestServerComesBackOlder makes a server forget the last that it was told, as a
// replica has not heard of it that becomes the primary.
func TestServerComesBackOlder(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	f := startFleet(t, server.URL(), 1)
	s := f.stores[0]
	take := func(n int) {
		for range n {
			s.Quota("q", counter.Sharing{}).Take("k", perHour, one)
		}
		f.settle(t, "q")
	}
	take(10)
	found, err := server.Do("KEYS", "*:q:*")
	keys, _ := found.([]any)
	if err != nil || len(keys) != 1 {
		t.Fatalf("the server has the keys %v, %v", found, err)
	}
	older, _ := keys[0].(string)
	move := func(from, to string) {
		if _, err := server.Do("COPY", from, to, "REPLACE"); err != nil {
			t.Fatal(err)
		}
	}
	move(older, older+"older")
	take(10)
	move(older+"older", older)
	take(1)
	if got := quotas(s, "q"); got != 79 {
		t.Errorf("%d calls of the quota are left, want 79 of 100", got)
	}
}

// TestNotLostWhileNothingIsAsked keeps quiet about the server of a scope that no
// limit has: an alert on it would never end.
func TestNotLostWhileNothingIsAsked(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	f := startFleet(t, server.URL(), 1)
	if state := f.stores[0].Stats()[1]; state.Scope != counter.ScopeGlobal || state.Lost {
		t.Errorf("the server of a scope that is not in use is said to be lost: %+v", state)
	}
}
