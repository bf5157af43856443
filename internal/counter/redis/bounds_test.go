package redis_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/redis"
	"github.com/sallyport/sallyport/internal/redisconn"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

// TestMemoryIsBounded asks for many more counters than a store holds, with its
// server there and lost.
func TestMemoryIsBounded(t *testing.T) {
	const most = 640
	server := redistest.Start(t, redistest.Options{})
	settings, err := redisconn.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewFake(time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC))
	s, err := redis.New(redis.Options{Servers: settings, Service: fresh(), Clock: silent{c}, MaxRateKeys: most, MaxQuotaKeys: most})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for round := range 2 {
		for n := range 20 * most {
			key := strconv.Itoa(round) + "/" + strconv.Itoa(n)
			s.Rate("r", counter.Sharing{}).Take(key, perMinute, 1)
			if !s.Quota("q", counter.Sharing{}).Take(key, perHour, one).Allowed() {
				t.Fatalf("the first call of key %s is refused", key)
			}
			if n%(5*most) == 0 {
				s.Settle(t.Context())
			}
		}
		if got := s.Stats()[0].Keys; got > 2*most {
			t.Errorf("%d counters are known, the bound is %d", got, 2*most)
		}
		server.Kill()
	}
	if s.Stats()[0].Dropped == 0 {
		t.Error("no counter has found the queue full, which has a bound too")
	}
}

// TestEveryKeyExpires looks at all that is in the server.
func TestEveryKeyExpires(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	f := newFleetOf(t, server.URL(), 1)
	s := f.stores[0]
	s.Rate("r", counter.Sharing{}).Take("k", perMinute, 1)
	s.Quota("q", counter.Sharing{}).Take("k", perHour, one)
	s.Quota("q", counter.Sharing{}).Take("k", counter.QuotaLimit{Calls: 5, Bytes: 5}, one)
	s.Rate("r", counter.Sharing{Scope: counter.ScopeGlobal}).Take("k", perMinute, 1)
	f.settle(t)
	if list := s.List(counter.Filter{}); len(list) != 4 {
		t.Fatalf("%d counters, want 4: %v", len(list), list)
	}
	if !s.Set(counter.Reading{Kind: counter.KindQuota, Name: "q", Key: "k", Used: one}) {
		t.Error("the quota without end cannot be set")
	}
	keys, err := server.Do("KEYS", "*")
	if err != nil {
		t.Fatal(err)
	}
	list, _ := keys.([]any)
	if len(list) < 6 {
		t.Errorf("keys %v, want four counters and two of those present", list)
	}
	for _, key := range list {
		left, err := server.Do("PTTL", key)
		if n, ok := left.(int64); err != nil || !ok || n <= 0 {
			t.Errorf("%v expires in %v ms, %v", key, left, err)
		}
		if name, _ := key.(string); !strings.HasPrefix(name, "sallyport:{") {
			t.Errorf("%v has no hash tag", key)
		}
	}
}

// TestGatewayScopeIsNotShared takes counters that each gateway has for itself.
func TestGatewayScopeIsNotShared(t *testing.T) {
	f := newFleetOf(t, redistest.Start(t, redistest.Options{}).URL(), 2)
	alone := counter.Sharing{Scope: counter.ScopeGateway, WhenLost: counter.Closed}
	for n, s := range f.stores {
		for range 100 {
			s.Quota("q", alone).Take("k", perHour, one)
		}
		f.settle(t)
		if s.Quota("q", alone).Take("k", perHour, one).Allowed() {
			t.Errorf("gateway %d does not count for itself", n)
		}
		list := s.List(counter.Filter{})
		if len(list) != 1 || list[0].Scope != counter.ScopeGateway {
			t.Errorf("gateway %d lists %v", n, list)
		}
		if again := list[0]; !s.Set(counter.Reading{Kind: again.Kind, Scope: again.Scope, Name: again.Name, Key: again.Key, Period: again.Period}) {
			t.Errorf("gateway %d cannot reset it", n)
		}
		if !s.Quota("q", alone).Take("k", perHour, one).Allowed() {
			t.Errorf("gateway %d has not reset it", n)
		}
	}
}

// TestWindowsOfNoCalendar puts windows beside one that no calendar has.
func TestWindowsOfNoCalendar(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	f := newFleetOf(t, server.URL(), 2)
	f.stores[0].Quota("q", counter.Sharing{}).Take("k", perHour, one)
	f.settle(t)
	found, err := server.Do("KEYS", "*:q:*")
	keys, _ := found.([]any)
	if err != nil || len(keys) != 1 {
		t.Fatalf("the server has the keys %v, %v", found, err)
	}
	key, _ := keys[0].(string)
	for _, end := range []string{"9000000000000000000", "253402300800000", "-1"} {
		parts := strings.Split(key, ":") // …:q:PERIOD:END:NAME:KEY
		parts[len(parts)-3] = end
		if _, err := server.Do("COPY", key, strings.Join(parts, ":")); err != nil {
			t.Fatal(err)
		}
	}
	list := f.stores[1].List(counter.Filter{})
	if len(list) != 1 || list[0].End.Year() != 2026 {
		t.Errorf("got %v", list)
	}
}

func BenchmarkRateTake(b *testing.B) {
	for _, keys := range []int{1, 10_000} {
		b.Run("keys="+strconv.Itoa(keys), func(b *testing.B) {
			r := open(b, redistest.Start(b, redistest.Options{}).URL(), fresh(), nil).Rate("rate-limit/product/starter", counter.Sharing{})
			names := make([]string, keys)
			limit := counter.RateLimit{Calls: 1 << 40, Period: time.Minute}
			for i := range names {
				names[i] = "subscription-" + strconv.Itoa(i)
				r.Take(names[i], limit, 1)
			}
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					r.Take(names[i%keys], limit, 1)
				}
			})
		})
	}
}

// TestClusterThatLooksLikeOneServer connects to one node of a cluster as to a
// server alone. The slots of other nodes are not to be had, those of its own are.
func TestClusterThatLooksLikeOneServer(t *testing.T) {
	cluster := redistest.StartCluster(t, redistest.Options{})
	f := newFleetOf(t, cluster.Nodes[0].URL(), 1)
	r := f.stores[0].Rate("r", counter.Sharing{})
	for round := range 4 {
		for n := range 200 {
			r.Take(strconv.Itoa(n), perMinute, 1)
		}
		f.clock.Advance(time.Duration(round) * time.Second)
		f.stores[0].Settle(t.Context())
	}
	if got := f.stores[0].Stats()[0].Settled; got == 0 {
		t.Error("no counter was settled")
	}
}

// BenchmarkSettle measures what a settlement costs for each of its counters.
func BenchmarkSettle(b *testing.B) {
	const keys = 1000
	c := clock.NewFake(time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC))
	s := openWith(b, redistest.Start(b, redistest.Options{}).URL(), fresh(), silent{c}, c)
	r := s.Rate("rate-limit/product/starter", counter.Sharing{})
	names := make([]string, keys)
	for i := range names {
		names[i] = "subscription-" + strconv.Itoa(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Advance(3 * time.Second)
		for _, name := range names {
			r.Take(name, counter.RateLimit{Calls: 1 << 40, Period: time.Minute}, 1)
		}
		s.Settle(b.Context())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keys), "ns/counter")
}
