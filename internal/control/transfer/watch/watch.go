// Package watch tells when a configuration folder has changed. It follows
// changes of single files, of whole folders, and of a folder that is replaced
// as a whole, as mounted volumes are.
package watch

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/sallyport/sallyport/internal/clock"
)

const (
	// Settle is how long a folder must be quiet before it is read: an editor or
	// a checkout changes many files, and a half of them is no configuration.
	Settle = 200 * time.Millisecond
	// Rescan is how often the folder is looked at whatever the notifications
	// say: some file systems send none.
	Rescan = 30 * time.Second
	// MaxFolders bounds the folders that are watched; below further ones only
	// Rescan finds changes.
	MaxFolders = 50_000
)

// Folder calls changed once when it watches, for what has changed before that,
// then each time the folder has changed and is quiet again, and at each rescan,
// until ctx ends.
func Folder(ctx context.Context, dir string, c clock.Clock, log *slog.Logger, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watching %s: %w", dir, err)
	}
	defer w.Close() //nolint:errcheck // Nothing is lost with it.
	f := &folder{watcher: w, dir: dir, log: log}
	f.addFolder()
	changed()
	rescan := c.NewTicker(Rescan)
	defer rescan.Stop()
	settle := c.NewTimer(Settle)
	settle.Stop()
	defer settle.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-w.Events:
			if !f.concerns(e.Name) {
				continue
			}
			if e.Has(fsnotify.Create) {
				f.addAll(e.Name)
			}
			settle.Reset(Settle)
		case err := <-w.Errors:
			log.Warn("watching the configuration folder", slog.String("folder", dir), slog.Any("error", err))
			settle.Reset(Settle)
		case <-settle.C():
			f.addFolder()
			changed()
		case <-rescan.C():
			f.addFolder()
			changed()
		}
	}
}

type folder struct {
	watcher *fsnotify.Watcher
	dir     string
	log     *slog.Logger
	// around is the folder that holds dir where dir is a symbolic link, watched
	// for a link to somewhere else.
	around string
}

// addFolder watches the whole folder. Where it is a symbolic link, that is what
// it leads to now, and the link itself.
func (f *folder) addFolder() {
	target, err := filepath.EvalSymlinks(f.dir)
	if err != nil {
		return // It has gone; the reader says so.
	}
	if target != filepath.Clean(f.dir) {
		f.around = filepath.Dir(filepath.Clean(f.dir))
		if err := f.watcher.Add(f.around); err != nil {
			f.late(f.around, err)
		}
	}
	f.addAll(target)
}

// concerns reports whether a change is one of the configuration. Of what lies
// beside a symbolic link, it is the link alone.
func (f *folder) concerns(name string) bool {
	return f.around == "" || filepath.Dir(name) != f.around || filepath.Base(name) == filepath.Base(f.dir)
}

// addAll watches a folder and all below it. Watching one twice does nothing.
func (f *folder) addAll(root string) {
	count := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil //nolint:nilerr // A file that has gone meanwhile needs no watching.
		}
		if count++; count > MaxFolders {
			return fs.SkipAll
		}
		return f.watcher.Add(path)
	})
	if err != nil {
		f.late(root, err)
	}
}

// late says that changes of a folder are found by looking at it only.
func (f *folder) late(root string, err error) {
	f.log.Warn("watching the configuration folder; changes are found every "+Rescan.String(),
		slog.String("folder", root), slog.Any("error", err))
}
