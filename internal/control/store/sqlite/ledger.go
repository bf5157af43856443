package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	codes "modernc.org/sqlite/lib"

	"github.com/sallyport/sallyport/internal/control/store"
)

// The statements of the ledger.
const (
	readAccount    = `SELECT value FROM ledger WHERE key = ?1`
	readAccounts   = `SELECT key, value FROM ledger WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3`
	writeAccount   = `INSERT INTO ledger (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	removeAccounts = `DELETE FROM ledger WHERE key IN (SELECT key FROM ledger WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3)`
)

// Post implements store.Ledger. It waits for updates of this process, as those
// wait for it.
func (s *Store) Post(ctx context.Context, f func(store.LedgerTx) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.calls.Done()
	select {
	case <-s.writing:
		defer func() { s.writing <- struct{}{} }()
	case <-s.closed:
		return store.ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if s.failed != nil {
		return s.failed
	}
	if err := s.post(ctx, f); err != nil {
		s.judge(err)
		return err
	}
	s.checkpoint()
	return nil
}

// post runs f in a transaction and commits it.
func (s *Store) post(ctx context.Context, f func(store.LedgerTx) error) error {
	if _, err := s.writer.execContext(ctx, beginWriting); err != nil {
		if code(err) == codes.SQLITE_BUSY {
			return fmt.Errorf("another process writes for longer than %s: %w", busyTimeout, store.ErrConflict)
		}
		return fmt.Errorf("beginning to post: %w", err)
	}
	committed := false
	defer func() { // Even where f panics.
		if !committed {
			s.undo()
		}
	}()
	t := &ledgerTx{c: s.writer}
	if err := f(t); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if _, err := s.writer.exec(commit); err != nil {
		return fmt.Errorf("committing what was posted: %w", err)
	}
	committed = true
	s.pending += t.written
	return nil
}

// Accounts implements store.Ledger.
func (s *Store) Accounts(ctx context.Context, from, to string, limit int) (found []store.Account, err error) {
	err = s.view(ctx, func(r *reader) error {
		found, err = r.Accounts(from, to, limit)
		return err
	})
	return found, err
}

// Accounts implements store.AccountReader.
func (r *reader) Accounts(from, to string, limit int) ([]store.Account, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	return accounts(r.c, from, to, limit)
}

// accounts reads accounts in whatever transaction a connection is in.
func accounts(c *connection, from, to string, limit int) (found []store.Account, err error) {
	if err := store.CheckBatch(limit); err != nil {
		return nil, err
	}
	err = c.rows(readAccounts, []any{from, to, limit}, func(scan func(...any) error) (bool, error) {
		var a store.Account
		if err := scan(&a.Key, &a.Value); err != nil {
			return false, fmt.Errorf("reading accounts: %w", err)
		}
		found = append(found, a)
		return true, nil
	})
	return found, err
}

// Posting implements store.Poster.
func (t *tx) Posting() (store.LedgerTx, error) {
	if t.posting == nil {
		t.posting = &ledgerTx{c: t.c}
	}
	return t.posting, nil
}

// ledgerTx implements store.LedgerTx.
type ledgerTx struct {
	c       *connection
	written int // about how many bytes
}

// Accounts implements store.LedgerTx.
func (t *ledgerTx) Accounts(from, to string, limit int) ([]store.Account, error) {
	return accounts(t.c, from, to, limit)
}

// Balances implements store.LedgerTx.
func (t *ledgerTx) Balances(keys []string) (map[string][]byte, error) {
	found := make(map[string][]byte, len(keys))
	for _, key := range keys {
		var value []byte
		err := t.c.row(readAccount, []any{key}, &value)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading an account: %w", err)
		}
		found[key] = value
	}
	return found, nil
}

// Set implements store.LedgerTx.
func (t *ledgerTx) Set(accounts []store.Account) error {
	if err := store.CheckAccounts(accounts); err != nil {
		return err
	}
	for _, a := range accounts {
		value := a.Value
		if value == nil {
			value = []byte{}
		}
		if _, err := t.c.exec(writeAccount, a.Key, value); err != nil {
			return fmt.Errorf("writing an account: %w", err)
		}
		t.written += len(a.Key) + len(value)
	}
	return nil
}

// Remove implements store.LedgerTx.
func (t *ledgerTx) Remove(from, to string, limit int) (int, error) {
	if err := store.CheckBatch(limit); err != nil {
		return 0, err
	}
	result, err := t.c.exec(removeAccounts, from, to, limit)
	if err != nil {
		return 0, fmt.Errorf("removing accounts: %w", err)
	}
	n, err := result.RowsAffected()
	t.written += int(n) * updateBytes / 64
	return int(n), err
}
