// Package memory keeps a store in memory, with its whole history: for tests,
// and for what may be lost when the process ends.
//
// Every revision is a state that never changes, and shares with the one before
// all that is the same. So readers take no lock, and reading an old revision
// costs what reading the latest does.
package memory

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Store implements store.Store.
type Store struct {
	store.MemoryNotes // Notes are kept beside the store, not in it.
	ledger            store.MemoryLedger

	writing chan struct{} // Holds one token: who has it may update.
	closed  chan struct{}

	mu      sync.Mutex
	states  []*state      // By revision.
	changed chan struct{} // Closed by the next commit.
}

// New returns an empty store.
func New() *Store {
	s := &Store{
		writing: make(chan struct{}, 1), closed: make(chan struct{}),
		states: []*state{newState()}, changed: make(chan struct{}),
	}
	s.writing <- struct{}{}
	return s
}

// latest is the newest state, and a channel that is closed when it is no more.
func (s *Store) latest() (*state, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.states[len(s.states)-1], s.changed
}

// usable says why a call must not begin.
func (s *Store) usable(ctx context.Context) error {
	select {
	case <-s.closed:
		return store.ErrClosed
	default:
		return context.Cause(ctx)
	}
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return f(s.now())
}

// now is the latest state, with the accounts that belong to it.
func (s *Store) now() reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	return reader{s.states[len(s.states)-1], s.ledger.View()}
}

// ViewAt implements store.Store.
func (s *Store) ViewAt(ctx context.Context, revision store.Revision, f func(store.Reader) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	state, err := s.at(revision)
	if err != nil {
		return err
	}
	return f(reader{state, s.ledger.View()})
}

func (s *Store) at(revision store.Revision) (*state, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if revision >= store.Revision(len(s.states)) {
		return nil, fmt.Errorf("reading at revision %d of %d: %w", revision, len(s.states)-1, store.ErrFutureRevision)
	}
	return s.states[revision], nil
}

// Update implements store.Store. Updates run one after another.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	select {
	case <-s.writing:
		defer func() { s.writing <- struct{}{} }()
	case <-s.closed:
		return 0, store.ErrClosed
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	base, _ := s.latest()
	tx := newTx(base, &s.ledger)
	defer tx.end()
	if err := f(tx); err != nil {
		return 0, err
	}
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	after, err := tx.finish()
	if err != nil {
		return 0, err
	}
	if after != base {
		err = s.commit(after, tx.posting)
	}
	return after.revision, err
}

func (s *Store) commit(after *state, posting *store.MemoryPosting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(context.Background()); err != nil {
		return err
	}
	if posting != nil {
		posting.Commit()
	}
	s.states = append(s.states, after)
	close(s.changed)
	s.changed = make(chan struct{})
	return nil
}

// Watch implements store.Store.
func (s *Store) Watch(ctx context.Context, after store.Revision) iter.Seq2[store.Change, error] {
	return func(yield func(store.Change, error) bool) {
		for first, next := true, after; ctx.Err() == nil; first = false {
			if err := s.usable(ctx); err != nil {
				yield(store.Change{}, err)
				return
			}
			state, changed := s.latest()
			if first && next > state.revision {
				err := fmt.Errorf("watching from revision %d of %d: %w", next, state.revision, store.ErrFutureRevision)
				yield(store.Change{}, err)
				return
			}
			for ; next < state.revision && ctx.Err() == nil; next++ {
				if !yield(state.changes[next], nil) {
					return
				}
			}
			select {
			case <-changed:
			case <-s.closed:
			case <-ctx.Done():
			}
		}
	}
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return store.ErrClosed
	default:
		close(s.closed)
		return nil
	}
}
