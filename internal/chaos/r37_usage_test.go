package chaos

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
	"github.com/sallyport/sallyport/internal/control/usage"
)

// servedService is the service of a process that was told no names.
const servedService = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sallyport/providers/Microsoft.ApiManagement/service/sallyport"

// TestR37_UsageIsRestored calls APIs, loses the machine and restores a backup on a
// bare one: reports have the calls, and go on with those that come.
func TestR37_UsageIsRestored(t *testing.T) {
	before, restored, after := usageAfterRestore(t, true)
	fmt.Printf("R37: %d calls were counted before the backup, %d are in reports after the restore, and %d with the calls after it (limit %d and %d)\n",
		before, restored, after, before, before+4)
	if before < 4 || restored != before || after != before+4 {
		t.Error("usage is not what it was")
	}
}

// TestR37_UsageIsRestored_NegativeControl restores a backup from before the calls.
func TestR37_UsageIsRestored_NegativeControl(t *testing.T) {
	if before, restored, _ := usageAfterRestore(t, false); before == 0 || restored != 0 {
		t.Errorf("%d of %d calls are there", restored, before)
	}
}

// usageAfterRestore is how many calls of the first API reports have before a backup,
// on a bare machine after its restore, and when the API was called four times there.
// counted says that the backup is taken after the calls.
func usageAfterRestore(t *testing.T, counted bool) (before, restored, after uint64) {
	t.Helper()
	b := newBare(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	defer http.DefaultClient.CloseIdleConnections()
	calls := func(data string) {
		t.Helper()
		end, err := b.serve(ctx, t, data, "/a0000/things7/x")
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			b.call(ctx, t, "/a0000/things7/x") // Some may be over the quota: they are counted too.
		}
		end()
	}
	calls(b.source)
	before = callsIn(t, b.source)
	if counted {
		b.take(t)
	}
	sallyport(t, "restore", b.backup, "--backup-key", b.key, "--data", b.data)
	restored = callsIn(t, b.data)
	calls(b.data)
	return before, restored, callsIn(t, b.data)
}

// callsIn is how many calls of the first API reports of an installation have, which
// does not run.
func callsIn(t *testing.T, data string) (n uint64) {
	t.Helper()
	st, err := sqlite.Open(t.Context(), filepath.Join(data, "store"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	b := usage.New(usage.Options{Ledger: st, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	now := time.Now()
	sums, err := b.Sums(t.Context(), servedService, usage.Query{From: now.Add(-24 * time.Hour), To: now.Add(time.Minute),
		Keep: func(n *usage.Names) bool { return n.API == "a0000" }, By: func(usage.Names) usage.Names { return usage.Names{} }})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sums {
		n += s.Totals.Calls()
	}
	return n
}
