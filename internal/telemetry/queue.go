package telemetry

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

const (
	// DefaultQueueRecords is the capacity of a queue that is given none.
	DefaultQueueRecords = 16384
	// DefaultFlushInterval is how long records are gathered before they are
	// written, when the queue does not fill up earlier.
	DefaultFlushInterval = 50 * time.Millisecond
	// MaxQueueBytes bounds what waits in a queue, however few records it is.
	MaxQueueBytes = 8 << 20
	// writeBytes is about the size of one write.
	writeBytes = 64 << 10
	// firstBufferBytes holds most records; maxBufferBytes bounds a buffer that
	// is kept for later ones, and maxGatheredBytes one of gathered records.
	firstBufferBytes = 768
	maxBufferBytes   = 4 << 10
	maxGatheredBytes = 4 << 20
)

// Queue brings records to a slow writer without holding up who offers them. It
// holds a bounded number; what finds it full is dropped and counted. Records
// are encoded when they are offered, so that nothing they refer to is kept, and
// gathered in one buffer, in order, while one goroutine writes another.
type Queue[T any] struct {
	name   string
	w      io.Writer
	encode func(dst []byte, v *T) []byte
	clock  clock.Clock
	flush  time.Duration
	max    int // records

	buffers sync.Pool     // Of *[]byte, to encode in.
	waiting atomic.Int64  // Records in next.
	wake    chan struct{} // There are records.
	hurry   chan struct{} // The queue is half full.
	stop    chan struct{}
	stopped chan struct{} // The goroutine has ended.
	given   atomic.Bool   // Nobody waits for what is left: it is not written.

	mu     sync.Mutex
	closed bool
	next   batch // That records are gathered in.

	offered, delivered, dropped atomic.Int64
}

// QueueOptions says how a queue is made. The zero value will do.
type QueueOptions struct {
	// Clock tells the time; nil is the clock of the machine.
	Clock clock.Clock
	// Records is the capacity; zero or less is DefaultQueueRecords.
	Records int
	// Flush is how long records are gathered; zero is DefaultFlushInterval, and
	// below zero they are not.
	Flush time.Duration
}

// QueueStats counts records since the queue was made. Offered is the sum of the
// other three.
type QueueStats struct {
	Offered int64
	// Delivered records were written whole.
	Delivered int64
	// Dropped records found the queue full or closed, or their write failed.
	Dropped int64
	// Pending records are in the queue or being written.
	Pending int64
}

// NewQueue starts a queue that writes to w what encode appends for a record.
// The name is used in errors and metrics. Close ends its goroutine.
func NewQueue[T any](name string, w io.Writer, encode func(dst []byte, v *T) []byte, o QueueOptions) *Queue[T] {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Records <= 0 {
		o.Records = DefaultQueueRecords
	}
	if o.Flush == 0 {
		o.Flush = DefaultFlushInterval
	}
	q := &Queue[T]{
		name: name, w: w, encode: encode, clock: o.Clock, flush: o.Flush, max: o.Records,
		wake:    make(chan struct{}, 1),
		hurry:   make(chan struct{}, 1),
		stop:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
	q.buffers.New = func() any { return newBuffer() }
	go q.run()
	return q
}

// Name returns the name that the queue was given.
func (q *Queue[T]) Name() string { return q.name }

// Offer queues a record and reports whether there was room. It never waits for
// the writer, and keeps nothing of the record.
func (q *Queue[T]) Offer(v *T) bool {
	q.offered.Add(1)
	if q.waiting.Load() >= int64(q.max) {
		q.dropped.Add(1) // Nobody else is held up to find that out.
		return false
	}
	buf, ok := q.buffers.Get().(*[]byte)
	if !ok {
		buf = newBuffer()
	}
	*buf = q.encode((*buf)[:0], v)
	n := q.put(*buf)
	if cap(*buf) <= maxBufferBytes {
		q.buffers.Put(buf)
	}
	switch {
	case n == 0:
		q.dropped.Add(1)
		return false
	case n == 1:
		signal(q.wake)
	}
	if 2*n >= q.max {
		signal(q.hurry)
	}
	return true
}

// put adds an encoded record to those that are gathered, and returns how many
// those are; 0 where there is no room for it.
func (q *Queue[T]) put(record []byte) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.next.ends) >= q.max || len(q.next.buf)+len(record) > MaxQueueBytes {
		return 0
	}
	q.next.buf = append(q.next.buf, record...)
	q.next.ends = append(q.next.ends, len(q.next.buf))
	q.waiting.Add(1)
	return len(q.next.ends)
}

