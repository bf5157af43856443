package archive

import (
	"bufio"
	"compress/gzip"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// contentBuffer is how much of the content is compressed at once, in bytes.
const contentBuffer = 64 << 10

// Writer writes one archive. It is not for concurrent use. After an error it
// does nothing more, and what was written is no archive.
type Writer struct {
	header   Header
	chunks   *chunkWriter
	zip      *gzip.Writer
	buffer   *bufio.Writer
	order    order
	digester *Digester
	encoder  encoder
	secrets  uint64
	headed   int64
	failed   error
}

// NewWriter writes the header, and returns what writes the entries. The header's
// Key is set here.
func NewWriter(w io.Writer, h Header, key *Key) (*Writer, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt)
	h.Key = KeyHeader{Name: key.name, Wrapped: key.wrapped, Salt: salt}
	h.Version = version
	h.Created, h.RevisionTime = h.Created.UTC().Round(0), h.RevisionTime.UTC().Round(0)
	head, err := h.encode()
	if err != nil {
		return nil, err
	}
	s, err := newSealer(key.master, salt, head)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(head); err != nil {
		return nil, fmt.Errorf("writing the header: %w", err)
	}
	a := &Writer{header: h, chunks: newChunkWriter(w, s), digester: NewDigester(), headed: int64(len(head))}
	a.order.header = &a.header
	// The fastest level: configuration shrinks to a tenth all the same.
	if a.zip, err = gzip.NewWriterLevel(a.chunks, gzip.BestSpeed); err != nil {
		return nil, fmt.Errorf("preparing compression: %w", err)
	}
	a.buffer = bufio.NewWriterSize(a.zip, contentBuffer)
	return a, nil
}

// Header is the header as it was written.
func (w *Writer) Header() Header { return w.header }

// Bytes is how much of the archive was given to the underlying writer.
func (w *Writer) Bytes() int64 { return w.headed + w.chunks.written }

// Write writes an entry: a DataKey, Record, AuditEntry, Counter, Revision, Version
// or Account. Its slices may be changed afterwards.
func (w *Writer) Write(e Entry) error {
	if w.failed != nil {
		return w.failed
	}
	w.failed = w.write(e)
	return w.failed
}

func (w *Writer) write(e Entry) error {
	if err := checkEntry(e); err != nil {
		return err
	}
	if err := w.order.next(e); err != nil {
		return err
	}
	w.digester.Add(e)
	w.encoder.b = w.encoder.b[:0]
	e.payload(&w.encoder)
	defer w.encoder.shrink()
	return w.entry(typeOf(e), w.encoder.b)
}

func (w *Writer) entry(kind byte, payload []byte) error {
	if len(payload) > MaxEntry {
		return fmt.Errorf("an entry of %d bytes: %w", len(payload), ErrLimit)
	}
	var head [5]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(payload)))
	if _, err := w.buffer.Write(head[:]); err != nil {
		return fmt.Errorf("writing the archive: %w", err)
	}
	if _, err := w.buffer.Write(payload); err != nil {
		return fmt.Errorf("writing the archive: %w", err)
	}
	return nil
}

// NoteSecrets adds to the number of sealed values that opened.
func (w *Writer) NoteSecrets(n int) { w.secrets += uint64(max(n, 0)) }

// Close writes the trailer and the last chunk; it does not close the underlying
// writer. Only then the archive is one.
func (w *Writer) Close() (Trailer, error) {
	if w.failed != nil {
		return Trailer{}, w.failed
	}
	w.failed = errors.New("the archive was ended")
	if err := w.order.end(); err != nil {
		return Trailer{}, err
	}
	t := w.digester.Trailer(w.secrets)
	text, err := json.Marshal(t)
	if err != nil {
		return Trailer{}, fmt.Errorf("encoding the trailer: %w", err)
	}
	if err := w.entry(typeTrailer, text); err != nil {
		return Trailer{}, err
	}
	for _, end := range []func() error{w.buffer.Flush, w.zip.Close, w.chunks.Close} {
		if err := end(); err != nil {
			return Trailer{}, fmt.Errorf("writing the end of the archive: %w", err)
		}
	}
	return t, nil
}
