package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	lib "modernc.org/sqlite/lib"
)

// faultUpdates is how many updates are made around one fault.
const faultUpdates = 30

// ended is how a store came through a fault.
type ended struct {
	acknowledged int  // Updates that returned no error.
	later        int  // Of those, how many began after the fault.
	fired        bool // The fault came at all.
}

// faulted makes updates on a store of which one operation on files fails.
func faulted(t *testing.T, d *disk, k int, code func(operation) int32) ended {
	t.Helper()
	var e ended
	dir := memoryFolder(t)
	s := opened(t, dir, onto(onDisk(t, d), "FULL"))
	d.mu.Lock()
	d.fault = func(op operation) int32 {
		c := code(op)
		if c == 0 || e.fired {
			return 0
		}
		k--
		e.fired = k == 0
		if !e.fired {
			return 0
		}
		return c
	}
	d.mu.Unlock()
	for range faultUpdates {
		after := e.fired
		_, err := s.Update(t.Context(), work(e.acknowledged+1))
		if err == nil {
			e.acknowledged++
			d.note(e.acknowledged)
		}
		if err == nil && after {
			e.later++
		}
		if err := checkWork(t.Context(), s, e.acknowledged, e.acknowledged); err != nil {
			t.Errorf("after update %d: %v", e.acknowledged, err)
		}
	}
	if err := s.Close(); err != nil && !e.fired {
		t.Errorf("closing: %v", err)
	}
	if err := checkFolder(t.Context(), dir, e.acknowledged, e.acknowledged+1); err != nil {
		t.Errorf("opened again: %v", err)
	}
	return e
}

func TestR10_SQLiteDiskErrors(t *testing.T) {
	write := func(code int32) func(operation) int32 {
		return func(op operation) int32 {
			if op.kind == opWrite {
				return code
			}
			return 0
		}
	}
	sync := func(op operation) int32 {
		if op.kind == opSync {
			return lib.SQLITE_IOERR_FSYNC
		}
		return 0
	}
	tests := []struct {
		name   string
		code   func(operation) int32
		refuse bool // Nothing is written after the fault.
	}{
		{"writing fails", write(lib.SQLITE_IOERR_WRITE), true},
		{"syncing fails", sync, true},
		{"the disk is full once", write(lib.SQLITE_FULL), false},
	}
	most := 40
	if *long {
		most = 200
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fired := 0
			for k := 1; k <= most; k++ {
				d := &disk{}
				e := faulted(t, d, k, tt.code)
				if !e.fired {
					break // There are fewer operations of the kind.
				}
				fired++
				if tt.refuse && e.later > 0 {
					t.Errorf("fault %d: %d updates taken after it", k, e.later)
				}
				if !tt.refuse && e.acknowledged < faultUpdates-1 {
					t.Errorf("fault %d: only %d acknowledged of %d", k, e.acknowledged, faultUpdates)
				}
				left := d.at(len(d.log))
				dir := memoryFolder(t)
				left.cut(t, dir, 0, rand.New(rand.NewPCG(10, uint64(k))))
				if err := checkFolder(t.Context(), dir, e.acknowledged, e.acknowledged+1); err != nil {
					t.Errorf("fault %d, and a power cut after all: %v", k, err)
				}
			}
			fmt.Printf("R10: SQLite, %s: %d places, each update was durable or reported as failed\n", tt.name, fired)
		})
	}
}

// TestR10_SQLiteDiskErrors_NegativeControl shows that a sync that failed and was
// forgotten is found out.
func TestR10_SQLiteDiskErrors_NegativeControl(t *testing.T) {
	d := &disk{forgets: true}
	e := faulted(t, d, 1, func(operation) int32 { return 0 })
	dir := memoryFolder(t)
	d.at(len(d.log)).cut(t, dir, 0, rand.New(rand.NewPCG(10, 0)))
	err := checkFolder(t.Context(), dir, e.acknowledged, e.acknowledged+1)
	if err == nil {
		t.Error("a disk that forgets to sync was not found out")
	}
	fmt.Printf("R10: SQLite on a disk that says it synced and did not: found out by %v\n", err)
}

// TestR10_SQLiteFullDisk fills a small file system. It needs the right to mount
// one.
func TestR10_SQLiteFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("SKIPPED: mounting a small file system: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	}()
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 256<<10), filePermission); err != nil {
		t.Fatal(err)
	}
	s := opened(t, dir)
	n := 0
	for {
		_, err := s.Update(t.Context(), work(n+1))
		if err != nil {
			t.Logf("after %d updates: %v", n, err)
			break
		}
		n++
	}
	if err := checkWork(t.Context(), s, n, n); err != nil {
		t.Error(err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Update(t.Context(), work(n+1)); err != nil {
		t.Errorf("with space again: %v", err)
	}
	if err := errors.Join(s.Close(), checkFolder(t.Context(), dir, n+1, n+1)); err != nil {
		t.Error(err)
	}
	fmt.Printf("R10: SQLite on a full file system: %d updates kept, the next reported as failed, and one more with space again\n", n)
}
