package usage

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// TestRollUps compares sums over any range, by any interval, with those of the
// calls themselves: each resolution holds all calls, and parts neither overlap nor
// leave gaps.
func TestRollUps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := memory.New()
		defer func() { _ = s.Close() }()
		b, _ := newBookAt(s, noon)
		type call struct {
			at time.Time
			n  uint64
		}
		var all []call
		minute := rapid.IntRange(0, 7*24*60-1)
		for i := range rapid.IntRange(1, 12).Draw(t, "parcels") {
			var rows []usage.Row
			for range rapid.IntRange(1, 6).Draw(t, "rows") {
				at := noon.Add(-time.Duration(minute.Draw(t, "minute")) * time.Minute)
				n := rapid.IntRange(1, 5).Draw(t, "calls")
				rows = append(rows, called("echo", "s", at, n))
				all = append(all, call{at, uint64(n)})
			}
			if err := b.Take(t.Context(), service, "managed", parcel("a", uint64(i)+1, rows...)); err != nil {
				t.Fatal(err)
			}
		}
		// Hours and days of any length back; minutes are kept for two days.
		unit := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 24 * time.Hour}).Draw(t, "unit")
		end := noon.Truncate(unit)
		reach := map[time.Duration]int{time.Minute: 46 * 60, time.Hour: 7 * 24, 24 * time.Hour: 8}[unit]
		from := end.Add(-time.Duration(rapid.IntRange(0, reach).Draw(t, "from")) * unit)
		to := from.Add(time.Duration(rapid.IntRange(0, reach).Draw(t, "length")) * unit)
		var want uint64
		for _, c := range all {
			if at := c.at.Truncate(time.Minute); !at.Before(from) && at.Before(to) {
				want += c.n
			}
		}
		for _, interval := range []time.Duration{0, time.Minute, 15 * time.Minute, time.Hour, 24 * time.Hour} {
			list, err := b.Sums(t.Context(), service, Query{From: from, To: to, Interval: interval, By: func(n Names) Names { return n }})
			if err != nil {
				t.Fatal(err)
			}
			var got, steps uint64
			for _, s := range list {
				got += s.Totals.Calls()
				for _, n := range s.Totals.Whole.Histogram {
					steps += n
				}
			}
			if got != want || steps != want {
				t.Fatalf("from %s to %s by %s: %d calls, %d in histograms, want %d", from, to, interval, got, steps, want)
			}
		}
	})
	fmt.Println("usage: sums over any range are equal at each resolution, and to the calls (limit: no difference)")
}
