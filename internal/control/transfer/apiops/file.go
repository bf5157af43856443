package apiops

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/problem"
)

// errMissing says that a file is not there.
var errMissing = errors.New("the file is missing")

// read returns a file of at most limit bytes. Name is the limit's own name.
func (r *reader) read(file string, limit int64, name string) ([]byte, error) {
	if names, ok := r.listed[path.Dir(file)]; ok && !names[path.Base(file)] {
		return nil, errMissing
	}
	if r.files.Add(1) > MaxFiles {
		return nil, fmt.Errorf("the folder has more than %d files (limit MaxFiles)", MaxFiles)
	}
	info, err := r.regular(file)
	if err != nil {
		return nil, err
	}
	f, err := r.fsys.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	defer func() { _ = f.Close() }() // It was only read.
	if info.Size() > limit {
		return nil, fmt.Errorf("the file has %d bytes (limit %s, %d)", info.Size(), name, limit)
	}
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the file: %w", err)
	case n > limit:
		return nil, fmt.Errorf("the file has more than %d bytes (limit %s)", limit, name)
	}
	return b.Bytes(), nil
}

// regular returns what is known of a file before it is opened: opening a pipe
// would wait for a writer for ever.
func (r *reader) regular(file string) (fs.FileInfo, error) {
	info, err := fs.Stat(r.fsys, file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && r.listed[path.Dir(file)][path.Base(file)]:
		return nil, errors.New("it is a symbolic link to a file that is not there")
	case errors.Is(err, fs.ErrNotExist):
		return nil, errMissing
	case err != nil:
		return nil, fmt.Errorf("reading the file: %w", err)
	case info.IsDir():
		return nil, errors.New("it is a folder, not a file")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is a device, a pipe or a socket, not a file")
	}
	return info, nil
}

// list returns what is in a folder, and remembers it, so that files which are
// not there are not looked for.
func (r *reader) list(dir string) []fs.DirEntry {
	if entries, ok := r.entries[dir]; ok {
		return entries
	}
	entries, err := fs.ReadDir(r.fsys, dir)
	if err != nil {
		r.add(problem.Location{File: dir}, fmt.Sprintf("the folder cannot be read: %v", err), "")
		return nil
	}
	names := make(map[string]bool, len(entries))
	for _, e := range entries {
		names[e.Name()] = true
	}
	if r.listed == nil {
		r.listed, r.entries = map[string]map[string]bool{}, map[string][]fs.DirEntry{}
	}
	r.listed[dir], r.entries[dir] = names, entries
	return entries
}

// text reads a file that must be UTF-8, without a byte order mark.
func (r *reader) text(file string, limit int64, name string) (string, error) {
	data, err := r.read(file, limit, name)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(data) {
		return "", errors.New("the file is not UTF-8")
	}
	const byteOrderMark = "\xef\xbb\xbf"
	if len(data) >= len(byteOrderMark) && string(data[:len(byteOrderMark)]) == byteOrderMark {
		data = data[len(byteOrderMark):]
	}
	return string(data), nil
}
