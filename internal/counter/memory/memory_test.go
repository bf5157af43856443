package memory_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/countertest"
	"github.com/sallyport/sallyport/internal/counter/memory"
)

var (
	start  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	minute = counter.RateLimit{Calls: 1, Period: time.Minute}
	hour   = counter.QuotaLimit{Calls: 1, Bytes: counter.Unlimited, Period: time.Hour}
)

func TestConformance(t *testing.T) {
	countertest.Run(t, func(_ *testing.T, c clock.Clock) counter.Store {
		return memory.New(memory.Options{Clock: c})
	})
}

func TestConformanceAtSmallestSize(t *testing.T) {
	countertest.Run(t, func(_ *testing.T, c clock.Clock) counter.Store {
		return memory.New(memory.Options{
			Clock: c, MaxRateKeys: 2 * countertest.MinKeys, MaxQuotaKeys: 2 * countertest.MinKeys,
		})
	})
}

func TestFullStoreForgetsWhatIsNotUsed(t *testing.T) {
	const keys = 16
	c := clock.NewFake(start)
	s := memory.New(memory.Options{Clock: c, MaxRateKeys: keys, MaxQuotaKeys: keys})
	r, q := s.Rate("n", counter.Sharing{}), s.Quota("n", counter.Sharing{})
	for i := range 10 * keys {
		key := "k" + strconv.Itoa(i)
		if !r.Take(key, minute, 1).Allowed || !q.Take(key, hour, counter.Usage{Calls: 1}).Allowed() {
			t.Fatalf("key %d was refused at its first call", i)
		}
		if r.Take("k0", minute, 1).Allowed && i > 0 {
			t.Fatalf("a key that is in use was forgotten at key %d", i)
		}
	}
	st := s.Stats()
	want := memory.Stats{RateKeys: keys, QuotaKeys: keys, EvictedRates: 9 * keys, EvictedQuotas: 9 * keys}
	if st != want {
		t.Errorf("Stats = %+v, want %+v", st, want)
	}
}

func TestExpiredKeysMakeRoom(t *testing.T) {
	c := clock.NewFake(start)
	s := memory.New(memory.Options{Clock: c})
	r, q := s.Rate("n", counter.Sharing{}), s.Quota("n", counter.Sharing{})
	const batch = 2000
	for i := range 10 * batch {
		if i%batch == 0 {
			c.Advance(2 * time.Hour)
		}
		key := strconv.Itoa(i)
		r.Take(key, minute, 1)
		q.Take(key, hour, counter.Usage{Calls: 1})
	}
	st := s.Stats()
	if st.EvictedRates != 0 || st.EvictedQuotas != 0 {
		t.Errorf("Stats = %+v, want no evictions", st)
	}
	if limit := 2*batch + 200; st.RateKeys > limit || st.QuotaKeys > limit {
		t.Errorf("Stats = %+v, want at most %d keys of %d alive", st, limit, batch)
	}
}

func TestManyCallsAllocateNothing(t *testing.T) {
	s := memory.New(memory.Options{})
	r, q := s.Rate("n", counter.Sharing{}), s.Quota("n", counter.Sharing{})
	limit := counter.RateLimit{Calls: 1 << 40, Period: 300 * time.Second}
	quotaLimit := counter.QuotaLimit{Calls: 1 << 40, Bytes: 1 << 40, Period: time.Hour}
	for name, f := range map[string]func(){
		"rate take":    func() { r.Take("key", limit, 1) },
		"rate peek":    func() { r.Peek("key", limit, 1) },
		"rate refused": func() { r.Take("key", counter.RateLimit{Period: limit.Period}, 1) },
		"rate add":     func() { r.Add("key", limit, 1) },
		"quota take":   func() { q.Take("key", quotaLimit, counter.Usage{Calls: 1}) },
		"quota add":    func() { q.Add("key", quotaLimit, counter.Usage{Bytes: 100}) },
	} {
		f()
		if got := testing.AllocsPerRun(100, f); got != 0 {
			t.Errorf("%s allocates %v times, want 0", name, got)
		}
	}
}

func BenchmarkRateTake(b *testing.B) {
	for _, keys := range []int{1, 1000, 50_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			r := memory.New(memory.Options{}).Rate("rate-limit/product/starter", counter.Sharing{})
			names := make([]string, keys)
			limit := counter.RateLimit{Calls: 1 << 40, Period: time.Minute}
			for i := range names {
				names[i] = "subscription-" + strconv.Itoa(i)
				r.Take(names[i], limit, 1)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					r.Take(names[i%keys], limit, 1)
				}
			})
		})
	}
}

func BenchmarkQuotaTake(b *testing.B) {
	q := memory.New(memory.Options{}).Quota("quota/product/starter", counter.Sharing{})
	limit := counter.QuotaLimit{Calls: 1 << 40, Bytes: 1 << 40, Period: time.Hour}
	b.ReportAllocs()
	for b.Loop() {
		q.Take("subscription", limit, counter.Usage{Calls: 1})
	}
}
