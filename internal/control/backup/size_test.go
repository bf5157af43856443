package backup

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/store"
)

// ofFile is an archive in a file.
func ofFile(keys archive.KeyOpener, file string) Archives {
	return Archives{Keys: keys, Base: func(context.Context) (io.ReadCloser, error) { return os.Open(filepath.Clean(file)) }}
}

// heap is the most memory that was in use while f ran, above what was before,
// looked at whenever progress is told.
func heap(f func(progress func(Progress))) (most uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, told := m.HeapAlloc, 0
	f(func(Progress) {
		if told++; told%5 != 0 {
			return
		}
		runtime.GC()
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > before {
			most = max(most, m.HeapAlloc-before)
		}
	})
	return most
}

// TestTakeInConstantMemory takes and reads backups of two sizes: the larger one
// needs no more memory.
func TestTakeInConstantMemory(t *testing.T) {
	const limit = 24 << 20
	sizes := []int{3000, size(9000, 100_000)}
	w := newWorld(t, databases[1].fresh(t))
	key, keys := backupKey(t)
	file, made := filepath.Join(t.TempDir(), "archive"), 0
	for _, n := range sizes {
		w.fill(t, made, n, 1)
		made = n
		begun := time.Now()
		taking := heap(func(progress func(Progress)) {
			f, err := os.Create(filepath.Clean(file))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Take(t.Context(), w.source(), f, TakeOptions{Key: key, Progress: progress}); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		})
		reading := heap(func(progress func(Progress)) {
			if _, _, err := readAll(t.Context(), ofFile(keys, file), progress); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%d entities: taken with %d KiB, read with %d KiB (limit %d KiB) in %v", n, taking>>10, reading>>10, limit>>10, time.Since(begun))
		if taking > limit || reading > limit {
			t.Errorf("%d entities need more memory", n)
		}
	}
}

// TestRestoreSpeed measures restores to each kind of target.
func TestRestoreSpeed(t *testing.T) {
	n := size(2000, 100_000)
	w := newWorld(t, databases[1].fresh(t))
	w.fill(t, 0, n, 1)
	key, keys := backupKey(t)
	file := filepath.Join(t.TempDir(), "archive")
	begun := time.Now()
	summary := w.toFile(t, key, file, func() {})
	taking := time.Since(begun)
	begun = time.Now()
	if _, err := Verify(t.Context(), ofFile(keys, file), VerifyOptions{Clock: w.clock}); err != nil {
		t.Fatal(err)
	}
	verifying := time.Since(begun)
	times := map[string]time.Duration{}
	for _, d := range databases[1:] {
		to := &world{store: d.fresh(t), key: keyOf(t, t.TempDir(), "k"), clock: w.clock, counters: &keeper{}}
		for _, what := range []string{"empty", "equal"} {
			begun := time.Now()
			if _, err := Restore(t.Context(), ofFile(keys, file), to.target(), RestoreOptions{By: somebody}); err != nil {
				t.Fatal(err)
			}
			times[d.name+", "+what] = time.Since(begun).Round(time.Millisecond)
		}
		to.open(t)
		to.update(t, to.clear(t))
		begun := time.Now()
		if _, err := Restore(t.Context(), ofFile(keys, file), to.target(), RestoreOptions{By: somebody}); err != nil {
			t.Fatal(err)
		}
		times[d.name+", half of it other"] = time.Since(begun).Round(time.Millisecond)
	}
	fmt.Printf("backup of %d entities, %d bytes: taken in %v, verified in %v; restored: %v\n", n, summary.Bytes, taking.Round(time.Millisecond), verifying.Round(time.Millisecond), times)
}

// clear deletes every second record, and makes as many others.
func (w *world) clear(t *testing.T) func(store.Tx) error {
	t.Helper()
	return func(tx store.Tx) error {
		var keys []store.Key
		for r, err := range tx.Tree(serviceOf) {
			if err != nil {
				return err
			}
			keys = append(keys, r.Key)
		}
		for i, key := range keys {
			if i%2 == 0 {
				continue
			}
			if err := tx.Delete(key); err != nil {
				return err
			}
			if err := tx.Put(key+"x", "/"+string(key)+"x", w.bodyOf(t, key, i, 3)); err != nil {
				return err
			}
		}
		return nil
	}
}
