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
