package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// ErrBodyConsumed is returned when a body that streams is asked for a second
// time, after its bytes have gone.
var ErrBodyConsumed = errors.New("the body has already been consumed")

// TooLargeError says that a body did not fit into the limit of the one that
// wanted it buffered.
type TooLargeError struct {
	Limit int64 // bytes
}

// Error names the limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the body is larger than the %d bytes that may be buffered", e.Limit)
}

// Body is the content of a message. It streams from its source until someone
// asks for it in memory; from then on it can be read any number of times. The
// zero Body is absent. It is not safe for concurrent use.
type Body struct {
	source   io.ReadCloser // what has not been read; nil when there is nothing left to read
	data     []byte        // what has been read, or was set
	declared int64         // length that the sender declared; -1 when it did not
	present  bool
	consumed bool
	capture  *capture
}

// SetStream makes the body stream from r. size is the declared length in bytes,
// or -1. Close closes r. A source that is used for one exchange after the other
// is Metered, because what counts for it would have to be made anew each time.
func (b *Body) SetStream(r io.ReadCloser, size int64) {
	*b = Body{source: r, declared: size, present: true}
}

// SetBytes makes the body these bytes, which the caller gives away. A source
// that was there is closed: what was not read of it is dropped.
func (b *Body) SetBytes(data []byte) error {
	err := b.Close()
	*b = Body{data: data, declared: int64(len(data)), present: true}
	return err
}

// Remove makes the body absent.
func (b *Body) Remove() error {
	err := b.Close()
	*b = Body{}
	return err
}

// Present reports whether the message has a body, if only an empty one.
func (b *Body) Present() bool { return b.present }

// Consumed reports whether the body's bytes have been handed out and are gone.
func (b *Body) Consumed() bool { return b.consumed }

// Size returns the length in bytes, or -1 where it is not known before the
// body has been read. It is 0 for an absent body.
func (b *Body) Size() int64 {
	switch {
	case !b.present:
		return 0
	case b.source == nil:
		return int64(len(b.data))
	}
	return b.declared
}

// Buffer reads the whole body into memory, where it stays, and returns it. The
// slice is the body's own and is only read. When the body is larger than limit
// bytes the error is a *TooLargeError, and the body can still be streamed from
// its beginning.
func (b *Body) Buffer(limit int64) ([]byte, error) {
	switch {
	case b.consumed:
		return nil, ErrBodyConsumed
	case b.source == nil:
		return b.data, nil
	case b.declared > limit:
		return nil, &TooLargeError{Limit: limit}
	}
	if err := b.readUpTo(limit); err != nil {
		return nil, err
	}
	return b.data, nil
}

// readUpTo appends what the source has to data, until its end or until data is
// larger than the limit.
func (b *Body) readUpTo(limit int64) error {
	buf := bytes.NewBuffer(b.data)
	if b.declared > 0 {
		// More may have been read than was declared.
		buf.Grow(max(int(b.declared)-len(b.data), 0) + bytes.MinRead)
	}
	_, err := io.Copy(buf, io.LimitReader(b.source, limit+1-int64(len(b.data))))
	b.data = buf.Bytes()
	if err != nil {
		return fmt.Errorf("reading the body: %w", err)
	}
	if int64(len(b.data)) > limit {
		return &TooLargeError{Limit: limit}
	}
	err = b.source.Close()
	b.source = nil
	if err != nil {
		return fmt.Errorf("closing the body: %w", err)
	}
	return nil
}

// Consume marks a buffered body as gone and returns its bytes: what an
// expression does that reads it without preserveContent.
func (b *Body) Consume(limit int64) ([]byte, error) {
	data, err := b.Buffer(limit)
	if err != nil {
		return nil, err
	}
	*b = Body{consumed: true, present: b.present}
	return data, nil
}

// Buffered returns the whole body if it is in memory already.
func (b *Body) Buffered() ([]byte, bool) {
	if b.source != nil || b.consumed {
		return nil, false
	}
	return b.data, true
}

// Whole returns the whole body where it is in memory already, as Reader would
// give it. The slice is only read.
func (b *Body) Whole() ([]byte, bool) {
	if b.source != nil || b.consumed {
		return nil, false
	}
	for c := b.capture; c != nil; c = c.next {
		if int64(len(b.data)) <= c.limit {
			c.done(bytes.Clone(b.data))
		}
	}
	b.capture = nil
	return b.data, true
}

// Reader returns a reader over the whole body. For a body in memory each call
// starts at the beginning. A body that streams is handed out once; the next
// call returns ErrBodyConsumed. Closing stays with Close.
func (b *Body) Reader() (io.Reader, error) {
	switch {
	case b.consumed:
		return nil, ErrBodyConsumed
	case b.source == nil:
		return b.captured(bytes.NewReader(b.data)), nil
	}
	b.consumed = true
	if len(b.data) == 0 {
		return b.captured(b.source), nil
	}
	return b.captured(io.MultiReader(bytes.NewReader(b.data), b.source)), nil
}

// Close closes the source. What has been buffered stays readable.
func (b *Body) Close() error {
	if b.source == nil {
		return nil
	}
	err := b.source.Close()
	b.source = nil
	if err != nil {
		return fmt.Errorf("closing the body: %w", err)
	}
	return nil
}

// Capture calls done once with a copy of the whole body, after it has been read
// to its end through Reader. It is not called when the body is larger than
// limit bytes, is cut off, or is replaced. Streaming is not delayed.
func (b *Body) Capture(limit int64, done func([]byte)) {
	b.capture = &capture{limit: limit, done: done, next: b.capture}
}

// Metered is a source that counts the bytes that have been read from it. An
// engine's own sources do, so that nothing stands between them and the one that
// forwards the body: that one may then know a source and move its bytes within
// the kernel.
type Metered interface {
	// BytesRead returns how many bytes of the body have been read.
	BytesRead() int64
}

// meter counts the bytes that are read from a source that does not do it. It
// belongs to one request and is not used again: the one that forwards the body
// may still read when the request has been answered.
type meter struct {
	source io.ReadCloser
	n      atomic.Int64
}

// Read reads from the source.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.source.Read(p)
	m.n.Add(int64(n))
	return n, err
}

// Close closes the source.
func (m *meter) Close() error { return m.source.Close() }

// BytesRead returns how many bytes have been read.
func (m *meter) BytesRead() int64 { return m.n.Load() }

// Meter returns what tells how much has been read of the body's source: the
// source itself where it is Metered, otherwise something in front of it that
// counts from now on. It is nil where the body does not stream.
func (b *Body) Meter() Metered {
	switch source := b.source.(type) {
	case nil:
		return nil
	case Metered:
		return source
	}
	m := &meter{source: b.source}
	b.source = m
	return m
}

func (b *Body) captured(r io.Reader) io.Reader {
	for c := b.capture; c != nil; c = c.next {
		r = &capturingReader{source: r, to: c}
	}
	b.capture = nil
	return r
}

// capture is one wish to see the body that passes by.
type capture struct {
	limit int64
	done  func([]byte)
	next  *capture
}

type capturingReader struct {
	source io.Reader
	to     *capture
	data   []byte
	over   bool
}

// Read reads from the source and keeps what it read, up to the limit.
func (r *capturingReader) Read(p []byte) (int, error) {
	n, err := r.source.Read(p)
	if r.over {
		return n, err
	}
	if int64(len(r.data)+n) > r.to.limit {
		r.data, r.over = nil, true
		return n, err
	}
	r.data = append(r.data, p[:n]...)
	if errors.Is(err, io.EOF) {
		r.over = true
		r.to.done(r.data)
	}
	return n, err
}
