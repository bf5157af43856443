package cache

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

const (
	// DefaultFlightWait is how long a request waits for the first of its kind,
	// where FlightOptions says nothing.
	DefaultFlightWait = 2 * time.Second
	// PassFor is how long nobody waits for a key whose last answer was not stored,
	// or took longer than the wait.
	PassFor = 10 * time.Second
	// MaxFlights bounds the flights at a time; beyond them nobody waits.
	MaxFlights = 16 << 10
	// passSlots is how many keys are remembered for which nobody waits. A key that
	// finds its place taken is forgotten sooner, which costs a wait.
	passSlots = 4096
)

// FlightOptions says how flights are made.
type FlightOptions struct {
	// Clock tells the time; nil is the clock of the machine.
	Clock clock.Clock
	// Wait bounds the wait; zero is DefaultFlightWait.
	Wait time.Duration
}

// Flights is the layer in front of a cache that lets the first of many equal
// requests fetch what is not there (it leads), while the others wait for it. It
// knows nothing of entries: who has waited looks into the cache again, and goes on
// alone where that still has nothing. So a mistake here costs time, never a wrong
// answer. It is safe for concurrent use; a nil one makes nobody wait.
type Flights struct {
	clock clock.Clock
	wait  time.Duration
	seed  maphash.Seed

	mu    sync.Mutex
	byKey map[uint64]*Flight
	// passed are keys for which nobody waits, each in the place that its last bits
	// name.
	passed [passSlots]passedKey

	led, waited, overdue atomic.Uint64
}

type passedKey struct {
	key   uint64
	until time.Time
}

// NewFlights returns a layer for one cache.
func NewFlights(o FlightOptions) *Flights {
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	if o.Wait <= 0 {
		o.Wait = DefaultFlightWait
	}
	return &Flights{clock: o.Clock, wait: o.Wait, seed: maphash.MakeSeed(), byKey: map[uint64]*Flight{}}
}

// FlightStats counts since the flights were made.
type FlightStats struct {
	// Led are requests that fetched for others, Waited those that waited for one,
	// and Overdue those of them that waited in vain for as long as they may.
	Led, Waited, Overdue uint64
	// Flying are the flights at the moment.
	Flying int
}

// Stats returns what the flights have done.
func (f *Flights) Stats() FlightStats {
	if f == nil {
		return FlightStats{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return FlightStats{Led: f.led.Load(), Waited: f.waited.Load(), Overdue: f.overdue.Load(), Flying: len(f.byKey)}
}

// Flight is one fetch that others may wait for.
type Flight struct {
	flights *Flights
	key     uint64
	done    chan struct{}
	ended   bool // With the flights' lock.
}

// Join takes part in the fetch of what is under key and not in the cache. Where
// leads is true the caller is the first and must End the flight, whatever becomes
// of the fetch; otherwise the caller may Wait. The flight is nil where there is
// nothing to wait for. The key is not kept.
func (f *Flights) Join(key string) (flight *Flight, leads bool) {
	if f == nil {
		return nil, false
	}
	hash := maphash.String(f.seed, key)
	f.mu.Lock()
	defer f.mu.Unlock()
	if under := f.byKey[hash]; under != nil {
		return under, false
	}
	if p := &f.passed[hash%passSlots]; p.key == hash && f.clock.Now().Before(p.until) || len(f.byKey) >= MaxFlights {
		return nil, false
	}
	flight = &Flight{flights: f, key: hash, done: make(chan struct{})}
	f.byKey[hash] = flight
	f.led.Add(1)
	return flight, true
}

// Wait waits for the end of the flight, and reports whether it is over: false when
// ctx has ended, or when it has taken too long. Then all others are let go as well.
func (l *Flight) Wait(ctx context.Context) bool {
	f := l.flights
	f.waited.Add(1)
	timer := f.clock.NewTimer(f.wait)
	defer timer.Stop()
	select {
	case <-l.done:
		return true
	case <-ctx.Done():
		return false
	case <-timer.C():
		f.overdue.Add(1)
		l.End(Unstorable)
		return false
	}
}

// Outcome is how a fetch ended.
type Outcome uint8

// The outcomes.
const (
	// Stored: the entry is in the cache.
	Stored Outcome = iota
	// Failed: the fetch came to nothing, which says nothing of the next one.
	Failed
	// Unstorable: there is an answer that is not stored, and the next one will
	// probably not be either. Nobody waits for this key for PassFor.
	Unstorable
)

// End lets everybody go who waits. Only the first call counts; a nil flight has
// nobody.
func (l *Flight) End(how Outcome) {
	if l == nil {
		return
	}
	f := l.flights
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.ended {
		return
	}
	l.ended = true
	close(l.done)
	delete(f.byKey, l.key)
	if how == Unstorable {
		f.passed[l.key%passSlots] = passedKey{l.key, f.clock.Now().Add(PassFor)}
	}
}
