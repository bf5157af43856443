package usage

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestClassOf(t *testing.T) {
	tests := []struct {
		name   string
		status []int
		want   Class
	}{
		{"success", []int{101, 200, 204, 300, 301, 304, 307}, Success},
		{"blocked", []int{401, 403, 429}, Blocked},
		{"failed", []int{400, 500, 503, 599}, Failed},
		{"other", []int{0, 302, 303, 308, 404, 409, 499}, Other},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, status := range tt.status {
				if got := ClassOf(status); got != tt.want {
					t.Errorf("%d is of class %d, want %d", status, got, tt.want)
				}
			}
		})
	}
}

func TestSteps(t *testing.T) {
	for i := range Steps {
		if got := stepOf(stepFrom(i)); got != i {
			t.Errorf("the first of step %d is in step %d", i, got)
		}
		if i > 0 && stepOf(stepFrom(i)-1) != i-1 {
			t.Errorf("the one before step %d is in step %d", i, stepOf(stepFrom(i)-1))
		}
	}
	if stepOf(1<<62) != Steps-1 {
		t.Error("a long time is not in the last step")
	}
}

func TestQuantile(t *testing.T) {
	var l Latency
	for ms := 1; ms <= 1000; ms++ {
		l.Observe(time.Duration(ms) * time.Millisecond)
	}
	for share, want := range map[float64]float64{0.5: 500_000, 0.95: 950_000, 0.99: 990_000} {
		if got := l.Quantile(share); got < 0.9*want || got > 1.1*want {
			t.Errorf("%v: %v microseconds, want about %v", share, got, want)
		}
	}
	if got := l.Quantile(1); got != 1_000_000 {
		t.Errorf("all took at most %v", got)
	}
	if (&Latency{}).Quantile(0.95) != 0 || (&Latency{}).Mean() != 0 {
		t.Error("nothing took some time")
	}
	one := Latency{}
	one.Observe(1500 * time.Microsecond)
	if got := one.Quantile(0.95); got != 1500 {
		t.Errorf("one call took %v", got)
	}
}

func TestCollector(t *testing.T) {
	c := NewCollector()
	calls := []*Call{
		{Series: Series{API: "echo", Operation: "get", Product: "p", Subscription: "s", User: "u"}, Ended: noon, Status: 200,
			Duration: 3 * time.Millisecond, BackendDuration: 2 * time.Millisecond, Forwarded: true, BytesIn: 5, BytesOut: 7, Cached: CacheMiss},
		{Series: Series{API: "echo", Operation: "get", Product: "p", Subscription: "s", User: "u"}, Ended: noon.Add(59 * time.Second), Status: 200,
			Duration: time.Millisecond, Cached: CacheHit, BytesOut: 7},
		{Series: Series{API: "echo", Operation: "get"}, Ended: noon.Add(30 * time.Second), Status: 401},
		{Ended: noon.Add(time.Minute), Status: 404},
		{Series: Series{API: "echo", Operation: "get"}, Ended: noon.Add(time.Minute), Status: 500},
		{Series: Series{API: "echo", Operation: "get"}, Ended: noon.Add(time.Minute), Status: 0},
	}
	for _, call := range calls {
		c.Count(call)
	}
	rows := c.Drain()
	want := []Row{
		{Series: Series{API: "echo", Operation: "get"}, Minute: noon, Totals: Totals{Blocked: 1}},
		{Series: calls[0].Series, Minute: noon, Totals: Totals{Success: 2, CacheHits: 1, CacheMisses: 1, BytesIn: 5, BytesOut: 14}},
		{Minute: noon.Add(time.Minute), Totals: Totals{Other: 1}},
		{Series: Series{API: "echo", Operation: "get"}, Minute: noon.Add(time.Minute), Totals: Totals{Failed: 1, Other: 1}},
	}
	if diff := cmp.Diff(want, rows, cmpopts.IgnoreFields(Totals{}, "Whole", "Backend")); diff != "" {
		t.Error(diff)
	}
	if w, b := rows[1].Totals.Whole, rows[1].Totals.Backend; w.Count != 2 || w.Sum != 4000 || w.Min != 1000 || w.Max != 3000 || b.Count != 1 || b.Sum != 2000 {
		t.Errorf("the latency is %+v, %+v", w, b)
	}
	if again := c.Drain(); len(again) > 0 {
		t.Errorf("drained twice: %v", again)
	}
	var none *Collector
	none.Count(calls[0])
}

// TestCollectorTogether counts on many goroutines while others drain: each call is
// in one drain, in its minute.
func TestCollectorTogether(t *testing.T) {
	const workers, each = 8, 5000
	c := NewCollector()
	got := map[int64]uint64{}
	take := func() {
		for _, r := range c.Drain() {
			got[r.Minute.Unix()] += r.Totals.Calls()
		}
	}
	var counting sync.WaitGroup
	for w := range workers {
		counting.Go(func() {
			for i := range each {
				c.Count(callOf(fmt.Sprint(i%50), noon.Add(time.Duration(w*each+i)*time.Millisecond)))
			}
		})
	}
	done := make(chan struct{})
	go func() { counting.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		take()
	}
	take()
	var sum uint64
	for _, n := range got {
		sum += n
	}
	if sum != workers*each {
		t.Errorf("%d calls, want %d", sum, workers*each)
	}
}

// TestOverflow has more series than are told apart.
func TestOverflow(t *testing.T) {
	c := NewCollector()
	c.limit = 10
	for i := range 100 {
		c.Count(callOf(fmt.Sprint("api-", i), noon))
	}
	rows := c.Drain()
	var sum, over uint64
	for _, r := range rows {
		sum += r.Totals.Calls()
		if r.API == Overflow {
			over = r.Totals.Calls()
		}
	}
	if sum != 100 || over != 90 || len(rows) != 11 || c.Overflowed() != 90 {
		t.Errorf("%d rows with %d calls, %d of them over the limit, %d told", len(rows), sum, over, c.Overflowed())
	}
}

// TestCollector_Allocations has the next minute allocate nothing.
func TestCollector_Allocations(t *testing.T) {
	c := NewCollector()
	calls := make([]*Call, 100)
	for i := range calls {
		calls[i] = callOf(fmt.Sprint("api-", i), noon)
	}
	at := noon
	minute := func() {
		at = at.Add(time.Minute)
		for _, call := range calls {
			call.Ended = at
			c.Count(call)
		}
	}
	for range 20 {
		minute()
		c.Drain()
	}
	if got := testing.AllocsPerRun(100, func() {
		for _, call := range calls {
			c.Count(call)
		}
	}); got > 0 {
		t.Errorf("%v allocations for %d calls", got, len(calls))
	}
}
