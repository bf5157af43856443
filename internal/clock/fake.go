package clock

import (
	"slices"
	"sync"
	"time"
)

// Fake is a Clock for tests whose time moves only by Advance and Set. Timers
// that fall due fire in the order of their time, then of their making, and
// functions of AfterFunc run on the goroutine that moves the clock, before
// Advance returns.
type Fake struct {
	mu      sync.Mutex
	changed *sync.Cond // Signals that waiting has grown or shrunk.
	now     time.Time
	waiting []*fakeTimer // Sorted by when; equal times in order of arming.
}

// NewFake returns a fake clock that stands at start.
func NewFake(start time.Time) *Fake {
	f := &Fake{now: start.Round(0)}
	f.changed = sync.NewCond(&f.mu)
	return f
}

// Now returns the time at which the clock stands.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Since returns the time between t and where the clock stands.
func (f *Fake) Since(t time.Time) time.Duration { return f.Now().Sub(t) }

// NewTimer returns a timer that fires when the clock has been moved by d. With
// a d of zero or less it has fired when it is returned.
func (f *Fake) NewTimer(d time.Duration) Timer {
	t := &fakeTimer{f: f, c: make(chan time.Time, 1)}
	f.arm(t, d)
	return t
}

// NewTicker returns a ticker that fires each time the clock has been moved by d.
func (f *Fake) NewTicker(d time.Duration) Ticker {
	t := &fakeTimer{f: f, c: make(chan time.Time, 1), every: d}
	f.arm(t, d)
	return fakeTicker{t}
}

// AfterFunc returns a timer that runs fn when the clock has been moved by d.
func (f *Fake) AfterFunc(d time.Duration, fn func()) Timer {
	t := &fakeTimer{f: f, run: fn}
	f.arm(t, d)
	return t
}

// Advance moves the clock by d and fires what falls due on the way, each at
// its own time.
func (f *Fake) Advance(d time.Duration) { f.moveTo(f.Now().Add(d)) }

// Set moves the clock to t. A t in the past steps the clock back and fires
// nothing, as when an operator corrects the time of a machine.
func (f *Fake) Set(t time.Time) { f.moveTo(t.Round(0)) }

// BlockUntil waits until at least n timers and tickers are waiting on the
// clock, so that a test knows that the code under test has gone to wait.
func (f *Fake) BlockUntil(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.waiting) < n {
		f.changed.Wait()
	}
}

func (f *Fake) moveTo(target time.Time) {
	for {
		run, more := f.step(target)
		if run != nil {
			run()
		}
		if !more {
			return
		}
	}
}

// step fires the first timer that is due by target and returns the function it
// has to run, if any; without such a timer it sets the clock to target.
func (f *Fake) step(target time.Time) (run func(), more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.waiting) == 0 || f.waiting[0].when.After(target) {
		f.now = target
		return nil, false
	}
	t := f.waiting[0]
	f.waiting = f.waiting[1:]
	if t.when.After(f.now) {
		f.now = t.when
	}
	if t.every > 0 {
		f.insert(t, t.when.Add(t.every))
	}
	f.changed.Broadcast()
	t.send(f.now)
	return t.run, true
}

func (f *Fake) arm(t *fakeTimer, d time.Duration) bool {
	f.mu.Lock()
	was := f.remove(t)
	t.drain()
	due := d <= 0
	if due {
		t.send(f.now)
	} else {
		f.insert(t, f.now.Add(d))
	}
	f.changed.Broadcast()
	f.mu.Unlock()
	if due && t.run != nil {
		t.run()
	}
	return was
}

func (f *Fake) insert(t *fakeTimer, when time.Time) {
	t.when = when
	i := len(f.waiting)
	for i > 0 && f.waiting[i-1].when.After(when) {
		i--
	}
	f.waiting = slices.Insert(f.waiting, i, t)
}

func (f *Fake) remove(t *fakeTimer) bool {
	i := slices.Index(f.waiting, t)
	if i < 0 {
		return false
	}
	f.waiting = slices.Delete(f.waiting, i, i+1)
	return true
}

type fakeTimer struct {
	f     *Fake
	when  time.Time
	every time.Duration // Zero for a timer that fires once.
	c     chan time.Time
	run   func()
}

func (t *fakeTimer) C() <-chan time.Time { return t.c }

func (t *fakeTimer) Stop() bool {
	t.f.mu.Lock()
	defer t.f.mu.Unlock()
	was := t.f.remove(t)
	t.drain()
	t.f.changed.Broadcast()
	return was
}

func (t *fakeTimer) Reset(d time.Duration) bool { return t.f.arm(t, d) }

func (t *fakeTimer) send(now time.Time) {
	if t.c == nil {
		return
	}
	select {
	case t.c <- now:
	default:
	}
}

func (t *fakeTimer) drain() {
	select {
	case <-t.c:
	default:
	}
}

type fakeTicker struct{ t *fakeTimer }

func (t fakeTicker) C() <-chan time.Time { return t.t.c }
func (t fakeTicker) Stop()               { t.t.Stop() }
