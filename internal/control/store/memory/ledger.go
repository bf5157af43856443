package memory

import (
	"context"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Post implements store.Ledger.
func (s *Store) Post(ctx context.Context, f func(store.LedgerTx) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return s.ledger.Post(ctx, f)
}

// Accounts implements store.Ledger.
func (s *Store) Accounts(ctx context.Context, from, to string, limit int) ([]store.Account, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	return s.ledger.Accounts(ctx, from, to, limit)
}

// reader is a state with the accounts of the moment.
type reader struct {
	*state
	store.MemoryAccounts
}

// Posting implements store.Poster.
func (t *tx) Posting() (store.LedgerTx, error) {
	if t.posting == nil {
		t.posting = t.ledger.Begin()
	}
	return t.posting, nil
}

// Accounts implements store.AccountReader.
func (t *tx) Accounts(from, to string, limit int) ([]store.Account, error) {
	if t.posting != nil {
		return t.posting.Accounts(from, to, limit)
	}
	return t.ledger.View().Accounts(from, to, limit)
}

// end lets others post.
func (t *tx) end() {
	if t.posting != nil {
		t.posting.End()
	}
}
