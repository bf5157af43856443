package store

import (
	"context"
	"fmt"
	"iter"
)

// Limits of ledgers, the same in every implementation.
const (
	// MaxLedgerKey bounds the key of an account, in bytes.
	MaxLedgerKey = 512
	// MaxLedgerValue bounds its value, in bytes.
	MaxLedgerValue = 64 << 10
	// MaxLedgerBatch bounds the accounts that one call reads, writes or removes.
	MaxLedgerBatch = 10_000
)

// Ledger keeps what is counted: accounts that change all the time and of which
// only the balance matters. They have no revision, no history and no audit entry,
// but what was posted is durable, as updates are, and all nodes of a store see
// the same. The stores of this program are ledgers.
type Ledger interface {
	// Post runs f in one serialisable transaction. It has happened, whole, when
	// Post returns nil, and not at all when f returned an error; after another
	// error it may have happened. f may run again, so it must have no effect but
	// through its LedgerTx.
	Post(ctx context.Context, f func(LedgerTx) error) error
	// Accounts returns the accounts whose keys are not below from and below to, in
	// the order of the keys' bytes, at most limit, 1 to MaxLedgerBatch.
	Accounts(ctx context.Context, from, to string, limit int) ([]Account, error)
}

// AccountReader reads accounts as they were at one moment. The Readers of views,
// and the transactions of updates, are AccountReaders: of a view all accounts are
// those of the moment whose latest revision a view reads, also where the view
// itself is of an earlier one, for accounts have no past.
type AccountReader interface {
	// Accounts is as that of a Ledger.
	Accounts(from, to string, limit int) ([]Account, error)
}

// Poster is a Tx that can post in the transaction of its update, as a restore
// does: records and accounts change together, or neither. Where it posts, the
// update must append to the audit log. Those who post wait until it has ended.
type Poster interface {
	// Posting returns what posts. It comes before everything that is written.
	Posting() (LedgerTx, error)
}

// LedgerTx reads and writes accounts in one transaction. It sees its own writes.
type LedgerTx interface {
	AccountReader
	// Balances returns the values of those of the accounts that are there.
	Balances(keys []string) (map[string][]byte, error)
	// Set makes or replaces accounts. No key may be there twice.
	Set(accounts []Account) error
	// Remove removes the first accounts, at most limit, whose keys are not below
	// from and below to, and returns how many there were.
	Remove(from, to string, limit int) (int, error)
}

// Account is a key with its value.
type Account struct {
	Key   string
	Value []byte
}

// ledgerPage is how many accounts EachAccount reads at once.
const ledgerPage = 1000

// EachAccount yields the accounts whose keys are not below from and below to, in
// the order of the keys' bytes, without holding all of them. An error is the last
// that it yields.
func EachAccount(r AccountReader, from, to string) iter.Seq2[Account, error] {
	return func(yield func(Account, error) bool) {
		for {
			page, err := r.Accounts(from, to, ledgerPage)
			if err != nil {
				yield(Account{}, err)
				return
			}
			for _, a := range page {
				if !yield(a, nil) {
					return
				}
			}
			if len(page) < ledgerPage {
				return
			}
			from = page[len(page)-1].Key + "!" // The first key behind it: no key has a lower byte.
		}
	}
}

// CheckAccounts says why accounts may not be set; nil where they may. The error
// wraps ErrInvalid.
func CheckAccounts(accounts []Account) error {
	if len(accounts) > MaxLedgerBatch {
		return fmt.Errorf("%d accounts at once, more than MaxLedgerBatch (%d): %w", len(accounts), MaxLedgerBatch, ErrInvalid)
	}
	for _, a := range accounts {
		if err := CheckAccountKey(a.Key); err != nil {
			return err
		}
		if len(a.Value) > MaxLedgerValue {
			return fmt.Errorf("the account %q has %d bytes, more than MaxLedgerValue (%d): %w", a.Key, len(a.Value), MaxLedgerValue, ErrInvalid)
		}
	}
	return nil
}

// CheckAccountKey says why a text is no key of an account; nil where it is one:
// visible ASCII, which every database orders by its bytes. The error wraps
// ErrInvalid.
func CheckAccountKey(key string) error {
	if key == "" || len(key) > MaxLedgerKey {
		return fmt.Errorf("the key of an account has %d bytes, not 1 to MaxLedgerKey (%d): %w", len(key), MaxLedgerKey, ErrInvalid)
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			return fmt.Errorf("the key of an account has the byte %#02x: %w", key[i], ErrInvalid)
		}
	}
	return nil
}

// CheckBatch says why as many accounts may not be asked for; nil where they may.
// The error wraps ErrInvalid.
func CheckBatch(limit int) error {
	if limit < 1 || limit > MaxLedgerBatch {
		return fmt.Errorf("the limit %d is not between 1 and MaxLedgerBatch (%d): %w", limit, MaxLedgerBatch, ErrInvalid)
	}
	return nil
}
