package sqlite

import (
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/storetest"
)

func TestMain(m *testing.M) {
	if os.Getenv(childWrites) != "" {
		runChild()
		return
	}
	goleak.VerifyTestMain(m)
}

// opened opens a store in a folder.
func opened(tb testing.TB, dir string, with ...Option) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), dir, with...)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// memoryFolder is a folder in memory where there is one: for tests of what a
// store answers, which need no disk.
func memoryFolder(tb testing.TB) string {
	tb.Helper()
	const inMemory = "/dev/shm"
	dir, err := os.MkdirTemp(inMemory, "store") //nolint:usetesting // It is in memory.
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("removing the folder: %v", err)
		}
	})
	return dir
}

func TestR13_SQLite(t *testing.T) {
	var folders sync.Map // Of stores.
	in := func(t *testing.T, dir string) store.Store {
		t.Helper()
		s := opened(t, dir)
		folders.Store(s, dir)
		return s
	}
	empty := func(t *testing.T) store.Store {
		t.Helper()
		return in(t, memoryFolder(t))
	}
	same := func(t *testing.T, s store.Store) store.Store {
		t.Helper()
		dir, _ := folders.Load(s)
		return in(t, dir.(string))
	}
	storetest.Run(t, empty, storetest.WithReopen(same), storetest.WithNode(same), storetest.WithNotes(false), storetest.WithLedger())
}
