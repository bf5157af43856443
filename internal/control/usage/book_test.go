package usage

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

func TestTake(t *testing.T) {
	tests := []struct {
		name    string
		parcels []*usage.Parcel
		want    uint64
	}{
		{"one", []*usage.Parcel{parcel("a", 1, called("echo", "s", noon, 3))}, 3},
		{"the same twice", []*usage.Parcel{parcel("a", 1, called("echo", "s", noon, 3)), parcel("a", 1, called("echo", "s", noon, 3))}, 3},
		{"one that comes late", []*usage.Parcel{
			parcel("a", 1, called("echo", "s", noon, 3)), parcel("a", 2, called("echo", "s", noon, 4)), parcel("a", 1, called("echo", "s", noon, 3)),
		}, 7},
		{"after one that was dropped", []*usage.Parcel{parcel("a", 1, called("echo", "s", noon, 3)), parcel("a", 5, called("echo", "s", noon, 4))}, 7},
		{"of two runs", []*usage.Parcel{parcel("a", 1, called("echo", "s", noon, 3)), parcel("b", 1, called("echo", "s", noon, 4))}, 7},
		{"of a clock that is ahead", []*usage.Parcel{parcel("a", 1, called("echo", "s", noon.AddDate(70, 0, 0), 3))}, 3},
		{"of a clock that stands in 1970", []*usage.Parcel{parcel("a", 1, called("echo", "s", time.Unix(0, 0), 3))}, 3},
		{"of nothing", []*usage.Parcel{parcel("a", 1)}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, _ := newBook(t, memoryLedger(t))
			for _, p := range tt.parcels {
				b.must(t, p)
			}
			for _, interval := range []time.Duration{0, time.Minute, time.Hour, 24 * time.Hour} {
				if got := calls(t, b, noon.Add(-time.Hour), noon.Add(time.Hour), interval); got != tt.want {
					t.Errorf("by %s: %d calls, want %d", interval, got, tt.want)
				}
			}
		})
	}
}

// TestTakeUncertain sends a parcel again whose fate is not known.
func TestTakeUncertain(t *testing.T) {
	l := &failing{Ledger: memoryLedger(t), before: true}
	b, _ := newBook(t, l)
	p := parcel("a", 1, called("echo", "s", noon, 3))
	if err := b.Take(t.Context(), service, "managed", p); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the error is %v", err)
	}
	l.before, l.after = false, true
	if err := b.Take(t.Context(), service, "managed", p); !errors.Is(err, store.ErrUncertain) {
		t.Errorf("the error is %v", err)
	}
	l.after = false
	b.must(t, p)
	if got := calls(t, b, noon, noon.Add(time.Minute), 0); got != 3 {
		t.Errorf("%d calls, want 3", got)
	}
}

func TestSums(t *testing.T) {
	b, c := newBook(t, memoryLedger(t))
	b.must(t, parcel("a", 1,
		called("echo", "one", noon, 1), called("echo;rev=2", "one", noon, 1), called("echo", "two", noon.Add(time.Minute), 2),
		called("orders", "one", noon.Add(16*time.Minute), 4), called("", "", noon, 8),
	))
	c.Advance(time.Hour)
	all := Query{From: noon.Add(-time.Hour), To: noon.Add(time.Hour)}
	tests := []struct {
		name string
		set  func(*Query)
		want []Sum
	}{
		{"by API", func(q *Query) { q.By = func(n Names) Names { return Names{Series: usage.Series{API: n.API}} } }, []Sum{
			{Totals: usage.Totals{Success: 8}}, {Names: names("echo", ""), Totals: usage.Totals{Success: 4}},
			{Names: names("orders", ""), Totals: usage.Totals{Success: 4}},
		}},
		{"by subscription, of one API", func(q *Query) {
			q.Keep = func(n *Names) bool { return n.API == "echo" }
			q.By = func(n Names) Names { return Names{Series: usage.Series{Subscription: n.Subscription}} }
		}, []Sum{
			{Names: names("", "one"), Totals: usage.Totals{Success: 2}}, {Names: names("", "two"), Totals: usage.Totals{Success: 2}},
		}},
		{"by quarters of an hour", func(q *Query) { q.Interval = 15 * time.Minute }, []Sum{
			{Start: noon, Totals: usage.Totals{Success: 12}}, {Start: noon.Add(15 * time.Minute), Totals: usage.Totals{Success: 4}},
		}},
		{"of one minute", func(q *Query) { q.From, q.To = noon.Add(time.Minute), noon.Add(2*time.Minute) }, []Sum{{Totals: usage.Totals{Success: 2}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := all
			tt.set(&q)
			got := sums(t, b, q)
			for i := range got {
				got[i].Totals = usage.Totals{Success: got[i].Totals.Success}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if other, err := b.Sums(t.Context(), service+"2", Query{From: all.From, To: all.To, By: func(n Names) Names { return n }}); err != nil || len(other) > 0 {
		t.Errorf("another service has %v, %v", other, err)
	}
}

func names(api, subscription string) Names {
	return Names{Series: usage.Series{API: api, Subscription: subscription}}
}

// TestTidy lets go of what is too old, and of nothing else.
func TestTidy(t *testing.T) {
	l := memoryLedger(t)
	b, c := newBook(t, l)
	for day := range 40 {
		b.must(t, parcel("a", uint64(day)+1, called("echo", "s", c.Now(), 2)))
		c.Advance(24 * time.Hour)
	}
	if _, err := b.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	count := func(prefix string) int {
		found, err := l.Accounts(t.Context(), prefix, prefix+"~", store.MaxLedgerBatch)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	got := []int{count(totalPrefix + "m/"), count(totalPrefix + "h/"), count(totalPrefix + "d/"), count(markPrefix)}
	if diff := cmp.Diff([]int{2, 35, 40, 1}, got); diff != "" {
		t.Errorf("minutes, hours, days, marks: %s", diff)
	}
	if got := calls(t, b, noon.Truncate(24*time.Hour), c.Now(), 0); got != 80 {
		t.Errorf("%d calls are left, want 80", got)
	}
	c.Advance(KeepMarks + time.Hour)
	if _, err := b.Tidy(t.Context()); err != nil || count(markPrefix) != 0 {
		t.Errorf("%d marks are left, %v", count(markPrefix), err)
	}
}
