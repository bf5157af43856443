package archive

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Reader reads one archive. It is not for concurrent use. What Next returns is
// what was written; that the archive is whole is known when it returns io.EOF.
type Reader struct {
	header   Header
	chunks   *chunkReader
	content  *bufio.Reader
	order    order
	digester *Digester
	trailer  Trailer
	headed   int64
	failed   error
}

// NewReader reads the header, has its key opened, and makes sure of the first
// chunk. Its errors wrap ErrNotArchive, ErrVersion, ErrKey or ErrDamaged where
// the archive is the reason.
func NewReader(ctx context.Context, r io.Reader, keys KeyOpener) (*Reader, error) {
	h, head, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	master, err := keys.Master(ctx, h.Key)
	if err != nil {
		return nil, err
	}
	s, err := newSealer(master, h.Key.Salt, head)
	if err != nil {
		return nil, err
	}
	a := &Reader{header: h, chunks: newChunkReader(r, s), digester: NewDigester(), headed: int64(len(head))}
	a.order.header = &a.header
	zip, err := gzip.NewReader(a.chunks)
	if err != nil {
		return nil, damaged("reading the archive", err)
	}
	zip.Multistream(false)
	a.content = bufio.NewReaderSize(zip, contentBuffer)
	return a, nil
}

// damaged is the error of reading: what the decompressor refuses is damage, and
// so is an end before the trailer.
func damaged(doing string, err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, ErrDamaged):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: it ends too early: %w", doing, ErrDamaged)
	case errors.As(err, &corrupt), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("%s: %w: %w", doing, err, ErrDamaged)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Header is the archive's header, which is as it was written.
func (r *Reader) Header() Header { return r.header }

// Trailer is the archive's trailer, once Next has returned io.EOF.
func (r *Reader) Trailer() Trailer { return r.trailer }

// Bytes is how much of the archive was read.
func (r *Reader) Bytes() int64 { return r.headed + r.chunks.read }

// Next returns the next entry, or io.EOF after the last one, when the whole
// archive was right and nothing followed it. The entry belongs to the caller.
func (r *Reader) Next() (Entry, error) {
	if r.failed != nil {
		return nil, r.failed
	}
	e, err := r.next()
	if err != nil {
		r.failed = err
		return nil, err
	}
	return e, nil
}

func (r *Reader) next() (Entry, error) {
	kind, payload, err := r.entry()
	if err != nil {
		return nil, err
	}
	if kind == typeTrailer {
		return nil, r.end(payload)
	}
	e, err := decode(kind, payload)
	if err != nil {
		return nil, err
	}
	if err := r.order.next(e); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	r.digester.Add(e)
	return e, nil
}

// entry reads the type and the payload of an entry. The payload grows with what
// is there, not with what its length says.
func (r *Reader) entry() (byte, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r.content, head[:]); err != nil {
		return 0, nil, damaged("reading an entry", err)
	}
	length := int(binary.BigEndian.Uint32(head[1:]))
	if length > MaxEntry {
		return 0, nil, fmt.Errorf("an entry of %d bytes, of at most %d: %w", length, MaxEntry, ErrDamaged)
	}
	const step = 1 << 20
	payload := make([]byte, 0, min(length, step))
	for len(payload) < length {
		n := min(length-len(payload), step)
		payload = append(payload, make([]byte, n)...)
		if _, err := io.ReadFull(r.content, payload[len(payload)-n:]); err != nil {
			return 0, nil, damaged("reading an entry", err)
		}
	}
	return head[0], payload, nil
}

// end compares the trailer with what was read. It returns io.EOF where all is
// right.
func (r *Reader) end(payload []byte) error {
	var t Trailer
	if err := json.Unmarshal(payload, &t); err != nil {
		return fmt.Errorf("the trailer is no JSON: %w", ErrDamaged)
	}
	if err := r.order.end(); err != nil {
		return fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	if got := r.digester.Trailer(t.Secrets); got != t {
		return fmt.Errorf("the content is not what the trailer says: %w", ErrDamaged)
	}
	// What ends here is the member, then its check sum, then the last chunk.
	if _, err := r.content.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows the trailer: %w", errors.Join(err, ErrDamaged))
	}
	if _, err := r.chunks.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows the content: %w", errors.Join(err, ErrDamaged))
	}
	r.trailer = t
	return io.EOF
}
