package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
)

// What stands beside the folder of a store.
const (
	asideSuffix    = ".restoring"
	previousSuffix = ".before-restore-"
	previousFormat = "20060102T150405.000000000Z"
)

// folder builds a SQLite store beside the folder, and renames it into place when
// it is whole and durable. What was there is as it was until then.
func (p *plan) folder() error {
	target, err := filepath.Abs(p.to.Folder)
	if err != nil {
		return err
	}
	occupied, err := taken(target)
	if err != nil {
		return err
	}
	switch {
	case occupied && !p.options.Replace:
		return fmt.Errorf("%s: %w", target, ErrOccupied)
	case p.options.DryRun:
		return p.into(memory.New()) // Everything would be made.
	}
	if occupied {
		used, err := inUse(target)
		if err != nil {
			return err
		}
		if used {
			return fmt.Errorf("replacing %s: %w", target, ErrInUse)
		}
	}
	aside := target + asideSuffix
	// What a restore has left that was killed is of no use.
	if err := os.RemoveAll(aside); err != nil {
		return fmt.Errorf("removing what another restore has left: %w", err)
	}
	if err := p.build(aside); err != nil {
		return errors.Join(err, os.RemoveAll(aside))
	}
	return p.swap(aside, target)
}

// build makes the new store.
func (p *plan) build(aside string) error {
	st, err := sqlite.Open(p.ctx, aside, sqlite.WithClock(p.to.Clock))
	if err != nil {
		return err
	}
	// Closing moves all of the log to the database.
	return errors.Join(p.into(st), st.Close())
}

// swap puts the new folder in the place of the old one, at once.
func (p *plan) swap(aside, target string) error {
	parent := filepath.Dir(target)
	occupied, err := taken(target)
	if err != nil {
		return err
	}
	if !occupied {
		if err := os.Rename(aside, target); err != nil {
			return fmt.Errorf("moving the new store into place: %w", err)
		}
		return syncFolder(parent)
	}
	if !p.options.Replace {
		return errors.Join(fmt.Errorf("%s: %w", target, ErrOccupied), os.RemoveAll(aside))
	}
	if err := exchange(aside, target); err != nil {
		return errors.Join(fmt.Errorf("moving the new store into place: %w", err), os.RemoveAll(aside))
	}
	previous := target + previousSuffix + p.to.Clock.Now().UTC().Format(previousFormat)
	if err := errors.Join(syncFolder(parent), os.Rename(aside, previous), syncFolder(parent)); err != nil {
		return fmt.Errorf("the new store is in place; keeping the old one: %w", err)
	}
	p.read.report.Previous = previous
	return nil
}

// taken reports whether there is anything in a folder.
func taken(folder string) (bool, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for a store: %w", err)
	}
	return len(entries) > 0, nil
}

// syncFolder makes the names in a folder durable.
func syncFolder(folder string) error {
	d, err := os.Open(filepath.Clean(folder))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
