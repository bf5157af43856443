package backup

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	counted "github.com/sallyport/sallyport/internal/telemetry/usage"
)

// countMany lets gateways send parcels of many series over some minutes, until
// there are about so many accounts.
func (w *world) countMany(t *testing.T, accounts int) {
	t.Helper()
	series := accounts / 12 // Of each ten minutes, an hour and a day.
	for minute := range 10 {
		for first := 0; first < series; first += counted.MaxParcelSeries {
			p := &counted.Parcel{Version: counted.Version, Instance: "i", Boot: fmt.Sprint("b", first), Sequence: uint64(minute + 1), Region: "north"}
			for i := first; i < min(first+counted.MaxParcelSeries, series); i++ {
				row := counted.Row{
					Series: counted.Series{API: fmt.Sprint("api-", i%50), Operation: fmt.Sprint("operation-", i%400), Product: "starter",
						Subscription: fmt.Sprint("subscription-", i%1000), User: fmt.Sprint("user-", i%700)},
					Minute: noon.Add(time.Duration(minute) * time.Minute),
				}
				for call := range 5 {
					row.Totals.Success++
					row.Totals.BytesOut += uint64(1000 * call)
					row.Totals.Whole.Observe(time.Duration(i*call%9000) * 100 * time.Microsecond)
					row.Totals.Backend.Observe(time.Duration(i*call%7000) * 100 * time.Microsecond)
				}
				p.Rows = append(p.Rows, row)
			}
			w.take(t, p)
		}
	}
}

// TestUsageInConstantMemory takes, verifies and restores the usage of many series,
// and says how long it is and how long it takes: of twice as much nothing needs more
// memory.
func TestUsageInConstantMemory(t *testing.T) {
	const limit = 24 << 20
	for _, accounts := range []int{size(6000, 60_000), size(12_000, 120_000)} {
		for _, d := range databases[1:] {
			w := newWorld(t, d.fresh(t))
			begun := time.Now()
			w.countMany(t, accounts)
			counting := time.Since(begun)
			key, keys := backupKey(t)
			file := filepath.Join(t.TempDir(), "archive")
			most := uint64(0)
			timed := func(f func(progress func(Progress)) error) time.Duration {
				t.Helper()
				begun := time.Now()
				if err := f(nil); err != nil {
					t.Fatal(err)
				}
				took := time.Since(begun).Round(time.Millisecond)
				most = max(most, heap(func(progress func(Progress)) {
					if err := f(progress); err != nil {
						t.Fatal(err)
					}
				}))
				return took
			}
			var summary Summary
			taking := timed(func(progress func(Progress)) error {
				f, err := os.Create(filepath.Clean(file))
				if err != nil {
					return err
				}
				defer func() { _ = f.Close() }() // What was not written is found when it is read.
				summary, err = Take(t.Context(), w.source(), f, TakeOptions{Key: key, Progress: progress})
				return err
			})
			verifying := timed(func(progress func(Progress)) error {
				_, err := Verify(t.Context(), ofFile(keys, file), VerifyOptions{Clock: w.clock, Progress: progress})
				return err
			})
			to := newWorld(t, d.fresh(t))
			restoring := timed(func(progress func(Progress)) error {
				_, err := Restore(t.Context(), ofFile(keys, file), to.target(), RestoreOptions{By: somebody, Progress: progress})
				return err
			})
			n := int64(summary.Trailer.Counts.Accounts)
			fmt.Printf("usage on %s: %d accounts counted in %v; taken in %v, verified in %v, restored in %v; %d bytes each in the archive; "+
				"with at most %d KiB (limit %d KiB)\n", d.name, n, counting.Round(time.Millisecond), taking, verifying, restoring, summary.Bytes/n, most>>10, limit>>10)
			if most > limit {
				t.Errorf("%d accounts need %d KiB", n, most>>10)
			}
		}
	}
}
