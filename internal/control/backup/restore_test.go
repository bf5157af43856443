package backup

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/lineage"
	"github.com/sallyport/sallyport/internal/control/store"
)

// TestRestoreIntoUse replaces what is in a store in use: what is restored is
// there, what was not in the backup is gone, revisions go on, history stays.
func TestRestoreIntoUse(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			w := newWorld(t, d.fresh(t))
			w.fill(t, 0, 40, 1)
			w.counters.readings = quotas(7)
			w.countFor(t, 0, 2600, 1)
			key, keys := backupKey(t)
			base, summary := w.taken(t, key)
			want, secrets := w.digestOf(t)
			line, _ := lineage.Of(t.Context(), w.store, noon)
			w.fill(t, 30, 60, 2)
			w.countFor(t, 2500, 2700, 2)
			gone, _ := nameOf(3)
			w.update(t, func(tx store.Tx) error { return tx.Delete(gone) })
			if got, _ := w.digestOf(t); got == want {
				t.Fatal("nothing was changed")
			}
			before := w.update(t, func(store.Tx) error { return nil })
			w.counters.readings = nil

			dry, err := Restore(t.Context(), held(keys, base), w.target(), RestoreOptions{DryRun: true, By: somebody})
			if err != nil {
				t.Fatal(err)
			}
			if dry.Made.Count != 1 || dry.Changed.Count != 10 || dry.Deleted.Count != 20 || dry.Restored != 0 || len(w.counters.readings) != 0 {
				t.Errorf("the dry run says %+v %+v %+v", dry.Made, dry.Changed, dry.Deleted)
			}
			report, err := Restore(t.Context(), held(keys, base), w.target(), RestoreOptions{By: somebody})
			if err != nil {
				t.Fatal(err)
			}
			if !cmp.Equal([]Keys{report.Made, report.Changed, report.Deleted}, []Keys{dry.Made, dry.Changed, dry.Deleted}) {
				t.Errorf("the dry run said something else: %+v", report)
			}
			w.open(t)
			if got, opened := w.digestOf(t); got != want || opened != secrets {
				t.Errorf("restored %+v with %d secrets; want %+v with %d", got, opened, want, secrets)
			}
			if counted, others := w.counted(t); len(counted) != 2600 || len(others) != 6 || report.Accounts != 2600 {
				t.Errorf("%d accounts of usage, %d others", len(counted), len(others))
			}
			if report.Digest != summary.Trailer.Digest || report.Restored != before+1 || !report.AuditKept {
				t.Errorf("the report: %+v", report)
			}
			if now, _ := lineage.Of(t.Context(), w.store, noon); now == line {
				t.Error("the lineage is still the same")
			}
			auditWhole(t, w.store)
			err = w.store.View(t.Context(), func(r store.Reader) error {
				history, err := r.History(gone, 0, 10)
				if len(history) != 3 {
					t.Errorf("history: %+v", history)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestR40_BackupRoundTrip backs up SQLite, restores to PostgreSQL, backs that up and
// restores to SQLite: all are equal, the audit log as well.
func TestR40_BackupRoundTrip(t *testing.T) {
	first := newWorld(t, databases[1].fresh(t))
	first.fill(t, 0, size(500, 10_000), 1)
	first.fill(t, 0, 100, 2)
	first.counters.readings = quotas(100)
	first.countFor(t, 0, size(1500, 20_000), 1)
	if _, err := first.keys.Rotate(t.Context(), somebody); err != nil {
		t.Fatal(err)
	}
	key, keys := backupKey(t)
	base, summary := first.taken(t, key)
	second := &world{store: databases[2].fresh(t), key: keyOf(t, t.TempDir(), "second"), clock: first.clock, counters: &keeper{}}
	report, err := Restore(t.Context(), held(keys, base), second.target(), RestoreOptions{By: somebody})
	if err != nil {
		t.Fatal(err)
	}
	if report.AuditKept || report.Digest != summary.Trailer.Digest || report.Restored != summary.Header.Revision+RevisionGap+1 {
		t.Errorf("the report: %+v", report)
	}
	second.open(t)
	base2, between := second.taken(t, key)
	third := filepath.Join(t.TempDir(), "data", "store")
	if err := os.MkdirAll(filepath.Dir(third), 0o700); err != nil {
		t.Fatal(err)
	}
	last := &world{key: keyOf(t, t.TempDir(), "third"), clock: first.clock, counters: &keeper{}}
	target := last.target()
	target.Folder = third
	if _, err := Restore(t.Context(), held(keys, base2), target, RestoreOptions{By: somebody}); err != nil {
		t.Fatal(err)
	}
	last.store = openedSQLite(t, third)
	last.open(t)
	_, end := last.taken(t, key)
	want := summary.Trailer
	for _, got := range []Summary{between, end} {
		g := got.Trailer
		if g.Digests.Records != want.Digests.Records || g.Digests.DataKeys != want.Digests.DataKeys ||
			g.Digests.Counters != want.Digests.Counters || g.Digests.Accounts != want.Digests.Accounts || g.Secrets != want.Secrets {
			t.Errorf("got %+v; want %+v", g, want)
		}
	}
	entries := auditWhole(t, last.store)
	if entries != want.Counts.AuditEntries+2 {
		t.Errorf("%d audit entries of %d and two restores", entries, want.Counts.AuditEntries)
	}
	t.Logf("R40: SQLite → PostgreSQL → SQLite by backups: %d of %d records, %d of %d secrets, %d of %d counters, %d of %d accounts of usage equal (limit 100 %%)",
		end.Trailer.Counts.Records, want.Counts.Records, end.Trailer.Secrets, want.Secrets, end.Trailer.Counts.Counters, want.Counts.Counters,
		end.Trailer.Counts.Accounts, want.Counts.Accounts)
}

// TestR40_BackupRoundTrip_NegativeControl changes one byte on the way: it is seen.
func TestR40_BackupRoundTrip_NegativeControl(t *testing.T) {
	w := newWorld(t, databases[1].fresh(t))
	w.fill(t, 0, 50, 1)
	want, _ := w.digestOf(t)
	key, id := nameOf(17)
	w.update(t, func(tx store.Tx) error {
		r, err := tx.Get(key)
		if err != nil {
			return err
		}
		return tx.Put(key, id, []byte(strings.Replace(string(r.Value), "many", "mang", 1)))
	})
	if got, _ := w.digestOf(t); got == want {
		t.Error("one letter makes no difference")
	}
}

// TestFolder builds aside, and replaces a store only where that is asked for.
func TestFolder(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 20, 1)
	key, keys := backupKey(t)
	base, _ := w.taken(t, key)
	want, _ := w.digestOf(t)
	folder := filepath.Join(t.TempDir(), "store")
	target := Target{Folder: folder, Key: w.key, Clock: w.clock}
	dry, err := Restore(t.Context(), held(keys, base), target, RestoreOptions{DryRun: true, By: somebody})
	if err != nil || dry.Made.Count != 20 {
		t.Errorf("a dry run: %+v, %v", dry, err)
	}
	if occupied, err := taken(folder); occupied || err != nil {
		t.Errorf("a dry run made something: %v", err)
	}
	if err := os.Mkdir(folder+asideSuffix, 0o700); err != nil { // Of one that was killed.
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), held(keys, base), target, RestoreOptions{By: somebody}); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), held(keys, base), target, RestoreOptions{By: somebody}); !errors.Is(err, ErrOccupied) {
		t.Errorf("again: %v", err)
	}
	report, err := Restore(t.Context(), held(keys, base), target, RestoreOptions{By: somebody, Replace: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{folder, report.Previous} {
		r := &world{store: openedSQLite(t, at), key: w.key, clock: w.clock, counters: &keeper{}}
		r.open(t)
		if got, _ := r.digestOf(t); got.Records != want.Records || got.DataKeys != want.DataKeys {
			t.Errorf("%s: %+v; want %+v", at, got, want)
		}
	}
	if left, _ := filepath.Glob(folder + ".*"); len(left) != 1 {
		t.Errorf("beside the folder is %v", left)
	}
}
