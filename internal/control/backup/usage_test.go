package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/usage"
	counted "github.com/sallyport/sallyport/internal/telemetry/usage"
)

// book keeps the usage of a world.
func (w *world) book() *usage.Book {
	return usage.New(usage.Options{Ledger: w.store.(store.Ledger), Clock: w.clock, Log: slog.New(slog.DiscardHandler)})
}

// parcel is what a gateway sends: one call of each of some subscriptions, now and
// a while ago.
func (w *world) parcel(sequence uint64, late time.Duration) *counted.Parcel {
	p := &counted.Parcel{Version: counted.Version, Instance: "i", Boot: "b", Sequence: sequence, Region: "north"}
	for i := range 5 {
		for _, at := range []time.Time{w.clock.Now(), w.clock.Now().Add(-late)} {
			row := counted.Row{Series: counted.Series{API: "echo", Subscription: fmt.Sprint("s", i)}, Minute: at.Truncate(time.Minute)}
			row.Totals.Success = 1
			p.Rows = append(p.Rows, row)
		}
	}
	return p
}

func (w *world) take(t *testing.T, p *counted.Parcel) {
	t.Helper()
	if err := w.book().Take(context.Background(), "/"+string(serviceOf), "g", p); err != nil {
		t.Fatal(err)
	}
}

