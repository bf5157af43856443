package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sallyport/sallyport/internal/control/store"
)

// ledgerLock is the key of the advisory lock for which those wait who post: two
// of them never see each other's accounts half done, and updates of what is
// configured do not wait for them.
const ledgerLock = 0x53414c4c5a

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
	q, err := s.pool.Begin(ctx) // Each statement behind the lock sees what was committed before it.
	if err != nil {
		return true, err
	}
	defer func() { _ = rollback(q) }() // What was not committed is gone in any case.
	if _, err := q.Exec(ctx, lockLedgerSQL, int64(ledgerLock)); err != nil {
		return true, err
	}
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

// ledgerTx implements store.LedgerTx.
type ledgerTx struct {
	ctx    context.Context
	q      pgx.Tx
	failed error // The first error of the database.
}

// fail notes an error of the database.
func (t *ledgerTx) fail(doing string, err error) error {
	if t.failed == nil {
		t.failed = fmt.Errorf("%s: %w", doing, err)
	}
	return t.failed
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
