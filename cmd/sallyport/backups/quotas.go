package backups

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/disk"
	"github.com/sallyport/sallyport/internal/counter/memory"
)

// found are the quotas that a gateway keeps in the data folder, which are at
// most a second old where it runs. It is the counter.Keeper of a backup.
type found []counter.Reading

// finding reads the quotas of a data folder; nil where there are none.
func finding(folder string) (counter.Keeper, error) {
	path := filepath.Join(folder, disk.File)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // There are none, and that is no error.
	}
	if err != nil {
		return nil, fmt.Errorf("reading the quotas: %w", err)
	}
	if info.Size() > disk.MaxFile {
		return nil, fmt.Errorf("reading the quotas: %s has %d bytes, more than %d", path, info.Size(), disk.MaxFile)
	}
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("reading the quotas: %w", err)
	}
	quotas, err := disk.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("reading the quotas in %s: %w", path, err)
	}
	return found(quotas), nil
}

// Snapshot returns the quotas.
func (f found) Snapshot() []counter.Reading { return slices.Clone(f) }

// Restore is for nobody: these are read only.
func (f found) Restore([]counter.Reading) {}

// left leaves restored quotas in the data folder, where the gateway finds them
// when it is started. It is the counter.Keeper of a restore.
type left struct {
	folder string
	err    error
}

// leaving returns what leaves quotas in a data folder, or nil where there is no
// such folder: a gateway of another machine has its quotas there.
func leaving(folder string) *left {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil
	}
	return &left{folder: folder}
}

// Snapshot has nothing to tell.
func (l *left) Snapshot() []counter.Reading { return nil }

// Restore writes the quotas to the folder; what is there already and is larger
// stays. err is what went wrong.
func (l *left) Restore(quotas []counter.Reading) {
	if len(quotas) == 0 {
		return
	}
	keeper := memory.New(memory.Options{Clock: clock.System()})
	kept, err := disk.Open(disk.Options{Keeper: keeper, Folder: l.folder, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		l.err = fmt.Errorf("everything but the quotas was restored: %w", err)
		return
	}
	keeper.Restore(quotas)
	if err := kept.Close(); err != nil {
		l.err = fmt.Errorf("everything but the quotas was restored: %w", err)
	}
}
