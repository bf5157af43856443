package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sallyport/sallyport/internal/control/store"
)

// lockPostersSQL makes those wait for each other who post: two of them never see
// each other's accounts half done, and updates of what is configured do not wait
// for them, but those that post. It comes before the snapshot of a transaction is
// taken, as lockSQL does.
const lockPostersSQL = "LOCK TABLE posters IN EXCLUSIVE MODE"

// ledgerLock is the key of the advisory lock that programs have which do not know
// the table, while a cluster is brought up to date.
const ledgerLock = 0x53414c4c5a

// errPostingLocks says that an update has to begin again, with the lock of those
// who post.
var errPostingLocks = errors.New("the update posts, and has not locked the ledger")

const (
	lockLedgerSQL  = `SELECT pg_advisory_xact_lock($1)`
	balancesSQL    = `SELECT key, value FROM ledger WHERE key = ANY($1)`
	setAccountsSQL = `INSERT INTO ledger (key, value) SELECT * FROM unnest($1::text[], $2::bytea[])
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	accountsSQL     = `SELECT key, value FROM ledger WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3`
	removeLedgerSQL = `DELETE FROM ledger WHERE key IN (SELECT key FROM ledger WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3)`
)

// Post implements store.Ledger. What a lost connection leaves in doubt is the
// caller's to find out: accounts say what they hold.
func (s *Store) Post(ctx context.Context, f func(store.LedgerTx) error) error {
	if err := s.check(); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		retry, err := s.post(ctx, f)
		if err == nil || !retry {
			return err
		}
		if err := s.again(ctx, attempt, err); err != nil {
			return s.explain("posting", err)
		}
	}
}

// post posts once. retry says that the error is the database's and that nothing
// was committed.
func (s *Store) post(ctx context.Context, f func(store.LedgerTx) error) (retry bool, err error) {
	// Each statement behind the locks sees what was committed before it.
	conn, q, err := s.begin(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(b *pgx.Batch) {
		b.Queue(lockPostersSQL)
		b.Queue(lockLedgerSQL, int64(ledgerLock))
	})
	if err != nil {
		return true, err
	}
	defer conn.Release()
	defer func() { _ = rollback(q) }() // What was not committed is gone in any case.
	t := &ledgerTx{ctx: ctx, q: q}
	if err := f(t); t.failed == nil && err != nil {
		return false, err
	}
	if t.failed != nil {
		return true, t.failed
	}
	if err := q.Commit(ctx); err != nil {
		return false, s.explain("posting", err)
	}
	return false, nil
}

// Accounts implements store.Ledger.
func (s *Store) Accounts(ctx context.Context, from, to string, limit int) ([]store.Account, error) {
	if err := store.CheckBatch(limit); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, accountsSQL, from, to, limit)
	if err == nil {
		var found []store.Account
		if found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[store.Account]); err == nil {
			return found, nil
		}
	}
	return nil, s.explain("reading accounts", err)
}

// Accounts implements store.AccountReader.
func (r *reader) Accounts(from, to string, limit int) ([]store.Account, error) {
	if err := store.CheckBatch(limit); err != nil {
		return nil, err
	}
	return query(r, pgx.RowToStructByPos[store.Account], accountsSQL, from, to, limit)
}

// Posting implements store.Poster. The first time an update begins again, with
// the lock of those who post: its snapshot must not be older than theirs.
func (t *tx) Posting() (store.LedgerTx, error) {
	if t.posting == nil {
		return nil, t.fail("posting", errPostingLocks)
	}
	t.posted = true
	return t.posting, nil
}

// ledgerTx implements store.LedgerTx.
type ledgerTx struct {
	ctx context.Context
	q   pgx.Tx
	// update is the one that it belongs to, nil where it is a post of its own.
	update *tx
	failed error // The first error of the database.
}

// fail notes an error of the database.
func (t *ledgerTx) fail(doing string, err error) error {
	if t.failed == nil {
		t.failed = fmt.Errorf("%s: %w", doing, err)
		if t.update != nil {
			_ = t.update.fail(doing, err) // It is of no use either.
		}
	}
	return t.failed
}

// Accounts implements store.LedgerTx.
func (t *ledgerTx) Accounts(from, to string, limit int) ([]store.Account, error) {
	if err := store.CheckBatch(limit); err != nil {
		return nil, err
	}
	rows, err := t.q.Query(t.ctx, accountsSQL, from, to, limit)
	if err != nil {
		return nil, t.fail("reading accounts", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[store.Account])
	if err != nil {
		return nil, t.fail("reading accounts", err)
	}
	return found, nil
}

// Balances implements store.LedgerTx.
func (t *ledgerTx) Balances(keys []string) (map[string][]byte, error) {
	found := make(map[string][]byte, len(keys))
	rows, err := t.q.Query(t.ctx, balancesSQL, keys)
	if err != nil {
		return nil, t.fail("reading accounts", err)
	}
	defer rows.Close()
	for rows.Next() {
		var a store.Account
		if err := rows.Scan(&a.Key, &a.Value); err != nil {
			return nil, t.fail("reading accounts", err)
		}
		found[a.Key] = a.Value
	}
	if err := rows.Err(); err != nil {
		return nil, t.fail("reading accounts", err)
	}
	return found, nil
}

// Set implements store.LedgerTx.
func (t *ledgerTx) Set(accounts []store.Account) error {
	if err := store.CheckAccounts(accounts); err != nil {
		return err
	}
	keys, values := make([]string, len(accounts)), make([][]byte, len(accounts))
	for i, a := range accounts {
		keys[i], values[i] = a.Key, append([]byte{}, a.Value...)
	}
	if _, err := t.q.Exec(t.ctx, setAccountsSQL, keys, values); err != nil {
		return t.fail("writing accounts", err)
	}
	return nil
}

// Remove implements store.LedgerTx.
func (t *ledgerTx) Remove(from, to string, limit int) (int, error) {
	if err := store.CheckBatch(limit); err != nil {
		return 0, err
	}
	removed, err := t.q.Exec(t.ctx, removeLedgerSQL, from, to, limit)
	if err != nil {
		return 0, t.fail("removing accounts", err)
	}
	return int(removed.RowsAffected()), nil
}
