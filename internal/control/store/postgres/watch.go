package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// pollInterval is how often watchers look by themselves: notifications may
	// be lost, and poolers between here and the server may not pass them on.
	pollInterval = 500 * time.Millisecond
	// watchStep bounds the revisions that a watcher reads at once.
	watchStep = 64
)

// news tells watchers the latest revision that was heard of.
type news struct {
	mu     sync.Mutex
	latest store.Revision
	// changed is closed when latest changes.
	changed chan struct{}
}

func newNews() *news { return &news{changed: make(chan struct{})} }

// announce tells of a revision. The number is only there so that watchers do not
// look twice when the same is told twice; they do not rely on it.
func (n *news) announce(revision store.Revision) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if revision != n.latest {
		n.latest = revision
		close(n.changed)
		n.changed = make(chan struct{})
	}
}

// next returns a channel that is closed when another revision is told of.
func (n *news) next() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changed
}

// Watch returns every change after a revision as it is committed. It ends
// without an error when ctx ends.
func (s *Store) Watch(ctx context.Context, after store.Revision) iter.Seq2[store.Change, error] {
	return func(yield func(store.Change, error) bool) {
		if ctx.Err() != nil {
			return
		}
		if err := s.startListening(); err != nil {
			yield(store.Change{}, err)
			return
		}
		within, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(s.closed, func() { cancel(store.ErrClosed) })()
		for first := true; ctx.Err() == nil; first = false {
			changes, err := s.nextChanges(within, after, first)
			if err != nil {
				if ctx.Err() == nil {
					yield(store.Change{}, err)
				}
				return
			}
			for _, change := range changes {
				if !yield(change, nil) {
					return
				}
				after = change.Revision
			}
		}
	}
}

// nextChanges waits for changes after a revision. It goes on through failures of
// the database: a watcher loses nothing by waiting.
func (s *Store) nextChanges(ctx context.Context, after store.Revision, first bool) ([]store.Change, error) {
	for attempt := 1; ; {
		changed := s.news.next()
		var changes []store.Change
		err := s.View(ctx, func(r store.Reader) (err error) {
			if after > r.Revision() {
				return fmt.Errorf("watching from revision %d, the latest is %d: %w", after, r.Revision(), store.ErrFutureRevision)
			}
			changes, err = r.Changes(after, watchStep)
			return err
		})
		wait := pollInterval
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err == nil && len(changes) > 0:
			return changes, nil
		case err == nil:
			attempt = 1
		case first && errors.Is(err, store.ErrFutureRevision), !connectionLost(err) && !conflicts(err):
			return nil, err
		default:
			wait = backoff(attempt)
			attempt++
		}
		if err := s.await(ctx, changed, wait); err != nil {
			return nil, err
		}
	}
}

// await returns when there is news, or after a time.
func (s *Store) await(ctx context.Context, changed <-chan struct{}, wait time.Duration) error {
	timer := s.clock.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// startListening keeps a connection on which the server tells of updates, those
// of other nodes too, from the first watcher on.
func (s *Store) startListening() error {
	s.starting.Lock()
	defer s.starting.Unlock()
	if err := s.check(); err != nil || s.listening {
		return err
	}
	s.listening = true
	s.listener.Go(func() {
		for attempt := 1; ; attempt++ {
			s.listen(s.closed, func() { attempt = 1 })
			if err := clock.Sleep(s.closed, s.clock, backoff(attempt)); err != nil {
				return
			}
		}
	})
	return nil
}
