package telemetry

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

const (
	// DefaultQueueRecords is the capacity of a queue that is given none.
	DefaultQueueRecords = 8192
	// DefaultFlushInterval is how long records are gathered before they are
	// written, when the queue does not fill up earlier.
	DefaultFlushInterval = 50 * time.Millisecond
	// writeBytes is the size at which gathered records are written.
	writeBytes = 64 << 10
	// firstBufferBytes holds most records; maxBufferBytes bounds a buffer that
	// is kept for later ones.
	firstBufferBytes = 768
	maxBufferBytes   = 4 << 10
)

// Queue brings records to a slow writer without holding up who offers them. It
// holds a bounded number; what finds it full is dropped and counted. Records
// are encoded when they are offered, into buffers that are used again, so that
// nothing they refer to is kept; one goroutine writes them.
type Queue[T any] struct {
	name   string
	w      io.Writer
	encode func(dst []byte, v *T) []byte
	clock  clock.Clock
	flush  time.Duration

	buffers sync.Pool     // Of *[]byte.
	records chan *[]byte  // Encoded.
	armed   atomic.Bool   // The goroutine knows that there are records.
	wake    chan struct{} // There are records.
	hurry   chan struct{} // The queue is half full.
	stop    chan struct{}
	stopped chan struct{} // The goroutine has ended.
	closed  atomic.Bool

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
		name: name, w: w, encode: encode, clock: o.Clock, flush: o.Flush,
		records: make(chan *[]byte, o.Records),
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

// Offer queues a record and reports whether there was room. It never waits, and
// keeps nothing of the record.
func (q *Queue[T]) Offer(v *T) bool {
	q.offered.Add(1)
	if q.closed.Load() || len(q.records) == cap(q.records) {
		q.dropped.Add(1)
		return false
	}
	return q.put(v)
}

// put is the part of Offer during which the queue may fill up or be closed.
func (q *Queue[T]) put(v *T) bool {
	buf, ok := q.buffers.Get().(*[]byte)
	if !ok {
		buf = newBuffer()
	}
	*buf = q.encode((*buf)[:0], v)
	select {
	case q.records <- buf:
	default:
		q.free(buf)
		q.dropped.Add(1)
		return false
	}
	if !q.armed.Load() && q.armed.CompareAndSwap(false, true) {
		signal(q.wake)
	}
	if 2*len(q.records) >= cap(q.records) {
		signal(q.hurry)
	}
	if q.closed.Load() {
		// The goroutine may have looked into the queue for the last time.
		q.discard()
	}
	return true
}

func newBuffer() *[]byte {
	b := make([]byte, 0, firstBufferBytes)
	return &b
}

// free gives a buffer back, unless it has grown too large to be kept.
func (q *Queue[T]) free(buf *[]byte) {
	if cap(*buf) <= maxBufferBytes {
		q.buffers.Put(buf)
	}
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
	if q.closed.CompareAndSwap(false, true) {
		close(q.stop)
	}
	select {
	case <-q.stopped:
		return nil
	case <-ctx.Done():
		n := q.discard()
		return fmt.Errorf("closing the queue %q: the writer is blocked, %d records dropped: %w", q.name, n, context.Cause(ctx))
	}
}

// discard drops what is in the queue and returns how much that was.
func (q *Queue[T]) discard() (n int) {
	for {
		select {
		case buf := <-q.records:
			q.free(buf)
			q.dropped.Add(1)
			n++
		default:
			return n
		}
	}
}

func (q *Queue[T]) run() {
	defer close(q.stopped)
	b := batch[T]{q: q}
	for q.await() {
		// Whoever offers a record after this arms the queue again; what was
		// offered before is found below.
		q.armed.Store(false)
		b.drain()
	}
	b.drain()
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

// batch is records that are to be written together.
type batch[T any] struct {
	q    *Queue[T]
	buf  []byte
	ends []int // Where each record ends in buf.
}

// drain writes until the queue is empty.
func (b *batch[T]) drain() {
	for {
		select {
		case record := <-b.q.records:
			b.buf = append(b.buf, *record...)
			b.q.free(record)
			b.ends = append(b.ends, len(b.buf))
			if len(b.buf) >= writeBytes {
				b.write()
			}
		default:
			b.write()
			return
		}
	}
}

// write writes what is gathered. Records that did not get out whole are
// dropped: the writer's own error has no better place to go than the count.
func (b *batch[T]) write() {
	if len(b.ends) == 0 {
		return
	}
	n, err := b.q.w.Write(b.buf)
	if err == nil {
		n = len(b.buf)
	}
	whole := 0
	for whole < len(b.ends) && b.ends[whole] <= n {
		whole++
	}
	b.q.delivered.Add(int64(whole))
	b.q.dropped.Add(int64(len(b.ends) - whole))
	b.buf, b.ends = b.buf[:0], b.ends[:0]
}
