package watch

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// waitLimit is when a test gives up on a change that should have been told. It
// is less than Rescan, which would find each change.
const waitLimit = 20 * time.Second

// start watches a folder until the test ends, and returns what tells of changes
// after the first call.
func start(t *testing.T, dir string) <-chan struct{} {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	told, done := make(chan struct{}, 100), make(chan error, 1)
	go func() {
		done <- Folder(ctx, dir, clock.System(), slog.New(slog.DiscardHandler), func() { told <- struct{}{} })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	await(t, told)
	return told
}

func await(t *testing.T, told <-chan struct{}) {
	t.Helper()
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	select {
	case <-told:
	case <-limit.C:
		t.Fatal("the change was not told")
	}
}

// must fails the test where preparing it did.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		prepare func(t *testing.T, base string) (dir string)
		change  func(t *testing.T, base string)
	}{
		{
			name:    "a file is written",
			prepare: func(t *testing.T, base string) string { t.Helper(); return folderIn(t, base, "config") },
			change:  func(t *testing.T, base string) { t.Helper(); writeIn(t, base, "config") },
		},
		{
			name: "what a symbolic link leads to changes",
			prepare: func(t *testing.T, base string) string {
				t.Helper()
				folderIn(t, base, "one")
				return link(t, base, "one", "current")
			},
			change: func(t *testing.T, base string) { t.Helper(); writeIn(t, base, "one") },
		},
		{
			name: "a symbolic link leads elsewhere",
			prepare: func(t *testing.T, base string) string {
				t.Helper()
				folderIn(t, base, "one")
				folderIn(t, base, "two")
				return link(t, base, "one", "current")
			},
			change: func(t *testing.T, base string) {
				t.Helper()
				must(t, os.Rename(link(t, base, "two", "next"), filepath.Join(base, "current")))
			},
		},
		{
			name: "a mounted volume is swapped",
			prepare: func(t *testing.T, base string) string {
				t.Helper()
				dir := filepath.Join(base, "config")
				folderIn(t, dir, "..one")
				folderIn(t, dir, "..two")
				link(t, dir, "..one", "..data")
				link(t, dir, filepath.Join("..data", "apis"), "apis")
				return dir
			},
			change: func(t *testing.T, base string) {
				t.Helper()
				dir := filepath.Join(base, "config")
				must(t, os.Rename(link(t, dir, "..two", "..data_tmp"), filepath.Join(dir, "..data")))
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			base := t.TempDir()
			told := start(t, c.prepare(t, base))
			c.change(t, base)
			await(t, told)
		})
	}
}

// folderIn makes a folder with a policy in it.
func folderIn(t *testing.T, base, name string) string {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(base, name, "apis", "a"), 0o700))
	writeIn(t, base, name)
	return filepath.Join(base, name)
}

func writeIn(t *testing.T, base, name string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(base, name, "apis", "a", "policy.xml"), []byte("<policies />"), 0o600))
}

func link(t *testing.T, base, target, name string) string {
	t.Helper()
	must(t, os.Symlink(target, filepath.Join(base, name)))
	return filepath.Join(base, name)
}
