package usage

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Run lets go of what is older than it is to be kept, from time to time, until
// ctx ends. Several nodes may do so at once.
func (b *Book) Run(ctx context.Context) {
	for clock.Sleep(ctx, b.o.Clock, TidyInterval) == nil {
		if _, err := b.Tidy(ctx); err != nil && ctx.Err() == nil {
			b.o.Log.Warn("usage that is too old could not be let go of; it is tried again", slog.Any("error", err))
		}
	}
}

// Tidy lets go of totals and marks that are older than they are to be kept, and
// returns how many: at most MaxTidied, the next time goes on.
func (b *Book) Tidy(ctx context.Context) (int, error) {
	now, removed := b.o.Clock.Now(), 0
	for _, r := range resolutions {
		from, to := startKey(r, time.Unix(0, 0)), startKey(r, b.o.Keep.gone(r, now))
		err := b.tidy(ctx, &removed, func(tx store.LedgerTx) (int, error) { return tx.Remove(from, to, tidyBatch) })
		if err != nil {
			return removed, err
		}
	}
	err := b.tidy(ctx, &removed, func(tx store.LedgerTx) (int, error) { return tidyStamps(tx, now.Add(-KeepStamps)) })
	if err != nil {
		return removed, err
	}
	n, err := b.tidyMarks(ctx, now)
	return removed + n, err
}

// tidy lets go of accounts, at most tidyBatch in one transaction, until there are
// no more or MaxTidied were removed.
func (b *Book) tidy(ctx context.Context, removed *int, batch func(store.LedgerTx) (int, error)) error {
	for *removed < MaxTidied {
		n := 0
		err := b.o.Ledger.Post(ctx, func(tx store.LedgerTx) (err error) {
			n, err = batch(tx)
			return err
		})
		if err != nil {
			return fmt.Errorf("letting go of usage: %w", err)
		}
		if *removed += n; n < tidyBatch {
			break
		}
	}
	return nil
}

// tidyMarks lets go of the marks of processes that have sent nothing for long.
func (b *Book) tidyMarks(ctx context.Context, now time.Time) (removed int, err error) {
	from, to := markPrefix, markPrefix+"~"
	for removed < MaxTidied {
		marks, err := b.o.Ledger.Accounts(ctx, from, to, readBatch)
		if err != nil {
			return removed, fmt.Errorf("letting go of marks of usage: %w", err)
		}
		for _, a := range marks {
			if now.Sub(decodeMark(a.Value).at) <= KeepMarks {
				continue
			}
			if err := b.dropMark(ctx, a.Key, now); err != nil {
				return removed, err
			}
			removed++
		}
		if len(marks) < readBatch {
			break
		}
		from = marks[len(marks)-1].Key + "!"
	}
	return removed, nil
}

// dropMark lets go of a mark that is still too old.
func (b *Book) dropMark(ctx context.Context, key string, now time.Time) error {
	err := b.o.Ledger.Post(ctx, func(tx store.LedgerTx) error {
		found, err := tx.Balances([]string{key})
		if err != nil || now.Sub(decodeMark(found[key]).at) <= KeepMarks {
			return err
		}
		_, err = tx.Remove(key, key+"!", 1)
		return err
	})
	if err != nil {
		return fmt.Errorf("letting go of a mark of usage: %w", err)
	}
	return nil
}
