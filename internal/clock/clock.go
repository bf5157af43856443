// Package clock is the only place that reads the time of day or waits for it.
// Everything else is given a Clock, so that a test can hold time still and
// move it by hand.
package clock

import (
	"context"
	"time"
)

// Clock tells the time and waits for it. All methods are safe for concurrent
// use.
type Clock interface {
	// Now returns the current time. On the system clock it carries a monotonic
	// reading, so that differences between two of them are never disturbed by
	// a step of the wall clock.
	Now() time.Time
	// Since returns the time that has passed since t.
	Since(t time.Time) time.Duration
	// NewTimer returns a timer that sends the time on its channel once, after d.
	NewTimer(d time.Duration) Timer
	// NewTicker returns a ticker that sends the time on its channel every d,
	// which must be positive. A receiver that is slow misses ticks.
	NewTicker(d time.Duration) Ticker
	// AfterFunc calls f after d. The timer's channel is nil.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is one event in the future.
type Timer interface {
	// C is the channel on which the time is sent; nil for a timer of AfterFunc.
	C() <-chan time.Time
	// Stop prevents the event and reports whether it did: false when the timer
	// had fired or was stopped before. After Stop nothing is left in C.
	Stop() bool
	// Reset moves the event to d from now and reports whether the timer had
	// been waiting. After Reset no earlier time is left in C.
	Reset(d time.Duration) bool
}

// Ticker is an event that repeats.
type Ticker interface {
	// C is the channel on which the ticks are sent.
	C() <-chan time.Time
	// Stop ends the ticks; it does not close C.
	Stop()
}

// Sleep waits for d on c, or until ctx ends, and then returns the cause of its
// end. A d of zero or less returns at once.
func Sleep(ctx context.Context, c Clock, d time.Duration) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if d <= 0 {
		return nil
	}
	t := c.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// System returns the clock of the machine.
func System() Clock { return system{} }

type system struct{}

func (system) Now() time.Time                  { return time.Now() }
func (system) Since(t time.Time) time.Duration { return time.Since(t) }

func (system) NewTimer(d time.Duration) Timer { return systemTimer{time.NewTimer(d)} }

func (system) NewTicker(d time.Duration) Ticker { return systemTicker{time.NewTicker(d)} }

func (system) AfterFunc(d time.Duration, f func()) Timer { return systemTimer{time.AfterFunc(d, f)} }

// Since Go 1.23 the runtime's timers keep the promises of Timer about stale
// values after Stop and Reset, so these wrappers only turn a field into a
// method.
type systemTimer struct{ t *time.Timer }

func (s systemTimer) C() <-chan time.Time        { return s.t.C }
func (s systemTimer) Stop() bool                 { return s.t.Stop() }
func (s systemTimer) Reset(d time.Duration) bool { return s.t.Reset(d) }

type systemTicker struct{ t *time.Ticker }

func (s systemTicker) C() <-chan time.Time { return s.t.C }
func (s systemTicker) Stop()               { s.t.Stop() }
