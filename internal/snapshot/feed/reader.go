package feed

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Reader reads frames. It takes memory for bytes that have come, never for
// those that a frame announces.
type Reader struct {
	r     io.Reader
	begun bool
}

// NewReader returns a reader of the feed that r begins. r should be buffered.
func NewReader(r io.Reader) *Reader { return &Reader{r: r} }

// Read returns the next frame of a known type, unpacked. The first is hello, and
// no other is. Where the feed ends between two frames the error is io.EOF; what
// is no frame gives an error that wraps ErrFrame.
func (r *Reader) Read() (Frame, error) {
	for {
		var head [frameHead]byte
		if _, err := io.ReadFull(r.r, head[:]); err != nil {
			if errors.Is(err, io.EOF) {
				return Frame{}, io.EOF
			}
			return Frame{}, cutOff(err)
		}
		f, err := r.frame(head)
		if err != nil {
			return Frame{}, err
		}
		if f.Type.passed() {
			continue
		}
		if (f.Type == TypeHello) == r.begun {
			return Frame{}, fmt.Errorf("%w: %s comes first and only first, not %s", ErrFrame, TypeHello, f.Type)
		}
		r.begun = true
		return f, nil
	}
}

// frame reads what follows a head, and checks the whole. Of a type that may be
// passed over it keeps nothing.
func (r *Reader) frame(head [frameHead]byte) (Frame, error) {
	kind, flags := Type(head[0]), head[1]
	length := binary.BigEndian.Uint32(head[4:])
	limit := limitOf(kind)
	switch {
	case kind == 0 || kind > TypeBye && kind < typeOptional:
		return Frame{}, fmt.Errorf("%w: a frame has %s, which this release does not know", ErrFrame, kind)
	case flags&^flagCompressed != 0 || head[2] != 0 || head[3] != 0:
		return Frame{}, fmt.Errorf("%w: %s has flags that this release does not know", ErrFrame, kind)
	case uint64(length) > uint64(limit):
		return Frame{}, fmt.Errorf("%w: the %d bytes of %s are more than %d", ErrFrame, length, kind, limit)
	}
	sum := crc32.New(castagnoli)
	_, _ = sum.Write(head[:]) // A hash takes everything.
	var payload bytes.Buffer
	into := io.MultiWriter(sum, &payload)
	if kind.passed() {
		into = sum
	}
	if _, err := io.CopyN(into, r.r, int64(length)); err != nil {
		return Frame{}, cutOff(err)
	}
	var tail [frameTail]byte
	if _, err := io.ReadFull(r.r, tail[:]); err != nil {
		return Frame{}, cutOff(err)
	}
	if binary.BigEndian.Uint32(tail[:]) != sum.Sum32() {
		return Frame{}, fmt.Errorf("%w: the checksum of %s is wrong", ErrFrame, kind)
	}
	f := Frame{Type: kind, Payload: payload.Bytes()}
	if flags&flagCompressed == 0 || kind.passed() {
		return f, nil
	}
	var err error
	f.Payload, err = unpack(kind, f.Payload, limit)
	return f, err
}

// unpack undoes compress, up to a limit in bytes.
func unpack(kind Type, packed []byte, limit int) ([]byte, error) {
	zipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: unpacking %s: %w", ErrFrame, kind, err)
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(zipped, int64(limit)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: unpacking %s: %w", ErrFrame, kind, err)
	case n > int64(limit):
		return nil, fmt.Errorf("%w: %s has more than %d bytes when it is unpacked", ErrFrame, kind, limit)
	}
	return out.Bytes(), nil
}

// cutOff says that the feed ended within a frame.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends within a frame: %w", ErrFrame, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("reading the feed: %w", err)
}
