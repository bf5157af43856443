package backup

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
)

var update = flag.Bool("update", false, "write the archives of this version of the format, where there are none")

// released is the folder of the archives of the version that is written now.
const released = "testdata/released/0002"

// TestReleasedArchives restores the archives of every version of the format.
func TestReleasedArchives(t *testing.T) {
	if *update {
		writeReleased(t)
	}
	folders, err := filepath.Glob("testdata/released/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			by, err := secret.OpenKey("file://"+copied(t, folder), false)
			if err != nil {
				t.Fatal(err)
			}
			read := func(name string) []byte {
				data, err := os.ReadFile(filepath.Join(filepath.Clean(folder), name))
				if err != nil {
					t.Fatal(err)
				}
				return data
			}
			w := &world{store: databases[1].fresh(t), key: keyOf(t, t.TempDir(), "k"), counters: &keeper{}}
			w.clock = newWorld(t, databases[0].fresh(t)).clock
			w.countFor(t, 0, 8, 1) // What is there stays where the archives tell of none.
			report, err := Restore(t.Context(), held(archive.NewOpener(by), read("base"), read("changes")), w.target(), RestoreOptions{By: somebody})
			if err != nil {
				t.Fatal(err)
			}
			w.open(t)
			auditWhole(t, w.store)
			if got, want := holds(&report), string(read("holds")); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			if got, _ := w.counted(t); report.UsageKept != (filepath.Base(folder) == "0001") || report.UsageKept != (len(got) == 8) {
				t.Errorf("usage was kept: %v, %d accounts", report.UsageKept, len(got))
			}
		})
	}
}

// copied is the path of a copy of the key: that of a checkout may be read by
// everyone, which keys may not.
func copied(t *testing.T, folder string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(filepath.Clean(folder), "key"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// holds tells what was restored.
func holds(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "digest %s\nrevision %d\nrecords %d\nsecrets %d\naudit %d\ncounters %d\nkeys %d\n",
		r.Digest, r.Revision, r.Records, r.Secrets, r.AuditEntries, r.Counters, r.DataKeys)
	if !r.UsageKept { // Since version 2.
		fmt.Fprintf(&b, "accounts %d\n", r.Accounts)
	}
	return b.String()
}

// writeReleased writes the archives of the version that is written now, once.
func writeReleased(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(released); err == nil || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%s is there, and stays as it is: %v", released, err)
	}
	if err := os.MkdirAll(released, 0o750); err != nil {
		t.Fatal(err)
	}
	full, err := filepath.Abs(released)
	if err != nil {
		t.Fatal(err)
	}
	by := keyOf(t, full, "key")
	key, err := archive.NewKey(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 12, 1)
	w.counters.readings = quotas(3)
	w.take(t, w.parcel(1, time.Hour))
	base, summary := w.taken(t, key)
	if _, err := w.keys.Rotate(t.Context(), somebody); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(2 * secret.ActivationDelay)
	w.fill(t, 10, 14, 2)
	w.update(t, func(tx store.Tx) error {
		key, _ := nameOf(3)
		return tx.Delete(key)
	})
	w.take(t, w.parcel(2, time.Hour))
	var changes bytes.Buffer
	if _, err := TakeChanges(t.Context(), w.source(), summary.Position, &changes, TakeOptions{Key: key, Usage: true}); err != nil {
		t.Fatal(err)
	}
	to := &world{store: databases[1].fresh(t), key: w.key, counters: &keeper{}, clock: w.clock}
	report, err := Restore(t.Context(), held(archive.NewOpener(by), base, changes.Bytes()), to.target(), RestoreOptions{By: somebody})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"base": base, "changes": changes.Bytes(), "holds": []byte(holds(&report))} {
		if err := os.WriteFile(filepath.Join(released, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
