package apiops

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"unicode/utf8"
)

// errMissing says that a file is not there.
var errMissing = errors.New("the file is missing")

// read returns a file of at most limit bytes. Name is the limit's own name.
func (r *reader) read(path string, limit int64, name string) ([]byte, error) {
	if r.files.Add(1) > MaxFiles {
		return nil, fmt.Errorf("the folder has more than %d files (limit MaxFiles)", MaxFiles)
	}
	f, err := r.fsys.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMissing
	}
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	defer func() { _ = f.Close() }() // It was only read.
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the file: %w", err)
	case info.IsDir():
		return nil, errors.New("it is a folder, not a file")
	case info.Size() > limit:
		return nil, fmt.Errorf("the file has %d bytes (limit %s, %d)", info.Size(), name, limit)
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the file: %w", err)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("the file has more than %d bytes (limit %s)", limit, name)
	}
	return data, nil
}

// text reads a file that must be UTF-8, without a byte order mark.
func (r *reader) text(path string, limit int64, name string) (string, error) {
	data, err := r.read(path, limit, name)
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
