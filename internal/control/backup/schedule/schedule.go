// Package schedule keeps an installation backed up while it runs: it takes bases
// when they are due, ships changes behind them, proves each base by reading it
// back and restoring it into memory, removes what is not to be kept, and says
// how old the last proof is.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup/catalog"
	"github.com/sallyport/sallyport/internal/control/backup/ship"
)

const (
	// AlarmAfter is the age of the last proof above which there is an alarm.
	AlarmAfter = 24 * time.Hour
	// tick is how often it is looked whether something is due.
	tick = 5 * time.Second
	// refresh is how often a node that does not write looks what is in the place.
	refresh = 5 * time.Minute
	// alarmAgain is how often the alarm is repeated in the log.
	alarmAgain = time.Hour
	// firstRetry is the rest after a base that failed; it doubles up to
	// longestRetry.
	firstRetry, longestRetry = time.Minute, 30 * time.Minute
	// releaseTimeout bounds what is done at the end.
	releaseTimeout = 3 * time.Second
)

// Options say what is kept, and how.
type Options struct {
	ship.Options
	// Open opens the place and the keys, which may be nil before. It is tried
	// again until it succeeds. It may be nil.
	Open func(ctx context.Context, to *ship.Options) error
	When When
	Rule catalog.Rule
	// Shared says that other nodes write to the place for the same store, and
	// Holder is the name of this one, the same after a restart.
	Shared bool
	Holder string
}

// Keeper keeps an installation backed up.
type Keeper struct {
	o       Options
	shipper *ship.Shipper
	lease   *lease
	began   time.Time
	// proving is Prove.
	proving func(ctx context.Context, o Options, c *catalog.Catalog, b *catalog.Base) (catalog.Proof, error)

	mu     sync.Mutex
	status Status
	// last is when the last base was begun, and retry when the next one is tried
	// after a failure.
	last, retry time.Time
	pause       time.Duration
	alarmed     time.Time
	// unproved is the newest base where it is not proved yet.
	unproved *catalog.Base
}

// Status says how backups are going.
type Status struct {
	// Leader says that this node writes them.
	Leader bool
	// Succeeded is when the last base was written, Failed when one last could not
	// be, and Failure why; nil after a success.
	Succeeded, Failed time.Time
	Failure           error
	// Proved is when a base was last proved; ProofFailure why the last try
	// failed, nil after a success.
	Proved       time.Time
	ProofFailure error
	// Bases, Proofs, Failures and Removed count what this process did.
	Bases, Proofs, Failures, Removed uint64
	Shipping                         ship.Status
}

// New makes a keeper that does nothing before Run.
func New(o Options) *Keeper {
	k := &Keeper{o: o, began: o.Clock.Now(), proving: Prove}
	if o.Open == nil {
		k.opened(o.Options)
	}
	return k
}

// opened takes the place and the keys.
func (k *Keeper) opened(o ship.Options) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.o.Options, k.shipper = o, ship.New(o)
	if k.o.Shared {
		k.lease = &lease{place: o.Place, holder: k.o.Holder, clock: o.Clock}
	}
}

// open opens the place and the keys, and tries again until that succeeds or ctx
// ends.
func (k *Keeper) open(ctx context.Context) error {
	for k.o.Open != nil {
		to := k.o.Options
		err := k.o.Open(ctx, &to)
		if err == nil {
			k.opened(to)
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		k.failed("the backup cannot begin", err)
		if err := clock.Sleep(ctx, k.o.Clock, k.pause); err != nil {
			return err
		}
		k.alarm()
	}
	return nil
}

// Status says how backups are going.
func (k *Keeper) Status() Status {
	k.mu.Lock()
	defer k.mu.Unlock()
	status := k.status
	if k.shipper != nil {
		status.Shipping = k.shipper.Status()
	}
	return status
}

// ProofAge is the age of the last proof. Where there never was one it counts
// from the start.
func (k *Keeper) ProofAge() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.proofAge()
}

func (k *Keeper) proofAge() time.Duration {
	from := k.status.Proved
	if from.IsZero() {
		from = k.began
	}
	return k.o.Clock.Since(from)
}

// Check is the alarm: an error where no base has been proved for AlarmAfter.
func (k *Keeper) Check() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	age := k.proofAge()
	if age <= AlarmAfter {
		return nil
	}
	said := fmt.Sprintf("no backup has been proved for %v, and there should be one at least every %v", age.Round(time.Minute), AlarmAfter)
	if why := errors.Join(k.status.Failure, k.status.ProofFailure); why != nil {
		return fmt.Errorf("%s: %w", said, why)
	}
	return errors.New(said)
}

// Run keeps backups until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	if k.open(ctx) != nil {
		return
	}
	defer k.close()
	k.keep(ctx)
}

// close lets go of a place that was opened here.
func (k *Keeper) close() {
	if k.o.Open == nil {
		return
	}
	if err := k.o.Place.Close(); err != nil {
		k.o.Log.Debug("closing the place of backups", slog.Any("error", err))
	}
}

// keep leads, or lets others lead, until ctx ends.
func (k *Keeper) keep(ctx context.Context) {
	var writing sync.WaitGroup
	stop := func() {}
	defer func() {
		stop()
		writing.Wait()
		k.release(ctx)
	}()
	led := false
	for known := (time.Time{}); ; {
		leads := k.lead(ctx)
		switch {
		case leads && !led:
			leading, end := context.WithCancel(ctx)
			stop = end
			writing.Go(func() { k.write(leading) })
		case !leads && led:
			stop()
			writing.Wait()
		}
		led = leads
		if !leads && (known.IsZero() || k.o.Clock.Since(known) >= refresh) {
			known = k.o.Clock.Now()
			k.look(ctx)
		}
		k.alarm()
		if clock.Sleep(ctx, k.o.Clock, tick) != nil {
			return
		}
	}
}

// lead reports whether this node is the one that writes.
func (k *Keeper) lead(ctx context.Context) bool {
	leads := true
	if k.lease != nil {
		if err := k.lease.turn(ctx); err != nil && ctx.Err() == nil {
			k.o.Log.Debug("the lease of the backups cannot be looked at", slog.Any("error", err))
		}
		leads = k.lease.holds()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if leads != k.status.Leader && k.lease != nil {
		k.o.Log.Info("which node writes the backups has changed", slog.Bool("this", leads))
	}
	k.status.Leader = leads
	return leads
}

// due reports whether a base is due.
func (k *Keeper) due() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.o.Clock.Now()
	if !k.retry.IsZero() {
		return !now.Before(k.retry)
	}
	return k.last.IsZero() || !now.Before(k.o.When.Next(k.last))
}

// alarm repeats the alarm in the log.
func (k *Keeper) alarm() {
	err := k.Check()
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.alarmed = time.Time{}
	case k.alarmed.IsZero() || k.o.Clock.Since(k.alarmed) >= alarmAgain:
		k.alarmed = k.o.Clock.Now()
		k.o.Log.Error("backups are not proved", slog.Any("error", err))
	}
}

// release gives the lease back.
func (k *Keeper) release(ctx context.Context) {
	if k.lease == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if err := k.lease.release(ctx); err != nil {
		k.o.Log.Debug("the lease of the backups is not given back; it ends by itself", slog.Any("error", err))
	}
}
