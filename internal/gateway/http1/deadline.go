package http1

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// Deadline calls a function when a time has passed that is moved all the time.
// Moving it is two operations on memory: a timer that is already waiting for an
// earlier time is left alone, and waits again when it fires too early. So a
// connection that is never late touches a timer once in the length of a
// deadline, and not once a request.
//
// Set and Clear belong to one goroutine at a time.
type Deadline struct {
	clock clock.Clock
	fire  func()
	epoch time.Time
	at    atomic.Int64 // since epoch; 0 for none
	armed atomic.Int64 // when the timer fires; 0 where it is not waiting

	mu    sync.Mutex
	timer clock.Timer
	ended bool
}

// Init prepares a deadline. fire is called in a goroutine of its own.
func (d *Deadline) Init(c clock.Clock, fire func()) {
	d.clock, d.fire, d.epoch = c, fire, c.Now().Add(-1) // So that no time is 0.
}

// Set moves the deadline.
func (d *Deadline) Set(at time.Time) {
	v := int64(at.Sub(d.epoch))
	d.at.Store(v)
	if armed := d.armed.Load(); armed != 0 && armed <= v {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.arm(v)
}

// Move moves the deadline on from within the function that it has called. It does
// nothing where the deadline has been set or cleared in the meantime.
func (d *Deadline) Move(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.at.Load()
	if v := int64(d.clock.Since(d.epoch) + by); was != 0 && d.at.CompareAndSwap(was, v) {
		d.arm(v)
	}
}

// Clear lifts the deadline.
func (d *Deadline) Clear() { d.at.Store(0) }

// Passed reports whether the deadline is over.
func (d *Deadline) Passed() bool {
	v := d.at.Load()
	return v != 0 && d.clock.Since(d.epoch) >= time.Duration(v)
}

// Stop ends the deadline for good.
func (d *Deadline) Stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.timer != nil {
		d.timer.Stop()
	}
}

// arm makes the timer fire at a time. The caller holds mu.
func (d *Deadline) arm(v int64) {
	if d.ended {
		return
	}
	d.armed.Store(v)
	wait := time.Duration(v) - d.clock.Since(d.epoch)
	if wait <= 0 {
		go d.fired() // Not through the clock: one that is moved by hand would call it here and now.
		return
	}
	if d.timer == nil {
		d.timer = d.clock.AfterFunc(wait, d.fired)
		return
	}
	d.timer.Reset(wait)
}

// fired is called by the timer.
func (d *Deadline) fired() {
	d.mu.Lock()
	// First this, then the look at the deadline: Set does it the other way
	// round, so that one of the two sees what the other did.
	d.armed.Store(0)
	v := d.at.Load()
	late := v != 0 && d.clock.Since(d.epoch) >= time.Duration(v)
	if v != 0 && !late {
		d.arm(v)
	}
	ended := d.ended
	d.mu.Unlock()
	if late && !ended {
		d.fire()
	}
}
