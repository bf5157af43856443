package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup/place"
)

const (
	// leaseName is the object that says which node writes the backups.
	leaseName = "lease.json"
	// leaseRenew is how often a lease is renewed and looked at, leaseFor for how
	// long one holds that is not renewed.
	leaseRenew = 5 * time.Second
	leaseFor   = 3 * leaseRenew
	maxLease   = 4 << 10
)

// lease lets one of several nodes write backups. It only saves work: nodes that
// both think that they hold it write two branches of a chain, and both are
// whole. So it needs no clock that nodes share, and no condition that some
// storage cannot check: a lease that was not renewed while a node looked on is
// nobody's.
type lease struct {
	place  *place.Place
	holder string
	clock  clock.Clock

	mu   sync.Mutex
	seen held
	// since is when seen was first seen; taken when it was last renewed here, and
	// is zero where somebody else has it.
	since, taken time.Time
}

// held is what the object says.
type held struct {
	Holder string `json:"holder"`
	Beat   uint64 `json:"beat"`
}

// holds reports whether this node may write.
func (l *lease) holds() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A place that cannot be reached cannot be asked: who has it goes on trying,
	// for nobody else can write either.
	return !l.taken.IsZero()
}

// turn looks at the lease, renews it where it is ours, and takes it where it is
// nobody's.
func (l *lease) turn(ctx context.Context) error {
	var now held
	data, err := l.place.ReadBytes(ctx, leaseName, maxLease)
	switch {
	case errors.Is(err, place.ErrNotFound):
	case err != nil:
		return err
	default:
		_ = json.Unmarshal(data, &now) // What is no lease is nobody's.
	}
	l.mu.Lock()
	if now != l.seen || l.since.IsZero() {
		l.seen, l.since = now, l.clock.Now()
	}
	ours := now.Holder == l.holder || now.Holder == ""
	expired := l.clock.Since(l.since) >= leaseFor
	if !ours && !expired {
		l.taken = time.Time{}
	}
	l.mu.Unlock()
	if !ours && !expired {
		return nil
	}
	return l.take(ctx, held{Holder: l.holder, Beat: now.Beat + 1})
}

func (l *lease) take(ctx context.Context, next held) error {
	data, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("taking the lease: %w", err)
	}
	if err := l.place.WriteBytes(ctx, leaseName, data); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen, l.since, l.taken = next, l.clock.Now(), l.clock.Now()
	return nil
}

// release gives the lease back, so that another node need not wait.
func (l *lease) release(ctx context.Context) error {
	if !l.holds() {
		return nil
	}
	return l.place.Delete(ctx, leaseName)
}
