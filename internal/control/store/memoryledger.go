package store

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
)

// MemoryLedger is a Ledger in the memory of the process. The zero value is empty.
type MemoryLedger struct {
	mu       sync.Mutex
	accounts map[string][]byte
}

// Post implements Ledger.
func (m *MemoryLedger) Post(ctx context.Context, f func(LedgerTx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	t := memoryLedgerTx{accounts: maps.Clone(m.accounts)}
	if t.accounts == nil {
		t.accounts = map[string][]byte{}
	}
	if err := f(t); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	m.accounts = t.accounts
	return nil
}

// Accounts implements Ledger.
func (m *MemoryLedger) Accounts(ctx context.Context, from, to string, limit int) ([]Account, error) {
	if err := CheckBatch(limit); err != nil {
		return nil, err
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Account
	for _, key := range between(m.accounts, from, to, limit) {
		found = append(found, Account{Key: key, Value: bytes.Clone(m.accounts[key])})
	}
	return found, nil
}

// between are the first keys from one up to another, in order.
func between(accounts map[string][]byte, from, to string, limit int) []string {
	var keys []string
	for key := range accounts {
		if key >= from && key < to {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys[:min(limit, len(keys))]
}

type memoryLedgerTx struct{ accounts map[string][]byte }

// Balances implements LedgerTx.
func (t memoryLedgerTx) Balances(keys []string) (map[string][]byte, error) {
	found := make(map[string][]byte, len(keys))
	for _, key := range keys {
		if value, ok := t.accounts[key]; ok {
			found[key] = bytes.Clone(value)
		}
	}
	return found, nil
}

// Set implements LedgerTx.
func (t memoryLedgerTx) Set(accounts []Account) error {
	if err := CheckAccounts(accounts); err != nil {
		return err
	}
	for _, a := range accounts {
		t.accounts[a.Key] = append([]byte{}, a.Value...)
	}
	return nil
}

// Remove implements LedgerTx.
func (t memoryLedgerTx) Remove(from, to string, limit int) (int, error) {
	if err := CheckBatch(limit); err != nil {
		return 0, err
	}
	keys := between(t.accounts, from, to, limit)
	for _, key := range keys {
		delete(t.accounts, key)
	}
	return len(keys), nil
}