func newBuffer() *[]byte {
	b := make([]byte, 0, firstBufferBytes)
	return &b
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Stats returns what the queue has counted.
func (q *Queue[T]) Stats() QueueStats {
	// A record is offered before it is anything else: read in the other order,
	// it could be seen as delivered and not yet offered.
	delivered, dropped := q.delivered.Load(), q.dropped.Load()
	offered := q.offered.Load()
	return QueueStats{
		Offered: offered, Delivered: delivered, Dropped: dropped,
		Pending: offered - delivered - dropped,
	}
}

// Close stops taking records, waits until those in the queue are written, and
// ends the goroutine. When ctx ends first, what is left in the queue is dropped
// and counted; a write that hangs in the writer is left behind, and counted
// when it returns.
func (q *Queue[T]) Close(ctx context.Context) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.stop)
	}
	q.mu.Unlock()
	select {
	case <-q.stopped:
		return nil
	case <-ctx.Done():
		q.given.Store(true)
		n := len(q.take(batch{}).ends)
		q.dropped.Add(int64(n))
		return fmt.Errorf("closing the queue %q: the writer is blocked, %d records dropped: %w", q.name, n, context.Cause(ctx))
	}
}

func (q *Queue[T]) run() {
	defer close(q.stopped)
	var b batch
	for q.await() {
		b = q.take(b)
		q.write(&b)
	}
	b = q.take(b)
	q.write(&b)
}

// await returns true when there are records and they have been gathered long
// enough, and false when the queue is to stop.
func (q *Queue[T]) await() bool {
	select {
	case <-q.wake:
	case <-q.hurry:
		return true
	case <-q.stop:
		return false
	}
	if q.flush < 0 {
		return true
	}
	t := q.clock.NewTimer(q.flush)
	defer t.Stop()
	select {
	case <-t.C():
	case <-q.hurry:
	case <-q.stop:
		return false
	}
	return true
}

// batch is records that are written together.
type batch struct {
	buf  []byte
	ends []int // Where each record ends in buf.
}

// take returns what has been gathered, and has the next records gathered in the
// memory of an earlier batch.
func (q *Queue[T]) take(used batch) batch {
	if cap(used.buf) > maxGatheredBytes {
		used.buf = nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	full := q.next
	q.next = batch{buf: used.buf[:0], ends: used.ends[:0]}
	q.waiting.Store(0)
	return full
}

// write writes a batch, in pieces of whole records. What did not get out whole
// is dropped: the writer's own error has no better place to go than the count.
func (q *Queue[T]) write(b *batch) {
	from := 0
	for ends := b.ends; len(ends) > 0; {
		if q.given.Load() {
			q.dropped.Add(int64(len(ends)))
			return
		}
		n, _ := slices.BinarySearch(ends, from+writeBytes)
		n = min(n+1, len(ends))
		whole := q.writePiece(b.buf[from:ends[n-1]], ends[:n], from)
		q.delivered.Add(int64(whole))
		q.dropped.Add(int64(n - whole))
		from, ends = ends[n-1], ends[n:]
	}
}

// writePiece writes records that begin at an offset of their batch, and returns
// how many of them got out whole.
func (q *Queue[T]) writePiece(piece []byte, ends []int, from int) int {
	n, err := q.w.Write(piece)
	if err == nil {
		return len(ends)
	}
	whole := 0
	for whole < len(ends) && ends[whole]-from <= n {
		whole++
	}
	return whole
}
