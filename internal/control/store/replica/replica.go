// Package replica copies a store into another, with its whole history, and
// compares the two.
//
// It needs nothing but the contract: an update at a time is made again as it was,
// so that records, versions, audit log and revisions come out the same.
package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/store"
)

// step bounds the revisions, and the audit entries, that are read at once.
const step = 64

// ErrDifferent says that two stores do not have the same history.
var ErrDifferent = errors.New("the stores differ")

// errPlace stops a copy whose destination is written by somebody else too.
var errPlace = errors.New("the destination is being written by somebody else")

// Copy copies everything that is in a store when it begins to an empty one, the
// ledger as it is at the end, and compares both. A copy that was interrupted goes on where it was; a destination
// that holds something else is refused, with ErrDifferent. progress is told how
// many revisions are copied, of how many; it may be nil.
func Copy(ctx context.Context, from, to store.Store, progress func(done, total int)) error {
	end, err := latest(ctx, from)
	if err != nil {
		return fmt.Errorf("reading the source: %w", err)
	}
	begin, err := latest(ctx, to)
	if err != nil {
		return fmt.Errorf("reading the destination: %w", err)
	}
	if begin > end {
		return fmt.Errorf("the destination has revision %d and the source %d: %w", begin, end, ErrDifferent)
	}
	if err := compareHistory(ctx, from, to, 0, begin); err != nil {
		return fmt.Errorf("the destination is not empty, and holds something else: %w", err)
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	started := begin
	for m, err := range history(ctx, from, begin, end) {
		if err != nil {
			return fmt.Errorf("reading the source: %w", err)
		}
		if len(m.Versions)+len(m.audit) == 0 { // A restore passed over it.
			continue
		}
		if err := repeat(ctx, to, begin, m); err != nil {
			return fmt.Errorf("copying revision %d: %w", m.Revision, err)
		}
		begin = m.Revision
		progress(int(m.Revision), int(end))
	}
	if err := errors.Join(compareHistory(ctx, from, to, started, end), compareState(ctx, from, to, end)); err != nil {
		return fmt.Errorf("comparing the copy: %w", err)
	}
	if err := copyAccounts(ctx, from, to); err != nil {
		return fmt.Errorf("copying the ledger: %w", err)
	}
	return nil
}

// repeat makes an update again as it was, after the one of another revision:
// those between them were passed over.
func repeat(ctx context.Context, to store.Store, after store.Revision, m moment) error {
	revision, err := to.Update(ctx, func(tx store.Tx) error {
		if tx.Revision() != after {
			return fmt.Errorf("it has revision %d: %w", tx.Revision(), errPlace)
		}
		if err := advance(tx, m.Revision-1); err != nil {
			return err
		}
		for _, v := range m.Versions {
			if err := write(tx, v); err != nil {
				return err
			}
		}
		for _, e := range m.audit {
			if sequence, err := tx.Audit(e.Data); err != nil {
				return err
			} else if sequence != e.Sequence {
				return fmt.Errorf("audit entry %d got number %d: %w", e.Sequence, sequence, ErrDifferent)
			}
		}
		return nil
	})
	if err == nil && revision != m.Revision {
		return fmt.Errorf("it made revision %d: %w", revision, ErrDifferent)
	}
	return err
}

// advance makes the update follow a revision.
func advance(tx store.Tx, to store.Revision) error {
	if tx.Revision() == to {
		return nil
	}
	can, ok := tx.(store.Advancer)
	if !ok {
		return fmt.Errorf("revision %d cannot follow %d there: %w", to+1, tx.Revision(), ErrDifferent)
	}
	return can.Advance(to)
}

func write(tx store.Tx, v store.Version) error {
	if v.Deleted {
		return tx.Delete(v.Key)
	}
	if v.Created == v.Revision {
		// Where the update removed a record before it made this one, the copy
		// must be made anew as well.
		if err := tx.Delete(v.Key); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return tx.Put(v.Key, v.ID, v.Value)
}

// Compare reports whether two stores have the same revision, history, audit log,
// state and ledger. What differs first is in the error, which wraps ErrDifferent.
func Compare(ctx context.Context, one, other store.Store) error {
	a, err := latest(ctx, one)
	if err != nil {
		return err
	}
	b, err := latest(ctx, other)
	if err != nil {
		return err
	}
	if a != b {
		return fmt.Errorf("one has revision %d, the other %d: %w", a, b, ErrDifferent)
	}
	if err := compareHistory(ctx, one, other, 0, a); err != nil {
		return err
	}
	if err := compareState(ctx, one, other, a); err != nil {
		return err
	}
	return accountsOf(ctx, one, func(accounts store.AccountReader) error {
		return accountsOf(ctx, other, func(others store.AccountReader) error { return compareAccounts(accounts, others) })
	})
}

func latest(ctx context.Context, s store.Store) (revision store.Revision, err error) {
	err = s.View(ctx, func(r store.Reader) error {
		revision = r.Revision()
		return nil
	})
	return revision, err
}

// sameRecord compares all that there is to a record.
func sameRecord(a, b store.Record) bool {
	return a.Key == b.Key && a.ID == b.ID && bytes.Equal(a.Value, b.Value) && a.Created == b.Created && a.Changed == b.Changed
}