// calls are those of the last days, as reports have them, by one resolution.
func (w *world) calls(t *testing.T, interval time.Duration) (n uint64) {
	t.Helper()
	list, err := w.book().Sums(t.Context(), "/"+string(serviceOf), usage.Query{
		From: w.clock.Now().Add(-9 * 24 * time.Hour), To: w.clock.Now().Add(time.Hour), Interval: interval,
		By: func(usage.Names) usage.Names { return usage.Names{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		n += s.Totals.Calls()
	}
	return n
}

// usageChain is a chain in which usage is taken with every second archive, and what
// the usage was then.
type usageChain struct {
	base     []byte
	changes  [][]byte
	position Position
	// seen is the usage that each archive leads to, and at when it was taken.
	seen []map[string]string
	at   []time.Time
}

func (w *world) usageChain(t *testing.T, key *archive.Key, archives int) usageChain {
	t.Helper()
	sequence := uint64(1)
	w.take(t, w.parcel(sequence, time.Hour))
	base, summary := w.taken(t, key)
	c := usageChain{base: base, position: summary.Position}
	known, _ := w.counted(t)
	c.seen, c.at = append(c.seen, known), append(c.at, w.clock.Now())
	for i := range archives {
		for range 3 {
			sequence++
			w.clock.Advance(40 * time.Second)
			w.take(t, w.parcel(sequence, time.Duration(i)*31*time.Hour))
		}
		with := i%2 == 0
		if i%3 != 0 { // Some archives hold usage alone.
			w.fill(t, i, i+2, i+2)
		}
		var b bytes.Buffer
		s, err := TakeChanges(t.Context(), w.source(), c.position, &b, TakeOptions{Key: key, Usage: with})
		if errors.Is(err, ErrNoChanges) && !with {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if with {
			known, _ = w.counted(t)
		}
		if s.Header.Accounts != with || s.Position.Usage != *s.Header.Usage || with != (s.Position.Usage == sequence) {
			t.Errorf("archive %d: %+v", i, s.Header)
		}
		c.position, c.changes = s.Position, append(c.changes, b.Bytes())
		c.seen, c.at = append(c.seen, known), append(c.at, w.clock.Now())
	}
	return c
}

// TestUsageFollows restores a base and more and more of the changes after it to each
// kind of store: usage is what it was, byte for byte, reports say the same, and
// what a gateway sends again is not counted again.
func TestUsageFollows(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			w := newWorld(t, d.fresh(t))
			w.counters = &keeper{}
			w.fill(t, 0, 5, 1)
			key, keys := backupKey(t)
			c := w.usageChain(t, key, 7)
			to := newWorld(t, d.fresh(t)) // One after the other into one store.
			to.clock = w.clock
			to.countFor(t, 0, 40, 3)
			for n := range len(c.changes) + 1 {
				a := held(keys, c.base, c.changes[:n]...)
				report, err := Restore(t.Context(), a, to.target(), RestoreOptions{By: somebody})
				if err != nil {
					t.Fatal(err)
				}
				got, others := to.counted(t)
				if diff := cmp.Diff(c.seen[n], got); diff != "" || len(others) != 1 || report.Accounts != uint64(len(got)) || report.UsageKept {
					t.Errorf("%d archives: %d accounts reported, %d others: %s", n, report.Accounts, len(others), diff)
				}
				verified, err := Verify(t.Context(), a, VerifyOptions{Clock: w.clock})
				if err != nil || verified.Digest != report.Digest || verified.Accounts < report.Accounts {
					t.Errorf("%d archives: verified %s with %d accounts, restored %s: %v", n, verified.Digest, verified.Accounts, report.Digest, err)
				}
			}
			whole := w.calls(t, 0)
			for _, interval := range []time.Duration{0, time.Hour, 24 * time.Hour} {
				if got := to.calls(t, interval); got != whole {
					t.Errorf("by %s: %d calls, want %d", interval, got, whole)
				}
			}
			to.take(t, w.parcel(22, 0)) // The last that was acknowledged.
			if got := to.calls(t, 0); got != whole {
				t.Errorf("a parcel that was in the backup is counted again: %d calls, want %d", got, whole)
			}
			to.take(t, w.parcel(23, 0))
			if got := to.calls(t, 0); got != whole+10 {
				t.Errorf("the next parcel is not counted: %d calls, want %d", got, whole+10)
			}
		})
	}
}

// TestUsageAtAPoint restores to points in time, and over what was counted since.
func TestUsageAtAPoint(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.counters = &keeper{}
	w.fill(t, 0, 5, 1)
	key, keys := backupKey(t)
	c := w.usageChain(t, key, 7)
	restored := func(until Point, o RestoreOptions) map[string]string {
		to := newWorld(t, databases[0].fresh(t))
		to.countFor(t, 0, 10, 4)
		before, _ := to.counted(t)
		a := held(keys, c.base, c.changes...)
		a.Until, o.By = until, somebody
		report, err := Restore(t.Context(), a, to.target(), o)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := to.counted(t)
		if o.KeepUsage != report.UsageKept || o.KeepUsage && (!maps.Equal(before, got) || report.Accounts != 0) {
			t.Errorf("kept: %v, %d accounts of %d", report.UsageKept, report.Accounts, len(got))
		}
		return got
	}
	for n, at := range c.at {
		if diff := cmp.Diff(c.seen[n], restored(Point{Time: at}, RestoreOptions{})); diff != "" {
			t.Errorf("at point %d: %s", n, diff)
		}
	}
	if got := restored(Point{}, RestoreOptions{KeepUsage: true}); len(got) != 10 {
		t.Errorf("%d accounts", len(got))
	}
	folder := Target{Folder: t.TempDir(), Key: w.key, Clock: w.clock}
	if _, err := Restore(t.Context(), held(keys, c.base), folder, RestoreOptions{KeepUsage: true, Replace: true, By: somebody}); err == nil {
		t.Error("the usage of files that are replaced was kept")
	}
	dry := newWorld(t, databases[0].fresh(t))
	dry.countFor(t, 0, 10, 4)
	report, err := Restore(t.Context(), held(keys, c.base), dry.target(), RestoreOptions{DryRun: true, By: somebody})
	if got, _ := dry.counted(t); err != nil || len(got) != 10 || report.Accounts != uint64(len(c.seen[0])) {
		t.Errorf("a dry run: %d accounts, %d reported, %v", len(got), report.Accounts, err)
	}
}

// TestYoungerBase restores a base with changes that were begun before it: usage does
// not go back.
func TestYoungerBase(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.counters = &keeper{}
	w.fill(t, 0, 5, 1)
	key, keys := backupKey(t)
	w.take(t, w.parcel(1, 0))
	_, first := w.taken(t, key)
	w.take(t, w.parcel(2, 0))
	var older, newer bytes.Buffer
	s, err := TakeChanges(t.Context(), w.source(), first.Position, &older, TakeOptions{Key: key, Usage: true})
	if err != nil {
		t.Fatal(err)
	}
	w.take(t, w.parcel(3, 0))
	base, _ := w.taken(t, key)
	want, _ := w.counted(t)
	to := newWorld(t, databases[0].fresh(t))
	if _, err := Restore(t.Context(), held(keys, base, older.Bytes()), to.target(), RestoreOptions{By: somebody}); err != nil {
		t.Fatal(err)
	}
	if got, _ := to.counted(t); !maps.Equal(got, want) {
		t.Error("usage went back")
	}
	w.take(t, w.parcel(4, 0))
	want, _ = w.counted(t)
	if _, err := TakeChanges(t.Context(), w.source(), s.Position, &newer, TakeOptions{Key: key, Usage: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), held(keys, base, older.Bytes(), newer.Bytes()), to.target(), RestoreOptions{By: somebody}); err != nil {
		t.Fatal(err)
	}
	if got, _ := to.counted(t); !maps.Equal(got, want) {
		t.Error("the changes after the base are not there")
	}
	// Behind archives of version 1 nothing is known of usage: all of it is taken.
	unknown := s.Position
	unknown.Usage, unknown.HasUsage = 0, false
	whole, err := TakeChanges(t.Context(), w.source(), unknown, &bytes.Buffer{}, TakeOptions{Key: key, Usage: true})
	if err != nil || whole.Trailer.Counts.Accounts != uint64(len(want)) {
		t.Errorf("%d accounts of %d: %v", whole.Trailer.Counts.Accounts, len(want), err)
	}
	// A ledger that has counted less than the chain has seen is another one.
	ahead := s.Position
	ahead.Usage = 99
	if _, err := TakeChanges(t.Context(), w.source(), ahead, &bytes.Buffer{}, TakeOptions{Key: key, Usage: true}); !errors.Is(err, ErrSequence) {
		t.Errorf("of the future: %v", err)
	}
}

// TestForeignAccounts refuses an archive with accounts that no backup has.
func TestForeignAccounts(t *testing.T) {
	key, keys := backupKey(t)
	w := newWorld(t, databases[0].fresh(t))
	for _, foreign := range []string{"traces/x", "usage/stamp", "usage/stamped/0029552400", "zebra"} {
		var b bytes.Buffer
		h := archive.Header{Kind: archive.Base, Revision: 1, Created: noon, Usage: new(uint64), Accounts: true}
		aw, err := archive.NewWriter(&b, h, key)
		if err != nil {
			t.Fatal(err)
		}
		if err := aw.Write(archive.Account{Key: foreign}); err != nil {
			t.Fatal(err)
		}
		if _, err := aw.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), held(keys, b.Bytes()), w.target(), RestoreOptions{By: somebody}); !errors.Is(err, archive.ErrDamaged) {
			t.Errorf("%s: %v", foreign, err)
		}
	}
}
