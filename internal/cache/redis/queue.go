package redis

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
)

// write is one thing to be done in the server: an entry to be stored, or, without
// one, to be removed. It is not changed any more once a writer has taken it.
type write struct {
	name    string
	entry   cache.Entry
	encode  func() ([]byte, error)
	ttl     time.Duration
	expires time.Time
	size    int64
	taken   bool // by a writer, with the line's lock
	// made is told what has become of it, where somebody waits; it has room.
	made chan error
}

// queue is the writes that wait, in lines of which each has one writer, so that
// those of one entry are made in their order.
type queue struct {
	store          *Store
	lines          [writers]line
	bytes, entries atomic.Int64
	running        sync.WaitGroup
}

type line struct {
	mu      sync.Mutex
	waiting []*write
	latest  map[string]*write // the last write of an entry, until it is made
	closed  bool
	more    chan struct{} // has room for one; closed with the line
}

func newQueue(s *Store) *queue {
	q := &queue{store: s}
	for i := range q.lines {
		l := &q.lines[i]
		l.latest, l.more = map[string]*write{}, make(chan struct{}, 1)
		q.running.Go(func() { q.run(l) })
	}
	return q
}

// lineOf returns the line of an entry.
func (q *queue) lineOf(name string) *line { return &q.lines[name[len(name)-1]%writers] }

// find returns what the last write of an entry leaves there, where that has not
// been made: the entry, nil for one that is removed.
func (q *queue) find(name string) (e cache.Entry, expires time.Time, found bool) {
	l := q.lineOf(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.latest[name]; w != nil {
		return w.entry, w.expires, true
	}
	return nil, time.Time{}, false
}

// add queues a write, and reports whether it did: where the server does not answer
// or there is no room it is dropped, and counted.
func (q *queue) add(w *write) bool {
	l := q.lineOf(w.name)
	l.mu.Lock()
	defer l.mu.Unlock()
	// One that waits and that nobody waits for is replaced in its place.
	old := l.latest[w.name]
	if old != nil && (old.taken || old.made != nil || w.made != nil) {
		old = nil
	}
	if l.closed || q.store.sectionOf(w.name).breaker.Open() || !q.room(w, old) {
		q.store.counts.dropped.Add(1)
		if old != nil { // The old entry must not come after the new one.
			q.bytes.Add(-old.size)
			old.entry, old.size = nil, 0
		}
		return false
	}
	if old != nil {
		*old = *w
		return true
	}
	l.waiting = append(l.waiting, w)
	l.latest[w.name] = w
	select {
	case l.more <- struct{}{}:
	default:
	}
	return true
}

// room takes the room that a write needs, in place of an old one or behind the
// others, and reports whether there is as much.
func (q *queue) room(w, old *write) bool {
	bytes, count := w.size, int64(1)
	if old != nil {
		bytes, count = w.size-old.size, 0
	}
	if q.bytes.Add(bytes) > q.store.options.QueueBytes {
		q.bytes.Add(-bytes)
		return false
	}
	if q.entries.Add(count) > q.store.options.QueueEntries {
		q.entries.Add(-count)
		q.bytes.Add(-bytes)
		return false
	}
	return true
}

// close takes no more writes, and returns when those that wait are made or, after
// the store has stopped, given up.
func (q *queue) close() {
	for i := range q.lines {
		l := &q.lines[i]
		l.mu.Lock()
		if !l.closed {
			l.closed = true
			close(l.more)
		}
		l.mu.Unlock()
	}
	q.running.Wait()
}

// run makes the writes of a line until it is closed and empty.
func (q *queue) run(l *line) {
	for {
		w := l.next()
		if w == nil {
			if _, open := <-l.more; !open && l.empty() {
				return
			}
			continue
		}
		err := q.make(w)
		if err != nil {
			q.store.counts.dropped.Add(1)
		}
		l.done(w)
		q.entries.Add(-1)
		q.bytes.Add(-w.size)
		if w.made != nil {
			w.made <- err
		}
	}
}

// next takes the first write from a line, or nil.
func (l *line) next() *write {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.waiting = nil // Its memory goes.
		return nil
	}
	w := l.waiting[0]
	l.waiting[0] = nil
	l.waiting = l.waiting[1:]
	w.taken = true
	return w
}

func (l *line) empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting) == 0
}

// done forgets a write.
func (l *line) done(w *write) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.latest[w.name] == w {
		delete(l.latest, w.name)
	}
}

// make makes a write in the server.
func (q *queue) make(w *write) error {
	s := q.store
	part := s.sectionOf(w.name)
	if part.breaker.Open() {
		return fmt.Errorf("writing: %w", ErrUnavailable)
	}
	ctx, cancel := context.WithTimeout(s.stopped, WriteTimeout)
	defer cancel()
	err := s.send(ctx, w)
	if part.answered(s.stopped, w.name, err); err != nil {
		return fmt.Errorf("writing to the external cache: %w", err)
	}
	return nil
}

// send stores or removes an entry in the server.
func (s *Store) send(ctx context.Context, w *write) error {
	if w.entry == nil {
		return s.client.Del(ctx, w.name).Err()
	}
	data, err := w.encode()
	if err != nil {
		s.options.Log.Warn("an entry cannot be cached", "error", err)
		return s.client.Del(ctx, w.name).Err()
	}
	return s.client.Set(ctx, w.name, data, w.ttl).Err()
}
