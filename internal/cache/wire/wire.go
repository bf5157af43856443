// Package wire writes cache entries as bytes and reads them again, for caches
// outside the process. The format is specified in docs/formats/cache.md.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
)

const (
	// Version is the version of the format, which is part of keys as well.
	Version = 1
	// MaxBytes is the most bytes that an entry has.
	MaxBytes = cache.MaxEntryBytes + 64<<10
	// MaxFields is the most header fields of a response.
	MaxFields = 4096
	// MaxTypeBytes is the longest name of a value's type.
	MaxTypeBytes = 1024

	magic      = "SPC"
	headBytes  = len(magic) + 2 + 8
	checkBytes = 4
	maxStatus  = 999
)

// The kinds of entries.
const (
	Response = 'r'
	Value    = 'v'
)

// ErrUnreadable says that bytes are not an entry of this version.
var ErrUnreadable = errors.New("not a cached entry of this version")

var castagnoli = crc32.MakeTable(crc32.Castagnoli) // Never written.

// AppendResponse appends a response that expires at a time.
func AppendResponse(b []byte, r *cache.Response, expires time.Time) ([]byte, error) {
	if r.Status < 0 || r.Status > maxStatus || len(r.Header) > MaxFields || r.Size() > cache.MaxEntryBytes {
		return nil, fmt.Errorf("writing a response: it has %d bytes, status %d and %d fields, more than can be cached",
			r.Size(), r.Status, len(r.Header))
	}
	begin := len(b)
	b = appendHead(b, Response, expires)
	b = binary.AppendUvarint(b, uint64(r.Status))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Stored.UnixNano()))
	b = appendText(b, r.Reason)
	b = binary.AppendUvarint(b, uint64(len(r.Header)))
	for _, f := range r.Header {
		b = appendText(appendText(b, f.Name), f.Value)
	}
	return finish(append(b, r.Body...), begin), nil
}

// AppendValue appends a value that expires at a time.
func AppendValue(b []byte, v cache.Value, expires time.Time) ([]byte, error) {
	if len(v.Type) > MaxTypeBytes || v.Size() > cache.MaxEntryBytes {
		return nil, fmt.Errorf("writing a value: it has %d bytes and a type of %d, more than can be cached", v.Size(), len(v.Type))
	}
	begin := len(b)
	b = appendHead(b, Value, expires)
	b = appendText(b, v.Type)
	return finish(append(b, v.Data...), begin), nil
}

func appendHead(b []byte, kind byte, expires time.Time) []byte {
	b = append(append(b, magic...), Version, kind)
	return binary.BigEndian.AppendUint64(b, uint64(expires.UnixMilli()))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// finish appends the checksum of what begins at begin.
func finish(b []byte, begin int) []byte {
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b[begin:], castagnoli))
}

// ReadResponse reads a response and when it expires. Its body is a part of data,
// which must not be changed afterwards.
func ReadResponse(data []byte) (*cache.Response, time.Time, error) {
	r, expires := open(data, Response)
	e := &cache.Response{Status: r.number(maxStatus), Stored: time.Unix(0, int64(r.word())).UTC(), Reason: r.text(len(r.rest))}
	if n := r.number(MaxFields); n > 0 && !r.bad {
		e.Header = make([]cache.Field, n)
	}
	for i := range e.Header {
		e.Header[i] = cache.Field{Name: r.text(len(r.rest)), Value: r.text(len(r.rest))}
		if r.bad {
			break
		}
	}
	if len(r.rest) > 0 {
		e.Body = slices.Clip(r.rest)
	}
	if r.bad || e.Size() > cache.MaxEntryBytes {
		return nil, time.Time{}, ErrUnreadable
	}
	return e, expires, nil
}

// ReadValue reads a value and when it expires. Its form is a part of data, which
// must not be changed afterwards.
func ReadValue(data []byte) (cache.Value, time.Time, error) {
	r, expires := open(data, Value)
	v := cache.Value{Type: r.text(MaxTypeBytes)}
	if len(r.rest) > 0 {
		v.Data = slices.Clip(r.rest)
	}
	if r.bad || v.Size() > cache.MaxEntryBytes {
		return cache.Value{}, time.Time{}, ErrUnreadable
	}
	return v, expires, nil
}

// reader reads what is left of an entry. After the first mistake it is bad and
// reads nothing more.
type reader struct {
	rest []byte
	bad  bool
}

// open checks head and checksum, and returns a reader of what is between them.
func open(data []byte, kind byte) (*reader, time.Time) {
	end := len(data) - checkBytes
	if len(data) > MaxBytes || end < headBytes || string(data[:len(magic)]) != magic || data[3] != Version || data[4] != kind ||
		binary.BigEndian.Uint32(data[end:]) != crc32.Checksum(data[:end], castagnoli) {
		return &reader{bad: true}, time.Time{}
	}
	expires := time.UnixMilli(int64(binary.BigEndian.Uint64(data[5:]))).UTC()
	return &reader{rest: data[headBytes:end]}, expires
}

// number reads a uvarint in its shortest form, at most limit.
func (r *reader) number(limit int) int {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > uint64(limit) || size > 1 && r.rest[size-1] == 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

// word reads eight bytes.
func (r *reader) word() uint64 {
	if len(r.rest) < 8 {
		r.fail()
		return 0
	}
	n := binary.BigEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return n
}

// text reads a text of at most limit bytes.
func (r *reader) text(limit int) string {
	n := r.number(limit)
	if n > len(r.rest) {
		r.fail()
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *reader) fail() { r.rest, r.bad = nil, true }
