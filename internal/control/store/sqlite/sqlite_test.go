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
	if os.Getenv(childFolder) != "" {
		runChild()
		return
	}
	goleak.VerifyTestMain(m)
}

// opened opens a store in a folder.
func opened(t testing.TB, dir string, with ...Option) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, with...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// memoryFolder is a folder in memory where there is one: for tests of what a
// store answers, which need no disk.
func memoryFolder(t testing.TB) string {
	const inMemory = "/dev/shm"
	dir, err := os.MkdirTemp(inMemory, "store")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("removing the folder: %v", err)
		}
	})
	return dir
}

func TestR13_SQLite(t *testing.T) {
	var folders sync.Map // Of stores.
	in := func(t *testing.T, dir string) store.Store {
		s := opened(t, dir)
		folders.Store(s, dir)
		return s
	}
	same := func(t *testing.T, s store.Store) store.Store {
		dir, _ := folders.Load(s)
		return in(t, dir.(string))
	}
	storetest.Run(t, func(t *testing.T) store.Store { return in(t, memoryFolder(t)) },
		storetest.WithReopen(same), storetest.WithNode(same))
}
