package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

// How often something is tried that the database did not do, and how long is
// waited in between: 4 s in all, which a server needs to start again.
const (
	maxAttempts = 10
	firstWait   = 10 * time.Millisecond
	longestWait = time.Second
)

// lockSQL makes writers wait for each other. As the first statement of a
// transaction it comes before the snapshot is taken, so what follows sees what
// the writer before committed: revisions have no gaps, and no update fails
// because another was faster.
const lockSQL = "LOCK TABLE writers IN EXCLUSIVE MODE"

const sequenceSQL = "SELECT coalesce(max(sequence), 0) FROM audit"

// Update calls f and commits what it wrote.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	if err := s.queue(ctx); err != nil {
		return 0, s.explain("writing", err)
	}
	defer func() { <-s.writing }()
	posts := false // Whether it posts to the ledger.
	for attempt := 1; ; attempt++ {
		revision, retry, err := s.attempt(ctx, f, posts)
		if err == nil {
			s.news.announce(revision)
			return revision, nil
		}
		if !retry {
			return 0, err
		}
		if errors.Is(err, errPostingLocks) && !posts {
			posts = true
			continue
		}
		if err := s.again(ctx, attempt, err); err != nil {
			return 0, s.explain("writing", err)
		}
	}
}

// queue waits until no other update of this node is under way.
func (s *Store) queue(ctx context.Context) error {
	select {
	case s.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.closed.Done():
		return store.ErrClosed
	}
}

// attempt makes an update once. posts says that it posts to the ledger; retry that
// the error is the database's and that nothing was committed.
func (s *Store) attempt(ctx context.Context, f func(store.Tx) error, posts bool) (revision store.Revision, retry bool, err error) {
	var latest, sequence int64
	options := pgx.TxOptions{IsoLevel: pgx.Serializable, AccessMode: pgx.ReadWrite}
	conn, q, err := s.begin(ctx, options, func(b *pgx.Batch) {
		b.Queue(lockSQL)
		if posts {
			b.Queue(lockPostersSQL)
			b.Queue(lockLedgerSQL, int64(ledgerLock))
		}
		b.Queue(revisionSQL).QueryRow(func(row pgx.Row) error { return row.Scan(&latest) })
		b.Queue(sequenceSQL).QueryRow(func(row pgx.Row) error { return row.Scan(&sequence) })
	})
	if err != nil {
		return 0, true, err
	}
	defer conn.Release()
	defer func() { _ = rollback(q) }() // What was not committed is gone in any case.
	t := newTx(ctx, s, q, store.Revision(latest), uint64(sequence))
	if posts {
		t.posting = &ledgerTx{ctx: ctx, q: q, update: t}
	}
	err = f(t)
	if t.failed != nil {
		return 0, true, t.failed
	}
	if err != nil {
		return 0, false, err
	}
	token, err := t.finish()
	switch {
	case t.failed != nil:
		return 0, true, t.failed
	case err != nil:
		return 0, false, err
	case token == nil:
		return t.revision, false, nil
	}
	retry, err = s.commit(ctx, q, *token)
	return store.Revision(t.horizon), retry, err
}

// again waits before another attempt, or returns the error that ends them.
func (s *Store) again(ctx context.Context, attempt int, err error) error {
	if closed := s.check(); closed != nil {
		return closed
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if code(err) == "55P03" {
		return fmt.Errorf("waiting %v for other writers: %w", lockTimeout, store.ErrConflict)
	}
	if !conflicts(err) && !connectionLost(err) {
		return err
	}
	if attempt >= maxAttempts {
		if conflicts(err) {
			return fmt.Errorf("%d attempts: %w", attempt, store.ErrConflict)
		}
		return err
	}
	return clock.Sleep(ctx, s.clock, backoff(attempt))
}

// backoff is how long to wait after an attempt: longer each time, and not the
// same for two.
func backoff(attempt int) time.Duration {
	wait := min(firstWait<<min(attempt-1, 10), longestWait)
	return wait/2 + rand.N(wait/2+1)
}

// code is the database's code of an error, or "".
func code(err error) string {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refused.Code
	}
	return ""
}

// conflicts says that another transaction was in the way.
func conflicts(err error) bool {
	c := code(err)
	return c == "40001" || c == "40P01"
}

// connectionLost says that an error is one of the connection, or of a server
// that goes away, comes up, or is not the primary any more.
func connectionLost(err error) bool {
	switch c := code(err); {
	case c == "":
	case strings.HasPrefix(c, "08"), strings.HasPrefix(c, "57P"), c == "25006", c == "25P03", c == "53300":
		return true
	default:
		return false
	}
	var network net.Error
	var connecting *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connecting) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}
