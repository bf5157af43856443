package usage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// waiting are the parcels that wait to be sent, in their order: in a folder, one
// file each, or in memory where there is no folder. It is used by one goroutine
// at a time.
type waiting struct {
	dir     string // "" is memory
	entries []entry
	bytes   int64
	number  uint64 // of the newest entry
	most    int64  // bytes that may wait
}

// entry is a parcel that waits.
type entry struct {
	number uint64
	made   time.Time
	size   int64
	data   []byte // in memory only
}

// suffix ends the names of files of parcels. Their names are a number and when
// they were made.
const suffix = ".usage"

// openWaiting reads which parcels are in a folder, and makes it where it is not
// there. What is no whole parcel, such as a file that was being written when the
// process ended, is removed.
func openWaiting(dir string) (*waiting, error) {
	w := &waiting{dir: dir, most: MaxWaitingBytes}
	if dir == "" {
		return w, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of usage: %w", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the folder of usage: %w", err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), suffix+".new") {
			_ = os.Remove(filepath.Join(dir, f.Name())) // It was never whole.
			continue
		}
		e, ok := parseName(f.Name())
		info, err := f.Info()
		if !ok || err != nil || !info.Mode().IsRegular() {
			continue
		}
		e.size = info.Size()
		w.entries = append(w.entries, e)
		w.bytes += e.size
	}
	slices.SortFunc(w.entries, func(a, b entry) int { return int(int64(a.number) - int64(b.number)) })
	if n := len(w.entries); n > 0 {
		w.number = w.entries[n-1].number
	}
	return w, nil
}

// name is the file of an entry.
func (e *entry) name() string {
	return fmt.Sprintf("%016d-%d%s", e.number, e.made.Unix(), suffix)
}

func parseName(name string) (entry, bool) {
	body, ok := strings.CutSuffix(name, suffix)
	number, made, cut := strings.Cut(body, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	at, also := strconv.ParseInt(made, 10, 64)
	return entry{number: uint64(n), made: time.Unix(at, 0)}, ok && cut && err == nil && also == nil && n > 0
}

// add keeps a parcel, durably where there is a folder.
func (w *waiting) add(data []byte, now time.Time) error {
	e := entry{number: w.number + 1, made: now, size: int64(len(data))}
	if w.dir == "" {
		e.data = data
	} else if err := writeWhole(filepath.Join(w.dir, e.name()), data); err != nil {
		return fmt.Errorf("keeping usage: %w", err)
	}
	w.number = e.number
	w.entries = append(w.entries, e)
	w.bytes += e.size
	return nil
}

// writeWhole writes a file that is there whole or not at all.
func writeWhole(name string, data []byte) (err error) {
	f, err := os.OpenFile(filepath.Clean(name+".new"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name+".new"))
	}
	return os.Rename(name+".new", name)
}

// first returns the oldest parcel; false where none waits.
func (w *waiting) first() (e entry, data []byte, ok bool, err error) {
	if len(w.entries) == 0 {
		return entry{}, nil, false, nil
	}
	e = w.entries[0]
	if w.dir == "" {
		return e, e.data, true, nil
	}
	if e.size > MaxParcel {
		return e, nil, true, fmt.Errorf("reading usage that waits: %s has more than MaxParcel (%d) bytes", e.name(), MaxParcel)
	}
	data, err = os.ReadFile(filepath.Join(w.dir, e.name()))
	if err != nil {
		err = fmt.Errorf("reading usage that waits: %w", err)
	}
	return e, data, true, err
}

// drop forgets a parcel, wherever it stands.
func (w *waiting) drop(number uint64) error {
	i := slices.IndexFunc(w.entries, func(e entry) bool { return e.number == number })
	if i < 0 {
		return nil
	}
	e := w.entries[i]
	if w.dir != "" {
		if err := os.Remove(filepath.Join(w.dir, e.name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing usage that was sent: %w", err)
		}
	}
	w.entries = slices.Delete(w.entries, i, i+1)
	w.bytes -= e.size
	return nil
}

// tooMany returns the oldest parcel where the limits say that it must go.
func (w *waiting) tooMany(now time.Time) (entry, bool) {
	if len(w.entries) == 0 {
		return entry{}, false
	}
	e := w.entries[0]
	return e, w.bytes > w.most || len(w.entries) > MaxWaiting || now.Sub(e.made) > MaxAge
}

// forget takes a parcel out of the list, and leaves its file.
func (w *waiting) forget(number uint64) {
	i := slices.IndexFunc(w.entries, func(e entry) bool { return e.number == number })
	if i >= 0 {
		w.bytes -= w.entries[i].size
		w.entries = slices.Delete(w.entries, i, i+1)
	}
}
