package memory_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/memory"
)

const (
	floodLimit = 32 << 20
	// floodShare is how much more memory than the bound a pool may take, in percent:
	// what the runtime rounds sizes up to.
	floodShare = 25
)

// flood stores many responses under keys that differ, and returns how many bytes of
// memory they take at most.
func flood(t *testing.T, limit int64) uint64 {
	t.Helper()
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	pool, err := memory.NewPool(memory.Options{MaxBytes: limit})
	if err != nil {
		t.Fatal(err)
	}
	responses, most := pool.Pair().Responses, uint64(0)
	for i := range 20_000 {
		key := strings.Repeat("k", 100) + time.Duration(i).String()
		size := []int{0, 100, 1000, 20_000}[i%4]
		responses.Set(t.Context(), key, &cache.Response{
			Status: 200, Body: make([]byte, size), Header: []cache.Field{{Name: strings.Clone("Content-Type"), Value: strings.Clone("text/plain")}},
		}, time.Hour)
		if i%4000 == 3999 {
			most = max(most, heap()-min(before, heap()))
		}
	}
	runtime.KeepAlive(pool)
	return most
}

// TestFloodOfKeys floods a pool with keys that differ: what the process holds stays
// at the bound, and not only what the pool counts.
func TestFloodOfKeys(t *testing.T) {
	got := flood(t, floodLimit)
	t.Logf("a flood of keys takes %d bytes (%d)", got, uint64(floodLimit*(100+floodShare)/100))
	if got > floodLimit*(100+floodShare)/100 {
		t.Errorf("%d bytes are held, the bound is %d", got, uint64(floodLimit))
	}
	if unbounded := flood(t, 1<<40); unbounded < 2*floodLimit {
		t.Errorf("without the bound only %d bytes are held: the test sees nothing", unbounded)
	}
}
