package ship

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/lineage"
	"github.com/sallyport/sallyport/internal/control/store"
)

// ship writes what has changed since the last time, if anything has.
func (s *Shipper) ship(ctx context.Context) error {
	s.begin()
	err := s.changes(ctx)
	forked := errors.Is(err, backup.ErrSequence) || errors.Is(err, store.ErrFutureRevision) || lineage.Missing(err)
	if forked {
		err = fmt.Errorf("%w: %w", ErrForked, err)
	}
	if ctx.Err() == nil {
		s.end(err)
	}
	return err
}

// begin notes that what was waiting is under way.
func (s *Shipper) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under.IsZero() {
		s.under = s.waiting
	}
	s.waiting = time.Time{}
}

// changes takes an archive of changes and writes it.
func (s *Shipper) changes(ctx context.Context) (err error) {
	usage := s.takeUsageDue()
	defer func() {
		if usage && err != nil {
			s.dueUsage()
		}
	}()
	s.mu.Lock()
	after := s.position
	next := catalog.Changes{Chain: s.chain, Sequence: s.sequence + 1, From: after.Revision, Previous: s.previous}
	source, counters := s.o.Source, s.counters
	s.mu.Unlock()
	source.Counters = nil
	if counters != nil {
		source.Counters = counters
	}
	spool := newSpool()
	defer spool.close()
	summary, err := backup.TakeChanges(ctx, source, after, spool, backup.TakeOptions{Key: s.o.Key, CountersAlone: true, Usage: usage})
	if errors.Is(err, backup.ErrNoChanges) {
		return nil
	}
	if err != nil {
		return err
	}
	next.To, next.Digest = summary.Position.Revision, catalog.Short(spool.sum.Sum(nil))
	if err := s.write(ctx, next.Path(), spool); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.position, s.previous, s.sequence = summary.Position, next.Digest, next.Sequence
	if counters != nil {
		s.shippedCounters = digest(counters)
		if digest(s.counters) == s.shippedCounters {
			s.counters = nil
		}
	}
	s.status.Archives++
	return nil
}

func (s *Shipper) write(ctx context.Context, name string, from *spool) error {
	if from.file == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, writeTimeout, fmt.Errorf("it took longer than %v", writeTimeout))
		defer cancel()
	}
	return s.o.Place.Write(ctx, name, from.copyTo)
}

// end notes how shipping went.
func (s *Shipper) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.status.Failure
	s.status.Failure = err
	if err != nil {
		s.status.Failures++
		if before == nil {
			s.o.Log.Error("changes cannot be written to the backup; it is tried again", slog.Any("error", err))
		}
		return
	}
	s.under = time.Time{}
	s.status.Shipped = s.o.Clock.Now()
	if before != nil {
		s.o.Log.Info("changes are written to the backup again", slog.Uint64("revision", uint64(s.position.Revision)))
	}
}
