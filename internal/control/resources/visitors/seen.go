package visitors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
)

// When a session was last used changes with every visit, and nobody asks how it
// was before. It is kept in the ledger of the store, in one account a session, so
// that visits leave neither revisions nor entries in the audit log.
const (
	// seenAccounts begins the keys of these accounts. The day on which the session
	// expires follows, so that what is over stands together.
	seenAccounts = "seen/"
	// maxSeenTidied bounds the accounts of sessions that are over which are removed
	// with each that is written.
	maxSeenTidied = 100
)

// seenAction is the action of a session that notes its use.
func seenAction() resource.Action {
	return resource.Action{Path: string(access.Seen), Permission: access.Seen, Run: seen}
}

// seen notes that a session was used now.
func seen(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	if s.Ledger == nil {
		return resource.Result{}, problem.New(statusUnavailable, problem.CodeUnavailable,
			"The store of this installation does not keep when sessions were used.")
	}
	now := s.Now()
	account := store.Account{Key: seenKey(e), Value: []byte(stamp(now))}
	_, err := s.Outside("noting the use of "+string(e.ID), func(ctx context.Context) (any, error) {
		return nil, s.Ledger.Post(ctx, func(tx store.LedgerTx) error {
			if _, err := tx.Remove(seenAccounts, seenAccounts+now.UTC().Format(time.DateOnly), maxSeenTidied); err != nil {
				return err
			}
			return tx.Set([]store.Account{account})
		})
	})
	return resource.Result{}, err
}

// seenKey is the key of a session's account.
func seenKey(e *resource.Entity) string {
	name := sha256.Sum256([]byte(strings.ToLower(string(e.ID))))
	return seenAccounts + timeOf(e, "expires").UTC().Format(time.DateOnly) + "/" + hex.EncodeToString(name[:])
}

// lastSeen is when a session was last used: as the ledger has it, or as the session
// was made where that is later.
func lastSeen(s *resource.Session, e *resource.Entity) (time.Time, error) {
	at := timeOf(e, "lastSeen")
	reader, ok := s.Reader().(store.AccountReader)
	if !ok {
		return at, nil
	}
	key := seenKey(e)
	accounts, err := reader.Accounts(key, key+"!", 1) // The first key behind it.
	if err != nil {
		return at, fmt.Errorf("reading when a session was used: %w", err)
	}
	if len(accounts) == 0 {
		return at, nil
	}
	noted, err := time.Parse(time.RFC3339Nano, string(accounts[0].Value))
	if err != nil || noted.Before(at) {
		return at, nil //nolint:nilerr // What cannot be read says nothing.
	}
	return noted, nil
}
