package sqlite

import (
	"context"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/sallyport/sallyport/internal/control/store"
)

// enter begins a call, which must end with calls.Done.
func (s *Store) enter(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return store.ErrClosed
	default:
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	s.calls.Add(1)
	return nil
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	return s.view(ctx, func(r *reader) error { return f(r) })
}

// ViewAt implements store.Store.
func (s *Store) ViewAt(ctx context.Context, revision store.Revision, f func(store.Reader) error) error {
	return s.view(ctx, func(r *reader) error {
		if revision > r.revision {
			return fmt.Errorf("reading at revision %d of %d: %w", revision, r.revision, store.ErrFutureRevision)
		}
		r.past = revision < r.revision
		r.revision = revision
		return f(r)
	})
}

// view calls f in a transaction that reads.
func (s *Store) view(ctx context.Context, f func(*reader) error) (err error) {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.calls.Done()
	c, err := s.readers.take(ctx)
	if err != nil {
		return fmt.Errorf("beginning a view: %w", err)
	}
	spoilt := true
	defer func() { // Even where f panics.
		if _, ending := c.exec(rollback); ending != nil {
			spoilt = true
		}
		s.readers.give(c, spoilt)
	}()
	if _, err := c.exec(beginReading); err != nil {
		return fmt.Errorf("beginning a view: %w", err)
	}
	r, _, err := begin(ctx, c)
	if err != nil {
		return err
	}
	s.saw(r.revision)
	spoilt = false
	return f(&r)
}

// begin reads the state that a transaction sees. The second result is the
// number of the latest version.
func begin(ctx context.Context, c *connection) (reader, int64, error) {
	r := reader{ctx: ctx, c: c}
	var version int64
	if err := c.row(readState, nil, &r.revision, &r.audit, &version); err != nil {
		return r, 0, fmt.Errorf("reading the latest revision: %w", err)
	}
	return r, version, nil
}

// Update implements store.Store. Updates of this process run one after another.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	defer s.calls.Done()
	select {
	case <-s.writing:
		defer func() { s.writing <- struct{}{} }()
	case <-s.closed:
		return 0, store.ErrClosed
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	if s.failed != nil {
		return 0, s.failed
	}
	revision, err := s.update(ctx, f)
	if err != nil {
		s.judge(err)
		return 0, err
	}
	s.saw(revision)
	s.checkpoint()
	return revision, nil
}

// update runs f in a transaction and commits it.
func (s *Store) update(ctx context.Context, f func(store.Tx) error) (_ store.Revision, err error) {
	if _, err := s.writer.execContext(ctx, beginWriting); err != nil {
		if code(err) == codes.SQLITE_BUSY {
			return 0, fmt.Errorf("another process writes for longer than %s: %w", busyTimeout, store.ErrConflict)
		}
		return 0, fmt.Errorf("beginning an update: %w", err)
	}
	committed := false
	defer func() { // Even where f panics.
		if !committed {
			s.undo()
		}
	}()
	r, version, err := begin(ctx, s.writer)
	if err != nil {
		return 0, err
	}
	r.counts = map[store.Key]int{}
	t := &tx{reader: r, version: version, touched: map[store.Key]*touch{}, collections: map[string]bool{}}
	if err := f(t); err != nil {
		return 0, err
	}
	changed, err := t.finish()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil || !changed {
		return r.revision, err
	}
	if _, err := s.writer.exec(commit); err != nil {
		return 0, fmt.Errorf("committing revision %d: %w", t.next(), err)
	}
	committed = true
	s.pending += t.written + updateBytes
	if t.posting != nil {
		s.pending += t.posting.written
	}
	return t.next(), nil
}

// undo ends a transaction that is not committed.
func (s *Store) undo() {
	_, err := s.writer.exec(rollback)
	if err == nil || code(err) == codes.SQLITE_ERROR { // SQLite had rolled back by itself.
		return
	}
	s.fail(fmt.Errorf("rolling back: %w", err))
}

// judge fails the store for an error after which nobody knows what the disk
// holds.
func (s *Store) judge(err error) {
	switch code(err) {
	case codes.SQLITE_IOERR, codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		s.fail(err)
	}
}

func (s *Store) fail(err error) {
	if s.failed == nil {
		s.failed = fmt.Errorf("the store takes no updates until it is opened again, for it failed to write: %w", err)
	}
}

// code is SQLite's primary code of an error, 0 where it is not SQLite's.
func code(err error) int {
	var of *driver.Error
	if !errors.As(err, &of) {
		return 0
	}
	return of.Code() & 0xff
}

// checkpoint moves what was written from the log to the database, now and then.
// What views still read stays in the log until the next time.
func (s *Store) checkpoint() {
	if s.pending < s.limit {
		return
	}
	s.pending = 0
	var busy, frames, moved int
	err := s.writer.row(`PRAGMA wal_checkpoint(PASSIVE)`, nil, &busy, &frames, &moved)
	if err != nil { // The update is durable all the same.
		s.judge(fmt.Errorf("moving the log to the database: %w", err))
	}
}

// saw notes that a revision is there, and wakes the watches.
func (s *Store) saw(revision store.Revision) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if revision <= s.latest {
		return
	}
	s.latest = revision
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close implements store.Store: it waits for the calls that are under way.
func (s *Store) Close() error {
	s.mu.Lock()
	select {
	case <-s.closed:
		s.mu.Unlock()
		return store.ErrClosed
	default:
		close(s.closed)
		s.mu.Unlock()
	}
	s.calls.Wait()
	s.polling.Wait()
	if err := errors.Join(s.readers.close(), s.writer.close()); err != nil {
		return fmt.Errorf("closing the store: %w", err)
	}
	return nil
}
