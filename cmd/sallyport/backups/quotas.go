package backups

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/disk"
	"github.com/sallyport/sallyport/internal/counter/memory"
)

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
	kept, err := disk.Open(disk.Options{Keeper: keeper, Folder: l.folder, Clock: clock.System(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		l.err = fmt.Errorf("everything but the quotas was restored: %w", err)
		return
	}
	keeper.Restore(quotas)
	if err := kept.Close(); err != nil {
		l.err = fmt.Errorf("everything but the quotas was restored: %w", err)
	}
}
