// Package postgres keeps the store in PostgreSQL, where several management nodes
// share one database. Decision 0071 says how.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Options say where the database is and how it is used.
type Options struct {
	// URL is the address of the database in one of the forms that libpq reads,
	// postgres://user:password@host:port/database among them. Several hosts may
	// be named: the one that takes writes is used. Required.
	URL string
	// MaxConnections bounds the connections of this node, besides the one that
	// listens for changes; 0 means DefaultMaxConnections.
	MaxConnections int
	// Clock waits between attempts; nil means the system's.
	Clock clock.Clock
}

// Store is a store in a PostgreSQL database. It implements store.Store.
type Store struct {
	pool  *pgxpool.Pool
	clock clock.Clock
	// place names the database in errors: host, port and name, no password.
	place string
	news  *news
	// writing holds a token for the one update of this node at a time: those that
	// wait for it hold no connection, which views need.
	writing chan struct{}

	// closed is done when Close was called.
	closed context.Context
	close  context.CancelFunc
	// starting guards listening, and keeps the listener from starting in the
	// middle of Close.
	starting  sync.Mutex
	listening bool
	listener  sync.WaitGroup
}

// Open connects to a database and brings its schema up to date. Several nodes
// may do so at the same time.
func Open(ctx context.Context, options Options) (*Store, error) {
	config, err := configure(options)
	if err != nil {
		return nil, err
	}
	s := &Store{clock: options.Clock, place: place(config.ConnConfig), news: newNews(), writing: make(chan struct{}, 1)}
	if s.clock == nil {
		s.clock = clock.System()
	}
	s.pool, err = pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, s.explain("connecting", err)
	}
	if err := s.migrate(ctx); err != nil {
		s.pool.Close()
		return nil, err
	}
	s.closed, s.close = context.WithCancel(context.Background())
	return s, nil
}

// Close ends everything, and waits for views and updates that are under way.
func (s *Store) Close() error {
	s.starting.Lock()
	err := s.check()
	s.close()
	s.starting.Unlock()
	s.listener.Wait()
	s.pool.Close()
	return err
}

// check refuses what comes after Close.
func (s *Store) check() error {
	if s.closed.Err() != nil {
		return store.ErrClosed
	}
	return nil
}

// explain says which database an error comes from, and what to do where it
// cannot be reached.
func (s *Store) explain(doing string, err error) error {
	if errors.Is(err, store.ErrClosed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s at %s: %w", doing, s.place, err)
	}
	if unreachable(err) {
		err = unavailable{err}
	}
	if advice := advice(err); advice != "" {
		return fmt.Errorf("%s at %s: %w; %s", doing, s.place, err, advice)
	}
	return fmt.Errorf("%s at %s: %w", doing, s.place, err)
}
