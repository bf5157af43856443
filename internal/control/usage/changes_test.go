package usage

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

// accountsOf are what of a ledger belongs into backups.
func accountsOf(t *testing.T, r store.AccountReader, ranges []Range) map[string]string {
	t.Helper()
	all := map[string]string{}
	last := ""
	for _, one := range ranges {
		for a, err := range store.EachAccount(r, one.From, one.To) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Key <= last || !Within(a.Key) {
				t.Errorf("%q comes after %q", a.Key, last)
			}
			last, all[a.Key] = a.Key, string(a.Value)
		}
	}
	return all
}

// viewing calls f with the accounts of the moment.
func viewing(t *testing.T, s store.Store, f func(store.AccountReader)) {
	t.Helper()
	if err := s.View(t.Context(), func(r store.Reader) error {
		f(r.(store.AccountReader))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestChangedSince puts what has changed since a stamp over what was there before:
// that comes to what is there now, whatever came when.
func TestChangedSince(t *testing.T) {
	s := memoryLedger(t).(*memory.Store)
	b, c := newBook(t, s)
	seen, at := map[string]string{}, uint64(0)
	late := []time.Duration{0, time.Minute, 3 * time.Hour, 50 * time.Hour, 7 * 24 * time.Hour, 9 * 24 * time.Hour}
	all, some := 0, 0
	for n := range uint64(60) {
		b.must(t, parcel("a", n+1, called("echo", "s", c.Now().Add(-late[n%6]), 2), called("orders", "s", c.Now(), 1)))
		if n%3 == 0 {
			viewing(t, s, func(r store.AccountReader) {
				ranges, now, err := ChangedSince(r, at)
				if err != nil || now != n+1 {
					t.Fatalf("stamp %d after %d parcels: %v", now, n+1, err)
				}
				changed := accountsOf(t, r, ranges)
				maps.Copy(seen, changed)
				want := accountsOf(t, r, Ranges())
				if diff := cmp.Diff(want, seen); diff != "" {
					t.Fatalf("after parcel %d: %s", n+1, diff)
				}
				at, all, some = now, all+len(want), some+len(changed)
			})
		}
		c.Advance(17 * time.Minute)
	}
	if some*3 > all {
		t.Errorf("%d accounts were read of %d", some, all)
	}
}

func TestChangedSinceEdges(t *testing.T) {
	s := memoryLedger(t).(*memory.Store)
	b, c := newBook(t, s)
	changed := func(since uint64) (ranges []Range, now uint64, err error) {
		viewing(t, s, func(r store.AccountReader) { ranges, now, err = ChangedSince(r, since) })
		return ranges, now, err
	}
	if ranges, now, err := changed(0); len(ranges) > 0 || now != 0 || err != nil {
		t.Errorf("of nothing: %v %d %v", ranges, now, err)
	}
	b.must(t, parcel("a", 1, called("echo", "s", noon, 1)))
	b.must(t, parcel("a", 1, called("echo", "s", noon, 1))) // It changes nothing.
	if ranges, now, err := changed(1); len(ranges) > 0 || now != 1 || err != nil {
		t.Errorf("of no news: %v %d %v", ranges, now, err)
	}
	if _, _, err := changed(2); !errors.Is(err, ErrStamp) {
		t.Errorf("of the future: %v", err)
	}
	c.Advance(KeepStamps + 2*time.Minute)
	b.must(t, parcel("a", 2, called("echo", "s", c.Now(), 1)))
	if _, err := b.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ranges, _, err := changed(0); !slices.Equal(ranges, Ranges()) || err != nil {
		t.Errorf("after its minute was let go of: %v %v", ranges, err)
	}
	if ranges, now, err := changed(1); len(ranges) != 4 || now != 2 || err != nil {
		t.Errorf("of the last parcel: %v %d %v", ranges, now, err)
	}
}

// TestWithin says which accounts belong into backups, and which do not.
func TestWithin(t *testing.T) {
	for key, want := range map[string]bool{
		totalKey(ByDay, noon, digest(service), &Names{}): true, markPrefix + digest("x"): true, "usage/total/~": true,
		stampKey: false, stampedKey(noon): false, "usage/total0": false, "usage": false, "traces/x": false, "a": false, "zebra": false,
	} {
		if Within(key) != want {
			t.Errorf("%s: %v", key, !want)
		}
	}
}
