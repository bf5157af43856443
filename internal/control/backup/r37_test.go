package backup

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/store"
)

// writing writes 50 times a second until it is told to end, and returns how
// long the slowest write took.
func (w *world) writing(t *testing.T, entities int, ended <-chan struct{}) (longest time.Duration) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for state := 0; ; state++ {
		select {
		case <-ended:
			return longest
		case <-ticker.C:
		}
		begun := time.Now()
		w.writeOnce(t, entities, state)
		longest = max(longest, time.Since(begun))
	}
}

// TestR37_BackupUnderWrites takes a backup while others write 50 times a second,
// and restores it to a bare folder: it is one revision, and all of it.
func TestR37_BackupUnderWrites(t *testing.T) {
	for _, d := range databases[1:] {
		t.Run(d.name, func(t *testing.T) {
			entities := size(3000, 10_000)
			w := newWorld(t, d.fresh(t))
			w.fill(t, 0, entities, 1)
			w.counters.readings = quotas(entities / 10)
			w.countFor(t, 0, entities, 1)
			w.writeOnce(t, entities, -2)
			key, keys := backupKey(t)
			ended, done := make(chan struct{}), make(chan struct{})
			begin, longest := revisionOf(t, w.store), time.Duration(0)
			go func() {
				defer close(done)
				longest = w.writing(t, entities, ended)
			}()
			file := filepath.Join(t.TempDir(), "archive")
			begun := time.Now()
			summary := w.toFile(t, key, file, func() { w.writeOnce(t, entities, -1) })
			taking := time.Since(begun)
			close(ended)
			<-done

			folder := filepath.Join(t.TempDir(), "store")
			to := &world{key: keyOf(t, t.TempDir(), "bare"), clock: w.clock, counters: &keeper{}}
			target := to.target()
			target.Folder = folder
			begun = time.Now()
			report, err := Restore(t.Context(), ofFile(keys, file), target, RestoreOptions{By: somebody})
			if err != nil {
				t.Fatal(err)
			}
			restoring := time.Since(begun)
			to.store = openedSQLite(t, folder)
			to.open(t)
			got, secrets := to.digestOf(t)
			want, opened := w.digestAt(t, summary.Header.Revision)
			want.Accounts = summary.Trailer.Digests.Accounts // Those of another moment are others.
			counted, _ := to.counted(t)
			if !ofOneState(counted) || len(counted) != entities+len(together) || report.Accounts != summary.Trailer.Counts.Accounts {
				t.Errorf("%d accounts of usage, of one moment: %v", len(counted), ofOneState(counted))
			}
			if got != want || secrets != opened || got.Records != summary.Trailer.Digests.Records || report.Digest != summary.Trailer.Digest {
				t.Errorf("got %+v with %d secrets; want %+v with %d", got, secrets, want, opened)
			}
			if *long && taking+restoring > 30*time.Second { // The short form may run beside anything.
				t.Errorf("it took %v", taking+restoring)
			}
			fmt.Printf("R37: %s under 50 writes/s, and one at each chunk (revisions %d to %d, the longest %v): revision %d, %d of %d entities, %d of %d counters, %d of %d accounts of usage, %d of %d secrets equal (limit 100 %%); "+
				"taken in %.2f s, restored in %.2f s (limit 30 s for 10,000)\n", d.name, begin, revisionOf(t, w.store), longest.Round(time.Millisecond), summary.Header.Revision,
				report.Records, summary.Trailer.Counts.Records, len(to.counters.readings), entities/10, len(counted), summary.Trailer.Counts.Accounts, secrets, opened, taking.Seconds(), restoring.Seconds())
		})
	}
}

// together are accounts that must be of one state: the first of them, one in the
// middle and the last.
var together = []string{"usage/mark/0", "usage/total/d/0029552400/service/x", "usage/total/m/~"}

// ofOneState reports whether the accounts are.
func ofOneState(accounts map[string]string) bool {
	return accounts[together[0]] == accounts[together[1]] && accounts[together[1]] == accounts[together[2]]
}

