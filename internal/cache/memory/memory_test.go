package memory_test

import (
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/cachetest"
	"github.com/sallyport/sallyport/internal/cache/memory"
	"github.com/sallyport/sallyport/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newCache[E cache.Entry](tb testing.TB, o memory.Options) *memory.Cache[E] {
	tb.Helper()
	c, err := memory.New[E](o)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestConformance(t *testing.T) {
	t.Run("responses", func(t *testing.T) {
		cachetest.RunResponses(t, func(t *testing.T, c clock.Clock) cache.Responses {
			t.Helper()
			return newCache[*cache.Response](t, memory.Options{Clock: c})
		})
	})
	t.Run("values", func(t *testing.T) {
		cachetest.RunValues(t, func(t *testing.T, c clock.Clock) cache.Values {
			t.Helper()
			return newCache[cache.Value](t, memory.Options{Clock: c, MaxBytes: cachetest.MinBytes})
		})
	})
}

// TestPoolIsShared fills a pool through both of its caches: they do not see each
// other's entries, and their bytes count together.
func TestPoolIsShared(t *testing.T) {
	const limit = 1 << 20
	pool, err := memory.NewPool(memory.Options{Clock: clock.NewFake(time.Unix(0, 0)), MaxBytes: limit})
	if err != nil {
		t.Fatal(err)
	}
	pair := pool.Pair()
	pair.Values.Set(t.Context(), "k", cache.Value{Type: "System.String"}, time.Hour)
	if _, ok := pair.Responses.Get(t.Context(), "k"); ok {
		t.Error("a value was found among the responses")
	}
	for i := range 1000 {
		key := strconv.Itoa(i)
		pair.Values.Set(t.Context(), key, cache.Value{Data: make([]byte, 10_000)}, time.Hour)
		pair.Responses.Set(t.Context(), key, &cache.Response{Status: 200, Body: make([]byte, 10_000)}, time.Hour)
		if got := pool.Stats().Bytes; got > limit {
			t.Fatalf("%d bytes after %d entries, limit %d", got, 2*(i+1), limit)
		}
	}
	if s := pool.Stats(); s.Entries < 90 || s.Evictions < 1800 {
		t.Errorf("Stats = %+v, want about 100 entries of 2000", s)
	}
}

func TestBoundHolds(t *testing.T) {
	const limit = 1 << 20
	c := newCache[cache.Value](t, memory.Options{Clock: clock.NewFake(time.Unix(0, 0)), MaxBytes: limit})
	v := cache.Value{Type: "System.Byte[]", Data: make([]byte, 10_000)}
	for i := range 1000 {
		c.Set(t.Context(), strconv.Itoa(i), v, time.Hour)
		if got := c.Stats().Bytes; got > limit {
			t.Fatalf("%d bytes after %d entries, limit %d", got, i+1, limit)
		}
	}
	if s := c.Stats(); s.Entries < 90 || s.Evictions < 890 {
		t.Errorf("Stats = %+v, want about 100 entries of 1000", s)
	}
}

func TestExpiredEntriesAreRemovedByWrites(t *testing.T) {
	clk := clock.NewFake(time.Unix(0, 0))
	c := newCache[cache.Value](t, memory.Options{Clock: clk})
	for i := range 1000 {
		c.Set(t.Context(), strconv.Itoa(i), cache.Value{}, time.Second)
	}
	clk.Advance(time.Hour)
	c.Set(t.Context(), "new", cache.Value{}, time.Second)
	if s := c.Stats(); s.Entries != 1 {
		t.Errorf("%d entries, want the new one only", s.Entries)
	}
}

func TestStatsCount(t *testing.T) {
	c := newCache[cache.Value](t, memory.Options{})
	c.Set(t.Context(), "k", cache.Value{}, time.Hour)
	c.Get(t.Context(), "k")
	c.Get(t.Context(), "k")
	c.Get(t.Context(), "none")
	if s := c.Stats(); s.Hits != 2 || s.Misses != 1 || s.Entries != 1 {
		t.Errorf("Stats = %+v, want 2 hits, 1 miss, 1 entry", s)
	}
}

func TestGetAllocatesNothing(t *testing.T) {
	c := newCache[*cache.Response](t, memory.Options{})
	c.Set(t.Context(), "k", &cache.Response{}, time.Hour)
	ctx := t.Context()
	if got := testing.AllocsPerRun(1000, func() { c.Get(ctx, "k") }); got != 0 {
		t.Errorf("Get allocates %v times, want 0", got)
	}
}

func BenchmarkGet(b *testing.B) {
	c := newCache[*cache.Response](b, memory.Options{})
	c.Set(b.Context(), "k", &cache.Response{}, time.Hour)
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.Get(ctx, "k")
		}
	})
}
