package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

// TestOpenAtOnce makes one store from many sides at once.
func TestOpenAtOnce(t *testing.T) {
	const sides = 8
	dir := filepath.Join(memoryFolder(t), "new")
	stores := make([]*Store, sides)
	var wg sync.WaitGroup
	for i := range sides {
		wg.Go(func() {
			s, err := Open(t.Context(), dir)
			if err != nil {
				t.Errorf("side %d: %v", i, err)
				return
			}
			stores[i] = s
			_, err = s.Update(t.Context(), func(tx store.Tx) error {
				if err := tx.Put(store.Key(fmt.Sprintf("a/%d", i)), "", nil); err != nil {
					return err
				}
				_, err := tx.Audit(nil)
				return err
			})
			if err != nil {
				t.Errorf("side %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for _, s := range stores {
		if s == nil {
			continue
		}
		err := s.View(t.Context(), func(r store.Reader) error {
			if n, err := r.Count("a"); n != sides || err != nil {
				return fmt.Errorf("%d records: %w", n, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFilesAreTheOwners looks that nobody else may read what is kept.
func TestFilesAreTheOwners(t *testing.T) {
	dir := filepath.Join(memoryFolder(t), "new")
	s := opened(t, dir)
	if _, err := s.Update(t.Context(), work(1)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 3 {
		t.Errorf("there are %d files, want the database, its log and its index", len(entries))
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != filePermission {
			t.Errorf("%s has the permissions %v", e.Name(), info.Mode().Perm())
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestUnusableFile shows what is said of files that are no store.
func TestUnusableFile(t *testing.T) {
	tests := []struct {
		name string
		make func(file string) error
		want string
	}{
		{"not a database", func(file string) error {
			return os.WriteFile(file, []byte(strings.Repeat("no database ", 100)), filePermission)
		}, "not a database"},
		{"a folder", func(file string) error { return os.Mkdir(file, folderPermission) }, "is a directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := memoryFolder(t)
			if err := tt.make(filepath.Join(dir, FileName)); err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), dir)
			if err == nil {
				t.Fatalf("the store was opened; closing it: %v", s.Close())
			}
			if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("the error is %v, want %q and the folder", err, tt.want)
			}
		})
	}
}

// TestWaitingForAnotherProcess lets an update wait for one of another process
// until its context ends, and tries again.
func TestWaitingForAnotherProcess(t *testing.T) {
	dir := memoryFolder(t)
	one, other := opened(t, dir), opened(t, dir)
	_, err := one.Update(t.Context(), func(tx store.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		if _, err := other.Update(ctx, work(1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the update that waited told %v", err)
		}
		return work(1)(tx)
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := other.Update(t.Context(), work(2)); err != nil {
		t.Errorf("after waiting in vain: %v", err)
	}
	if err := errors.Join(checkWork(t.Context(), one, 2, 2), one.Close(), other.Close()); err != nil {
		t.Error(err)
	}
}
