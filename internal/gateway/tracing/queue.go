package tracing

import (
	"sync"
	"sync/atomic"
)

// Limits of what waits for the management plane.
const (
	// MaxWaiting bounds the traces that wait, and MaxWaitingBytes what they hold in
	// memory, about; the oldest go first.
	MaxWaiting      = 100
	MaxWaitingBytes = 8 << 20
)

// queue holds the traces that wait to be sent. It never waits itself.
type queue struct {
	mu      sync.Mutex
	waiting []*Trace // oldest first
	bytes   int
	// more has something in it when a trace has come.
	more chan struct{}

	recorded, dropped atomic.Uint64
}

func newQueue() *queue { return &queue{more: make(chan struct{}, 1)} }

// add takes a trace that is complete, and drops the oldest for it where the limits
// are reached.
func (q *queue) add(t *Trace) {
	q.recorded.Add(1)
	q.mu.Lock()
	q.waiting, q.bytes = append(q.waiting, t), q.bytes+t.size
	for len(q.waiting) > MaxWaiting || q.bytes > MaxWaitingBytes {
		q.shift()
		q.dropped.Add(1)
	}
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// shift takes the oldest out. The caller holds mu.
func (q *queue) shift() {
	q.bytes -= q.waiting[0].size
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
}

// first is the oldest trace, which stays; nil where there is none.
func (q *queue) first() *Trace {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil
	}
	return q.waiting[0]
}

// done takes a trace out, where it has not been dropped meanwhile.
func (q *queue) done(t *Trace) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 && q.waiting[0] == t {
		q.shift()
	}
}

// size is how many wait, and their bytes.
func (q *queue) size() (traces, bytes int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting), q.bytes
}
