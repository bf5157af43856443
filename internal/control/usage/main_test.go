package usage

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is the service of the tests.
const service = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/x"

// noon is when tests begin.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func newBook(tb testing.TB, l store.Ledger) (*Book, *clock.Fake) {
	tb.Helper()
	return newBookAt(l, noon)
}

func newBookAt(l store.Ledger, at time.Time) (*Book, *clock.Fake) {
	c := clock.NewFake(at)
	return New(Options{Ledger: l, Clock: c, Log: slog.New(slog.DiscardHandler)}), c
}

func memoryLedger(tb testing.TB) store.Ledger {
	tb.Helper()
	s := memory.New()
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// called is a row of n successful calls.
func called(api, subscription string, at time.Time, n int) usage.Row {
	r := usage.Row{Series: usage.Series{API: api, Operation: "get", Subscription: subscription}, Minute: at.Truncate(time.Minute)}
	for range n {
		r.Totals.Success++
		r.Totals.BytesOut += 10
		r.Totals.Whole.Observe(time.Duration(n) * time.Millisecond)
	}
	return r
}

func parcel(boot string, sequence uint64, rows ...usage.Row) *usage.Parcel {
	return &usage.Parcel{Version: usage.Version, Instance: "i", Boot: boot, Sequence: sequence, Region: "here", Rows: rows}
}

func (b *Book) must(tb testing.TB, p *usage.Parcel) {
	tb.Helper()
	if err := b.Take(tb.Context(), service, "managed", p); err != nil {
		tb.Fatal(err)
	}
}

// calls is the sum of all calls from one time up to another.
func calls(tb testing.TB, b *Book, from, to time.Time, interval time.Duration) (n uint64) {
	tb.Helper()
	for _, s := range sums(tb, b, Query{From: from, To: to, Interval: interval}) {
		n += s.Totals.Calls()
	}
	return n
}

func sums(tb testing.TB, b *Book, q Query) []Sum {
	tb.Helper()
	if q.By == nil {
		q.By = func(Names) Names { return Names{} }
	}
	list, err := b.Sums(tb.Context(), service, q)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// failing is a ledger whose posts fail, before or after they were made.
type failing struct {
	store.Ledger
	before, after bool
}

func (f *failing) Post(ctx context.Context, do func(store.LedgerTx) error) error {
	if f.before {
		return fmt.Errorf("posting: %w", store.ErrUnavailable)
	}
	err := f.Ledger.Post(ctx, do)
	if f.after && err == nil {
		return fmt.Errorf("posting: %w", store.ErrUncertain)
	}
	return err
}
