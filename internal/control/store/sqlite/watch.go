package sqlite

import (
	"context"
	"fmt"
	"iter"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

// look sees whether there is a new revision.
func (s *Store) look(ctx context.Context) error {
	return s.View(ctx, func(store.Reader) error { return nil })
}

// poll looks now and then, for revisions that other processes made. An error
// is not for it to report: who reads next meets it too.
func (s *Store) poll(c clock.Clock) {
	ticker := c.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C():
			_ = s.look(context.Background())
		case <-s.closed:
			return
		}
	}
}

// Watch implements store.Store.
func (s *Store) Watch(ctx context.Context, after store.Revision) iter.Seq2[store.Change, error] {
	return func(yield func(store.Change, error) bool) {
		next := after
		for ctx.Err() == nil {
			s.mu.Lock()
			changed := s.changed
			s.mu.Unlock()
			changes, err := s.changes(ctx, next)
			if err != nil {
				if ctx.Err() == nil {
					yield(store.Change{}, fmt.Errorf("watching from revision %d: %w", after, err))
				}
				return
			}
			for _, change := range changes {
				if ctx.Err() != nil || !yield(change, nil) {
					return
				}
				next = change.Revision
			}
			if len(changes) > 0 {
				continue
			}
			select {
			case <-changed:
			case <-s.closed:
			case <-ctx.Done():
			}
		}
	}
}

// changes reads what a watch has not seen yet.
func (s *Store) changes(ctx context.Context, after store.Revision) (changes []store.Change, err error) {
	err = s.View(ctx, func(r store.Reader) error {
		changes, err = r.Changes(after, watchBatch)
		return err
	})
	return changes, err
}
