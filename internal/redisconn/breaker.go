package redisconn

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

const (
	// BreakerFailures is the number of failures in a row that open a breaker.
	BreakerFailures = 3
	// BreakerPatience is how long calls may fail before a breaker opens, where
	// there are too few of them for BreakerFailures.
	BreakerPatience = 250 * time.Millisecond
	// BreakerProbe is the time between the probes of an open breaker.
	BreakerProbe = 500 * time.Millisecond
	// BreakerProbation is how long after closing one failure opens a breaker
	// again, so that a server that comes and goes costs one call each time.
	BreakerProbation = 5 * time.Second
)

// ErrOpen says that a call was not made, because those before it failed.
var ErrOpen = errors.New("the circuit breaker is open")

// Breaker keeps calls from a server that does not answer. It is closed at
// first. It opens after BreakerFailures failures in a row, or at a failure when
// calls have failed for BreakerPatience, and then lets one call through each
// BreakerProbe; the first that succeeds closes it. With calls that give up after
// DefaultCallTimeout it is open within a second of the first failure. Its
// methods are safe for concurrent use.
type Breaker struct {
	clock    clock.Clock
	onChange func(open bool, cause error)

	mu       sync.Mutex
	open     bool
	failures int
	first    time.Time // The first of the failures in a row.
	probed   time.Time // When the last probe was let through, or the breaker opened.
	closed   time.Time // When it last closed; zero if it never has.
	cause    error
}

// NewBreaker returns a closed breaker. Each time it opens or closes, onChange is
// called with the failure that opened it, if it is not nil; it must not call the
// breaker and must not wait.
func NewBreaker(c clock.Clock, onChange func(open bool, cause error)) *Breaker {
	if onChange == nil {
		onChange = func(bool, error) {}
	}
	return &Breaker{clock: c, onChange: onChange}
}

// Do makes a call, or returns an error that is ErrOpen without making it.
func (b *Breaker) Do(call func() error) error {
	if err := b.Enter(); err != nil {
		return err
	}
	err := call()
	b.Leave(err)
	return err
}

// Enter says whether a call may be made: nil, or an error that is ErrOpen and
// says why. After nil, Leave must be called.
func (b *Breaker) Enter() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return nil
	}
	if b.clock.Since(b.probed) < BreakerProbe {
		return fmt.Errorf("%w: %w", ErrOpen, b.cause)
	}
	b.probed = b.clock.Now()
	return nil
}

// Leave says how a call went. Absent is a success.
func (b *Breaker) Leave(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if err == nil || Absent(err) {
		b.failures = 0
		if b.open {
			b.open, b.closed = false, now
			b.onChange(false, b.cause)
		}
		return
	}
	if b.failures == 0 {
		b.first = now
	}
	b.failures++
	b.cause = err
	probation := !b.closed.IsZero() && now.Sub(b.closed) < BreakerProbation
	if !b.open && (probation || b.failures >= BreakerFailures || now.Sub(b.first) >= BreakerPatience) {
		b.open, b.probed = true, now
		b.onChange(true, err)
	}
}

// Open says whether the breaker is open.
func (b *Breaker) Open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open
}
