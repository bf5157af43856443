package schedule

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/ship"
)

// write writes backups while this node leads.
func (k *Keeper) write(ctx context.Context) {
	for ctx.Err() == nil {
		if k.due() || k.never() {
			if err := k.begin(ctx); err == nil {
				k.goOn(ctx)
				continue
			} else if ctx.Err() == nil {
				k.failed("the backup cannot begin", err)
			}
		}
		if clock.Sleep(ctx, k.o.Clock, tick) != nil {
			return
		}
	}
}

// never reports whether writing has not been tried yet.
func (k *Keeper) never() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.retry.IsZero()
}

// begin goes on with the chain of this store, or takes the first base of a new
// one.
func (k *Keeper) begin(ctx context.Context) error {
	c, err := k.read(ctx)
	if err != nil {
		return err
	}
	resumed, err := k.shipper.Resume(ctx, c)
	if err != nil {
		return err
	}
	if resumed {
		k.o.Log.Info("going on with the backup", slog.String("place", k.o.Place.String()),
			slog.String("chain", k.shipper.Status().Chain), slog.Uint64("revision", uint64(k.shipper.Status().Revision)))
		return nil
	}
	return k.take(ctx)
}

// goOn ships changes and takes bases when they are due, until ctx ends, or the
// store turns out to be another one than before.
func (k *Keeper) goOn(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	var shipping sync.WaitGroup
	shipping.Go(func() {
		if err := k.shipper.Run(ctx); errors.Is(err, ship.ErrForked) {
			k.o.Log.Warn("a new chain of backups begins", slog.Any("error", err))
			k.shipper.Abandon()
			stop()
		}
	})
	defer shipping.Wait()
	defer stop()
	for {
		k.base(ctx)
		if clock.Sleep(ctx, k.o.Clock, tick) != nil {
			return
		}
	}
}

// base takes a base where one is due, proves the newest one where it is not
// proved, and then removes what is not to be kept.
func (k *Keeper) base(ctx context.Context) {
	if k.due() {
		if err := k.take(ctx); err != nil {
			if ctx.Err() == nil {
				k.failed("a backup could not be taken", err)
			}
			return
		}
	}
	k.mu.Lock()
	unproved := k.unproved
	k.mu.Unlock()
	if unproved == nil {
		return
	}
	if err := k.prove(ctx, unproved); err != nil {
		if ctx.Err() == nil {
			k.disproved(unproved, err)
		}
		return
	}
	if err := k.retain(ctx); err != nil && ctx.Err() == nil {
		k.o.Log.Warn("old backups could not be removed; it is tried again after the next one", slog.Any("error", err))
	}
}

// take takes a base. How long the next one waits after a failure is not changed
// before it is proved: where none can be, they must not fill the place.
func (k *Keeper) take(ctx context.Context) error {
	base, err := k.shipper.Base(ctx, nil)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last, k.retry, k.unproved = base.Created, time.Time{}, &base
	k.status.Succeeded, k.status.Failure = k.o.Clock.Now(), nil
	k.status.Bases++
	k.o.Log.Info("took a backup", slog.String("name", base.Name), slog.Uint64("revision", uint64(base.Note.Revision)),
		slog.Int64("bytes", base.Note.Bytes))
	return nil
}

// failed notes that something could not be done, and when it is tried again.
func (k *Keeper) failed(what string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.status.Failed, k.status.Failure = k.o.Clock.Now(), err
	k.status.Failures++
	k.later()
	k.o.Log.Error(what, slog.Any("error", err), slog.Duration("again_in", k.pause))
}

// disproved notes that a base is not what it should be: another one is taken.
func (k *Keeper) disproved(b *catalog.Base, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.status.Failed, k.status.ProofFailure = k.o.Clock.Now(), err
	k.status.Failures++
	k.unproved = nil
	k.later()
	k.o.Log.Error("a backup could not be proved; another one is taken", slog.String("name", b.Name), slog.Any("error", err),
		slog.Duration("again_in", k.pause))
}

// later sets when what failed is tried again. The caller holds mu.
func (k *Keeper) later() {
	k.pause = min(max(2*k.pause, firstRetry), longestRetry)
	k.retry = k.o.Clock.Now().Add(k.pause)
}
