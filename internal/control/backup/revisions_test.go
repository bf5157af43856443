package backup

import (
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/replica"
)

// TestRevisionsGoOn restores to empty stores: their revisions are above those
// that the source has given since, watches see no gap, and copies are equal.
func TestRevisionsGoOn(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 10, 1)
	key, keys := backupKey(t)
	base, summary := w.taken(t, key)
	for _, d := range databases[1:] {
		t.Run(d.name, func(t *testing.T) {
			to := &world{store: d.fresh(t), key: w.key, clock: w.clock, counters: &keeper{}}
			report, err := Restore(t.Context(), held(keys, base), to.target(), RestoreOptions{By: somebody})
			if err != nil {
				t.Fatal(err)
			}
			want := summary.Header.Revision + RevisionGap + 1
			if report.Restored != want {
				t.Errorf("it made revision %d; want %d", report.Restored, want)
			}
			if next := to.update(t, func(store.Tx) error { return nil }); next != want+1 {
				t.Errorf("the next revision is %d", next)
			}
			err = to.store.View(t.Context(), func(r store.Reader) error {
				changes, err := r.Changes(want-5, 100)
				if len(changes) != 6 || len(changes[0].Versions) != 0 || changes[0].Revision != want-4 || len(changes[4].Versions) < 10 {
					t.Errorf("%d changes", len(changes))
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			if !*long { // It reads every revision, those that were passed over too.
				return
			}
			if err := replica.Copy(t.Context(), to.store, openedSQLite(t, t.TempDir()), nil); err != nil {
				t.Errorf("copying it: %v", err)
			}
		})
	}
}

// TestRevisionsArePassedFirst refuses to pass over revisions after a write.
func TestRevisionsArePassedFirst(t *testing.T) {
	for _, d := range databases[1:] {
		st := d.fresh(t)
		_, err := st.Update(t.Context(), func(tx store.Tx) error {
			if _, err := tx.Audit([]byte("{}")); err != nil {
				return err
			}
			return tx.(store.Advancer).Advance(7)
		})
		if err == nil {
			t.Errorf("%s: it was not refused", d.name)
		}
	}
}
