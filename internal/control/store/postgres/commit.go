package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// commitTimeout bounds a commit, whatever happens to its caller meanwhile.
	commitTimeout = time.Minute
	// settleTimeout bounds finding out whether a commit happened. It is longer
	// than an abandoned transaction may live.
	settleTimeout = idleTimeout + lockTimeout
)

// token marks the revision of one attempt.
type token [16]byte

// settleSQL finds the revision of an attempt. It writes, so that its own commit
// is acknowledged only when everything before it is durable too, on standbys as
// well where the server waits for those.
const settleSQL = "UPDATE revisions SET time = time WHERE token = $1"

// commit ends an update. retry says that it is certain that nothing was
// committed.
func (s *Store) commit(ctx context.Context, q pgx.Tx, mark token) (retry bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return true, err
	}
	// From here on the caller's end would only leave in doubt what happened.
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	err = q.Commit(within)
	if err == nil {
		return false, nil
	}
	if refused(err) {
		return true, err
	}
	happened, unknown := s.settle(ctx, mark)
	if unknown != nil {
		return false, s.explain("committing", fmt.Errorf("%w: %w: %w", store.ErrUncertain, err, unknown))
	}
	if happened {
		return false, nil
	}
	return true, err
}

// refused says that the server itself answered to a commit that it did not do
// it. An error that ends the session may come after the commit.
func refused(err error) bool {
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return true
	}
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.SeverityUnlocalized == "ERROR" && !strings.HasPrefix(answer.Code, "08")
}

// settle finds out whether an attempt was committed whose connection was lost
// meanwhile. It has the writers' lock while it looks: then the attempt's session
// has ended, in one way or the other.
func (s *Store) settle(ctx context.Context, mark token) (happened bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		happened, err = s.look(ctx, mark)
		if err == nil {
			return happened, nil
		}
		if ended := clock.Sleep(ctx, s.clock, backoff(attempt)); ended != nil {
			return false, err
		}
	}
}

// look uses a connection of its own: those of the pool may be taken, or be
// waited for by Close.
func (s *Store) look(ctx context.Context, mark token) (happened bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close(ctx) }() // The transaction has ended.
	if err := prepareSession(ctx, conn); err != nil {
		return false, err
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, lockSQL); err != nil {
		return false, err
	}
	tag, err := tx.Exec(ctx, settleSQL, mark)
	if err != nil {
		return false, err
	}
	return tag.RowsAffected() == 1, tx.Commit(ctx)
}
