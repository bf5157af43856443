package traces

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Run lets go of traces at their end, from time to time, until ctx ends: also of
// those of gateways that send none any more. Several nodes may do so at once.
func (b *Book) Run(ctx context.Context) {
	for clock.Sleep(ctx, b.o.Clock, TidyInterval) == nil {
		if _, err := b.Tidy(ctx); err != nil && ctx.Err() == nil {
			b.o.Log.Warn("traces that are too old could not be let go of; it is tried again", slog.Any("error", err))
		}
	}
}

// Tidy lets go of traces that were kept for long enough, of at most MaxTidied
// gateways, and returns how many.
func (b *Book) Tidy(ctx context.Context) (removed int, err error) {
	from, to := indexPrefix, after(indexPrefix)
	for tidied := 0; tidied < MaxTidied; {
		found, err := b.o.Ledger.Accounts(ctx, from, to, indexBatch)
		if err != nil {
			return removed, fmt.Errorf("letting go of traces: %w", err)
		}
		for _, a := range found {
			if !b.stale(a.Value) {
				continue
			}
			n, err := b.tidy(ctx, a.Key[len(indexPrefix):])
			if err != nil {
				return removed, fmt.Errorf("letting go of traces: %w", err)
			}
			removed += n
			if tidied++; tidied >= MaxTidied {
				break
			}
		}
		if len(found) < indexBatch {
			break
		}
		from = found[len(found)-1].Key + "!"
	}
	b.dropped.Add(uint64(removed))
	return removed, nil
}

// stale reports whether an index has something to be let go of.
func (b *Book) stale(index []byte) bool {
	list, ok := readIndex(index)
	return !ok || len(list) == 0 || list[0].over(b.o.Clock.Now())
}

// tidy lets go of what of a gateway is over.
func (b *Book) tidy(ctx context.Context, gateway string) (gone int, err error) {
	now := b.o.Clock.Now()
	err = b.o.Ledger.Post(ctx, func(tx store.LedgerTx) error {
		s, err := open(tx, gateway)
		if err != nil {
			return err
		}
		if gone, err = s.room(now, 0, 0); err != nil {
			return err
		}
		return s.close()
	})
	return gone, err
}
