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
	posting sync.Mutex // Who has it posts.

	mu sync.Mutex
	// accounts are never written: a post replaces them.
	accounts map[string][]byte
}

// Post implements Ledger.
func (m *MemoryLedger) Post(ctx context.Context, f func(LedgerTx) error) error {
	t := m.Begin()
	defer t.End()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := f(t); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	t.Commit()
	return nil
}

// Accounts implements Ledger.
func (m *MemoryLedger) Accounts(ctx context.Context, from, to string, limit int) ([]Account, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return m.View().Accounts(from, to, limit)
}

// View are the accounts as they are now.
func (m *MemoryLedger) View() MemoryAccounts {
	m.mu.Lock()
	defer m.mu.Unlock()
	return MemoryAccounts{m.accounts}
}

// Begin begins to post, when everybody else who posts has ended. End must follow.
func (m *MemoryLedger) Begin() *MemoryPosting {
	m.posting.Lock()
	t := &MemoryPosting{ledger: m, MemoryAccounts: MemoryAccounts{maps.Clone(m.View().accounts)}}
	if t.accounts == nil {
		t.accounts = map[string][]byte{}
	}
	return t
}

// MemoryAccounts are accounts at one moment.
type MemoryAccounts struct{ accounts map[string][]byte }

// Accounts implements AccountReader.
func (a MemoryAccounts) Accounts(from, to string, limit int) ([]Account, error) {
	if err := CheckBatch(limit); err != nil {
		return nil, err
	}
	var found []Account
	for _, key := range between(a.accounts, from, to, limit) {
		found = append(found, Account{Key: key, Value: bytes.Clone(a.accounts[key])})
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

// MemoryPosting implements LedgerTx. What it wrote is there after Commit.
type MemoryPosting struct {
	MemoryAccounts
	ledger *MemoryLedger
}

// Commit lets everybody see what was written.
func (t *MemoryPosting) Commit() {
	t.ledger.mu.Lock()
	defer t.ledger.mu.Unlock()
	t.ledger.accounts = t.accounts
}

// End lets others post. Nothing may be written after it.
func (t *MemoryPosting) End() { t.ledger.posting.Unlock() }

// Balances implements LedgerTx.
func (t *MemoryPosting) Balances(keys []string) (map[string][]byte, error) {
	found := make(map[string][]byte, len(keys))
	for _, key := range keys {
		if value, ok := t.accounts[key]; ok {
			found[key] = bytes.Clone(value)
		}
	}
	return found, nil
}

// Set implements LedgerTx.
func (t *MemoryPosting) Set(accounts []Account) error {
	if err := CheckAccounts(accounts); err != nil {
		return err
	}
	for _, a := range accounts {
		t.accounts[a.Key] = append([]byte{}, a.Value...)
	}
	return nil
}

// Remove implements LedgerTx.
func (t *MemoryPosting) Remove(from, to string, limit int) (int, error) {
	if err := CheckBatch(limit); err != nil {
		return 0, err
	}
	keys := between(t.accounts, from, to, limit)
	for _, key := range keys {
		delete(t.accounts, key)
	}
	return len(keys), nil
}
