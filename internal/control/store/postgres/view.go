package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sallyport/sallyport/internal/control/store"
)

// rollbackTimeout bounds ending a transaction whose caller may be gone.
const rollbackTimeout = 5 * time.Second

// revisionSQL reads the latest revision.
const revisionSQL = "SELECT coalesce(max(revision), 0) FROM revisions"

// View calls f with the latest state.
func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	return s.view(ctx, func(r *reader) error { return f(r) })
}

// ViewAt calls f with the state at a revision.
func (s *Store) ViewAt(ctx context.Context, revision store.Revision, f func(store.Reader) error) error {
	return s.view(ctx, func(r *reader) error {
		if revision > r.revision {
			return fmt.Errorf("reading at revision %d, the latest is %d: %w", revision, r.revision, store.ErrFutureRevision)
		}
		if revision < r.revision {
			r.revision, r.horizon, r.sql = revision, int64(revision), pastSQL
		}
		return f(r)
	})
}

// view calls f with a reader of one snapshot of the database. It is taken in
// its first statement, and so after all updates that had returned.
func (s *Store) view(ctx context.Context, f func(*reader) error) (err error) {
	conn, tx, revision, err := s.snapshot(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// There is nothing to lose: an error of the rollback only says that the
	// connection is broken, and Release closes it then.
	defer func() { _ = rollback(tx) }()
	return f(&reader{ctx: ctx, store: s, q: tx, revision: revision, horizon: int64(revision), sql: latestSQL})
}

// snapshot begins a transaction that reads. Until f was called nothing has
// happened, so a connection that turns out to be lost is replaced.
func (s *Store) snapshot(ctx context.Context) (*pgxpool.Conn, pgx.Tx, store.Revision, error) {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	for attempt := 1; ; attempt++ {
		var revision int64
		conn, tx, err := s.begin(ctx, options, func(b *pgx.Batch) {
			b.Queue(revisionSQL).QueryRow(func(row pgx.Row) error { return row.Scan(&revision) })
		})
		if err == nil {
			return conn, tx, store.Revision(revision), nil
		}
		if err := s.again(ctx, attempt, err); err != nil {
			return nil, nil, 0, s.explain("reading", err)
		}
	}
}

// begin takes a connection and begins a transaction on it with its first
// statements, all in one round trip.
func (s *Store) begin(ctx context.Context, options pgx.TxOptions, queue func(*pgx.Batch)) (*pgxpool.Conn, pgx.Tx, error) {
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, nil, errors.Join(s.check(), err)
	}
	batch := &pgx.Batch{}
	batch.BeginTx(options)
	queue(batch)
	results := conn.Conn().SendBatch(ctx, batch)
	tx := results.Tx()
	if err := results.Close(); err != nil {
		_ = rollback(tx) // The error that counts is there already.
		conn.Release()
		return nil, nil, err
	}
	return conn, tx, nil
}

// rollback ends a transaction unless it was ended before.
func rollback(tx pgx.Tx) error {
	if tx == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
	defer cancel()
	if err := tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		return err
	}
	return nil
}

// number is a revision as the database has it: one that is higher than any
// there becomes the highest.
func number(revision store.Revision) int64 {
	return int64(min(revision, math.MaxInt64))
}
