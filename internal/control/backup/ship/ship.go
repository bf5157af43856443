// Package ship makes continuous backups: behind a base it writes an archive of
// what has changed, at most pace after the change, so that a restore to any
// point in time loses no more than a second.
//
// Nothing waits for it. Where the place is gone the store goes on, and what was
// missed is written when the place is back.
package ship

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Limits of shipping.
const (
	// pace is the time between the beginnings of two archives of changes. Half of
	// what may be lost is for waiting, half for writing.
	pace = 500 * time.Millisecond
	// writeTimeout bounds the writing of an archive of changes of at most
	// inMemory; longer ones may take as long as they move.
	writeTimeout = 20 * time.Second
	// countersEvery is how often it is looked whether counters have changed.
	countersEvery = time.Minute
	// usageEvery is how often the usage that has changed is shipped: what is counted
	// in the meantime is what a lost region loses of it. Of a minute, an hour and a
	// day it is shipped again each time that calls of them came, so that twice as
	// often is nearly twice as much.
	usageEvery = 5 * time.Minute
	// firstPause is the rest after a failure; it doubles up to longestPause.
	firstPause, longestPause = time.Second, 30 * time.Second
	// lastTimeout bounds what is done at the end.
	lastTimeout = 3 * time.Second
	// watchPause is the rest after the store's watch has ended.
	watchPause = time.Second
)

// ErrForked says that the store's history is not the one of the chain: another
// store, or an older copy of it that was put back. A new chain begins with a new
// base.
var ErrForked = errors.New("the store's history is another than that of the chain")

// Options say what is shipped, and where to.
type Options struct {
	Source backup.Source
	Place  *place.Place
	Key    *archive.Key
	// Keys open what Key has written.
	Keys  archive.KeyOpener
	Log   *slog.Logger
	Clock clock.Clock
}

// Shipper writes one chain. Its methods may be called concurrently, but Run runs
// once at a time.
type Shipper struct {
	o     Options
	dirty chan struct{} // Something has changed.

	mu    sync.Mutex
	chain string
	// position is where the next changes begin, previous what they name as the
	// one before, sequence their number.
	position backup.Position
	previous string
	sequence uint64
	// under is when the first change was seen of those that are being written,
	// or could not be; waiting is the same of those that came later. They are zero
	// where there are none.
	waiting, under time.Time
	// counters are to be shipped; nil where there is no news of them.
	// shippedCounters is the digest of those that were.
	counters        standing
	shippedCounters [sha256.Size]byte
	// usageDue says that it is time to ship the usage that has changed.
	usageDue bool
	status   Status
}

// Status says how shipping is going.
type Status struct {
	// Chain is where it ships to; "" before it has begun.
	Chain string
	// Revision is the one that is safe in the place, and Shipped when that became
	// known.
	Revision store.Revision
	Shipped  time.Time
	// Archives counts the archives of changes that were written, Failures the
	// tries that failed; Failure is the last one's, nil after a success.
	Archives, Failures uint64
	Failure            error
	// Lag is for how long something has been waiting to be shipped.
	Lag time.Duration
}

// New makes a shipper that has no chain yet.
func New(o Options) *Shipper {
	return &Shipper{o: o, dirty: make(chan struct{}, 1)}
}

// Status says how shipping is going.
func (s *Shipper) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := s.status
	status.Chain, status.Revision = s.chain, s.position.Revision
	since := s.under
	if since.IsZero() {
		since = s.waiting
	}
	if !since.IsZero() {
		status.Lag = s.o.Clock.Since(since)
	}
	return status
}

// Base takes a base, into the chain, or into a new one, which the shipper goes
// on with from here. Its note is written when it is whole.
func (s *Shipper) Base(ctx context.Context, progress func(backup.Progress)) (catalog.Base, error) {
	s.mu.Lock()
	chain := s.chain
	s.mu.Unlock()
	begins := chain == ""
	if begins {
		chain = catalog.NewChain(s.o.Clock.Now())
	}
	base := catalog.Base{Chain: chain, Created: s.o.Clock.Now().UTC().Truncate(time.Second)}
	base.Name, base.ID = catalog.NewBase(chain, base.Created)
	position, err := take(ctx, s.o, &base, progress)
	if err != nil {
		return base, fmt.Errorf("taking a base: %w", err)
	}
	if begins {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.chain, s.position, s.previous, s.sequence = chain, position, base.ID, 0
	}
	return base, nil
}

