package replica

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// accountsPage is how many accounts are written at once.
	accountsPage = 1000
	// beyond is above the keys of all accounts.
	beyond = "\x7f"
)

// copyAccounts makes the ledger of a store the one that another has now, and
// compares both. Stores that have none are passed over.
func copyAccounts(ctx context.Context, from, to store.Store) error {
	into, ok := to.(store.Ledger)
	if !ok {
		return nil
	}
	return accountsOf(ctx, from, func(accounts store.AccountReader) error {
		if err := mirror(ctx, accounts, into); err != nil {
			return err
		}
		return accountsOf(ctx, to, func(copied store.AccountReader) error { return compareAccounts(accounts, copied) })
	})
}

// accountsOf calls f with the accounts of a store at one moment, where it has some.
func accountsOf(ctx context.Context, s store.Store, f func(store.AccountReader) error) error {
	return s.View(ctx, func(r store.Reader) error {
		if accounts, ok := r.(store.AccountReader); ok {
			return f(accounts)
		}
		return nil
	})
}

// mirror replaces the accounts of a ledger by others, page by page.
func mirror(ctx context.Context, from store.AccountReader, to store.Ledger) error {
	begin := ""
	for {
		page, err := from.Accounts(begin, beyond, accountsPage)
		if err != nil {
			return err
		}
		end := beyond
		if len(page) == accountsPage {
			end = page[len(page)-1].Key + "!" // The first key behind it.
		}
		err = to.Post(ctx, func(tx store.LedgerTx) error {
			for n := store.MaxLedgerBatch; n == store.MaxLedgerBatch; {
				if n, err = tx.Remove(begin, end, store.MaxLedgerBatch); err != nil {
					return err
				}
			}
			return tx.Set(page)
		})
		if err != nil || end == beyond {
			return err
		}
		begin = end
	}
}

// compareAccounts says which account differs first.
func compareAccounts(one, other store.AccountReader) error {
	next, stop := iter.Pull2(store.EachAccount(other, "", beyond))
	defer stop()
	for a, err := range store.EachAccount(one, "", beyond) {
		if err != nil {
			return err
		}
		b, err, ok := next()
		if err != nil {
			return err
		}
		if !ok || a.Key != b.Key || !bytes.Equal(a.Value, b.Value) {
			return fmt.Errorf("the account %s is not the same: %w", a.Key, ErrDifferent)
		}
	}
	b, err, ok := next()
	if ok && err == nil {
		err = fmt.Errorf("only one has the account %s: %w", b.Key, ErrDifferent)
	}
	return err
}
