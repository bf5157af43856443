package place

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const (
	// unfinished begins the names of files that are being written. No object's
	// name begins with a dot.
	unfinished = ".unfinished-"
	// abandonedAfter is the age at which such a file is removed: whoever wrote it
	// is gone.
	abandonedAfter = 24 * time.Hour
	// Modes: a backup is nobody else's business, encrypted or not.
	folderMode, fileMode = 0o700, 0o600
)

// folder is a folder of this machine.
type folder struct{ root string }

// openFolder opens a folder, which need not be there yet.
func openFolder(root string, now time.Time) (*folder, error) {
	full, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("finding the folder %s: %w", root, err)
	}
	f := &folder{root: full}
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, outcome(err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file, not a folder: %w", full, ErrInvalid)
	}
	f.sweep(now)
	return f, nil
}

// sweep removes what writers left that were killed. What cannot be removed stays
// and does no harm.
func (f *folder) sweep(now time.Time) {
	_ = filepath.WalkDir(f.root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), unfinished) {
			return nil //nolint:nilerr // The rest is looked at nevertheless.
		}
		if info, err := d.Info(); err == nil && now.Sub(info.ModTime()) > abandonedAfter {
			_ = os.Remove(file) //nolint:gosec // A folder in which others can make links is lost anyway.
		}
		return nil
	})
}

func (f *folder) file(name string) string { return filepath.Join(f.root, filepath.FromSlash(name)) }

// Put writes a file beside, syncs it, and renames it.
func (f *folder) Put(ctx context.Context, name string, fill func(io.Writer) error) (err error) {
	target := f.file(name)
	if err := os.MkdirAll(filepath.Dir(target), folderMode); err != nil {
		return outcome(err)
	}
	var unique [8]byte
	_, _ = rand.Read(unique[:])
	beside := filepath.Join(filepath.Dir(target), unfinished+hex.EncodeToString(unique[:]))
	w, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrNotExist) {
		return err // Somebody has just removed the folder, which was empty.
	}
	if err != nil {
		return outcome(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(beside) // Swept later where that fails.
		}
	}()
	err = fill(ended{ctx, w})
	if err == nil {
		err = context.Cause(ctx)
	}
	if err = errors.Join(err, w.Sync(), w.Close()); err != nil {
		return outcome(err)
	}
	if err := os.Rename(beside, target); err != nil {
		return outcome(err)
	}
	return f.sync(target)
}

// sync makes a new name outlive a loss of power, and the folders above it.
func (f *folder) sync(target string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	for dir := filepath.Dir(target); ; dir = filepath.Dir(dir) {
		d, err := os.Open(dir)
		if err != nil {
			return outcome(err)
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return outcome(err)
		}
		if dir == f.root || len(dir) <= len(f.root) {
			return nil
		}
	}
}

// Get opens a file.
func (f *folder) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := os.Open(f.file(name))
	if err != nil {
		return nil, outcome(err)
	}
	return readUntil{ctx, r}, nil
}

// List walks the folders that can have names with the prefix.
func (f *folder) List(ctx context.Context, prefix string, each func(Object) error) error {
	from := f.root
	if dir := path.Dir(prefix + "x"); dir != "." {
		from = f.file(dir)
	}
	// Folders are walked in the order of names, where "a-b" comes before "a/b":
	// objects are sorted by their whole names.
	var found []Object
	err := filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case d.IsDir():
			return nil
		}
		below, err := filepath.Rel(f.root, file)
		name := filepath.ToSlash(below)
		if err != nil || !strings.HasPrefix(name, prefix) || CheckName(name) != nil || len(found) > MaxObjects {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			found = append(found, Object{Name: name, Size: info.Size(), Modified: info.ModTime()})
		}
		return err
	})
	if err != nil {
		return outcome(err)
	}
	return eachSorted(found, each)
}

// Delete removes a file, and the folders that become empty.
func (f *folder) Delete(_ context.Context, name string) error {
	target := f.file(name)
	if err := os.Remove(target); err != nil {
		return outcome(err)
	}
	for dir := filepath.Dir(target); len(dir) > len(f.root); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil {
			break
		}
	}
	return nil //nolint:nilerr // Something else is in the folder.
}

// Close has nothing to let go of.
func (*folder) Close() error { return nil }

// outcome sorts the errors of files.
func outcome(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w; run as the user who owns the folder, or give this one the right to write", ErrRefused, err)
	}
	return err
}

// ended is a writer until its context ends.
type ended struct {
	ctx context.Context //nolint:containedctx // It lasts as long as the writer.
	w   io.Writer
}

// Write writes while the context lasts.
func (e ended) Write(b []byte) (int, error) {
	if err := context.Cause(e.ctx); err != nil {
		return 0, err
	}
	return e.w.Write(b)
}

// readUntil is a reader until its context ends.
type readUntil struct {
	ctx context.Context //nolint:containedctx // It lasts as long as the reader.
	io.ReadCloser
}

// Read reads while the context lasts.
func (r readUntil) Read(b []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.ReadCloser.Read(b)
}