// Take takes a base by hand: under a name, or the next one where it is "".
func Take(ctx context.Context, o Options, name string, progress func(backup.Progress)) (catalog.Base, error) {
	base := catalog.Base{Name: name, Created: o.Clock.Now().UTC().Truncate(time.Second)}
	if name == "" {
		base.Name, base.ID = catalog.NewBase("", base.Created)
	}
	_, err := take(ctx, o, &base, progress)
	return base, err
}

// take takes a base and writes it under its name, and then its note. The store
// is read before the place is written: nobody's view waits for a network.
func take(ctx context.Context, o Options, base *catalog.Base, progress func(backup.Progress)) (backup.Position, error) {
	if o.Source.Counters != nil {
		o.Source.Counters = standing(o.Source.Counters.Snapshot())
	}
	spool := newSpool()
	defer spool.close()
	summary, err := backup.Take(ctx, o.Source, spool, backup.TakeOptions{Key: o.Key, Progress: progress})
	if err != nil {
		return backup.Position{}, err
	}
	if err := o.Place.Write(ctx, base.Name, spool.copyTo); err != nil {
		return backup.Position{}, err
	}
	base.Note = catalog.NoteOf(summary)
	if base.ID == "" {
		return summary.Position, nil // One archive stands for itself.
	}
	return summary.Position, base.WriteNote(ctx, o.Place)
}

// Run ships until ctx ends, or the store turns out to have another history than
// the chain: ErrForked. Base or Resume come before it.
func (s *Shipper) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { s.watch(ctx) })
	watching.Go(func() { s.count(ctx) })
	watching.Go(func() { s.countUsage(ctx) })
	defer watching.Wait()
	defer stop()
	defer s.last(ctx)
	s.dueUsage()
	s.touch() // What has changed since the last run.
	pause := firstPause
	for {
		if err := s.wait(ctx); err != nil {
			return nil //nolint:nilerr // ctx has ended: that is how it ends.
		}
		began := s.o.Clock.Now()
		err := s.ship(ctx)
		rest := pace
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrForked):
			return err
		case err != nil:
			s.wake()
			rest, pause = pause, min(2*pause, longestPause)
		default:
			pause = firstPause
		}
		if clock.Sleep(ctx, s.o.Clock, rest-s.o.Clock.Since(began)) != nil {
			return nil
		}
	}
}

// last ships what is there at the end, so that a restart loses nothing even
// where the store is lost with it.
func (s *Shipper) last(ctx context.Context) {
	if ctx.Err() == nil || s.Status().Failure != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTimeout)
	defer cancel()
	s.dueUsage()
	if err := s.ship(ctx); err != nil {
		s.o.Log.Warn("the last changes were not written to the backup; they are at the next start", slog.Any("error", err))
	}
}

// wait waits until there is something to look at.
func (s *Shipper) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.dirty:
		return nil
	}
}

// touch says that something may have changed.
func (s *Shipper) touch() {
	s.mu.Lock()
	if s.waiting.IsZero() {
		s.waiting = s.o.Clock.Now()
	}
	s.mu.Unlock()
	s.wake()
}

// wake makes Run look.
func (s *Shipper) wake() {
	select {
	case s.dirty <- struct{}{}:
	default: // It is going to look already.
	}
}

// watch touches after every change.
func (s *Shipper) watch(ctx context.Context) {
	for ctx.Err() == nil {
		after := s.Status().Revision
		for change, err := range s.o.Source.Store.Watch(ctx, after) {
			if err != nil {
				break
			}
			if change.Revision > s.Status().Revision {
				s.touch()
			}
		}
		if clock.Sleep(ctx, s.o.Clock, watchPause) != nil {
			return
		}
		s.touch() // What was missed while nobody watched.
	}
}

// Abandon leaves the chain: Base begins a new one.
func (s *Shipper) Abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chain = ""
}
