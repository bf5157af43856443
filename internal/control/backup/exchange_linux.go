package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/sallyport/sallyport/internal/control/store/sqlite"
)

// exchange gives two folders each other's names, in one step: there is no moment
// without a store.
func exchange(a, b string) error {
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}

// deadManSwitch is the byte of the file beside a SQLite database that everyone
// who uses the database holds a lock on.
const deadManSwitch = 128

// inUse reports whether another process uses the store in a folder: it would go
// on with files that nobody sees any more. It may not be asked by a process that
// uses the store itself, which would lose its locks.
func inUse(folder string) (bool, error) {
	f, err := os.Open(filepath.Join(filepath.Clean(folder), sqlite.FileName+"-shm"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking who uses the store: %w", err)
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: deadManSwitch, Len: 1}
	if err := errors.Join(unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock), f.Close()); err != nil {
		return false, fmt.Errorf("looking who uses the store: %w", err)
	}
	return lock.Type != unix.F_UNLCK, nil
}