// writeOnce writes three records, and three accounts, that must be of one state,
// wherever they are in the order.
func (w *world) writeOnce(t *testing.T, entities, state int) {
	t.Helper()
	w.post(t, func(tx store.LedgerTx) error {
		var all []store.Account
		for _, key := range together {
			all = append(all, store.Account{Key: key, Value: fmt.Appendf(nil, "%d", state)})
		}
		return tx.Set(all)
	})
	w.update(t, func(tx store.Tx) error {
		for _, n := range []int{1, entities / 2, entities - 1} {
			key, id := nameOf(n)
			if err := tx.Put(key, id, []byte(fmt.Sprintf(`{"state":%d}`, state))); err != nil {
				return err
			}
		}
		return nil
	})
}

// digestAt is what digestOf was at a revision.
func (w *world) digestAt(t *testing.T, revision store.Revision) (digests archive.Digests, secrets uint64) {
	t.Helper()
	d := archive.NewDigester()
	err := w.store.ViewAt(context.Background(), revision, func(r store.Reader) (err error) {
		if err := digestKeys(context.Background(), r, w.keys, d); err != nil {
			return err
		}
		secrets, err = digestRecords(context.Background(), r, w.keys, d, func(uint64) {})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, reading := range w.counters.readings {
		d.Add(archive.Counter(reading))
	}
	digests = d.Trailer(0).Digests
	digests.AuditEntries = ""
	return digests, secrets
}

// torn is a store whose views are of no one revision.
type torn struct{ store.Store }

func (s torn) View(ctx context.Context, f func(store.Reader) error) error {
	return s.Store.View(ctx, func(r store.Reader) error { return f(tornReader{r, s.Store}) })
}

type tornReader struct {
	store.Reader
	of store.Store
}

// Accounts reads accounts as they are now.
func (r tornReader) Accounts(from, to string, limit int) ([]store.Account, error) {
	return r.of.(store.Ledger).Accounts(context.Background(), from, to, limit)
}

// Tree reads each record as it is now.
func (r tornReader) Tree(key store.Key) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		for record, err := range r.Reader.Tree(key) {
			if err == nil {
				err = r.of.View(context.Background(), func(now store.Reader) (err error) {
					record, err = now.Get(record.Key)
					record.Created, record.Changed = 1, 1 // Else the archive would refuse it.
					return err
				})
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

// TestR37_BackupUnderWrites_NegativeControl takes a backup of views that are of
// no one revision: what it holds never was.
func TestR37_BackupUnderWrites_NegativeControl(t *testing.T) {
	w := newWorld(t, databases[1].fresh(t))
	w.fill(t, 0, 3000, 1)
	w.countFor(t, 0, 3000, 1)
	w.writeOnce(t, 3000, 6)
	whole := w.store
	w.store = torn{whole}
	key, keys := backupKey(t)
	file, state := filepath.Join(t.TempDir(), "archive"), 6
	summary := w.toFile(t, key, file, func() {
		state++
		(&world{store: whole, clock: w.clock}).writeOnce(t, 3000, state)
	})
	w.store = whole
	if want, _ := w.digestAt(t, summary.Header.Revision); summary.Trailer.Digests.Records == want.Records {
		t.Error("the control shows nothing")
	}
	to := newWorld(t, databases[1].fresh(t))
	if _, err := Restore(t.Context(), ofFile(keys, file), to.target(), RestoreOptions{By: somebody}); err != nil {
		t.Fatal(err)
	}
	if counted, _ := to.counted(t); ofOneState(counted) {
		t.Error("the control shows nothing of usage")
	}
}

// between calls a function before each write.
type between struct {
	io.Writer
	call func()
}

func (b between) Write(p []byte) (int, error) {
	b.call()
	return b.Writer.Write(p)
}

// toFile takes a base to a file, and calls a function each time that some of it
// is written, in the middle of the view.
func (w *world) toFile(t *testing.T, key *archive.Key, file string, call func()) Summary {
	t.Helper()
	f, err := os.Create(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	summary, err := Take(t.Context(), w.source(), between{f, call}, TakeOptions{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return summary
}
