package feed

import (
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// ramp lets feeds begin at a steady rate. Those that come faster are asked to
// come back each at a time of its own, so that they do not come all at once again.
type ramp struct {
	clock clock.Clock
	every time.Duration
	burst int

	mu sync.Mutex
	// due is when the next one is due at the steady rate, promised the last time
	// that was given to one which was refused.
	due, promised time.Time
}

// maxPromise bounds how long one is asked to wait.
const maxPromise = time.Minute

// admit reports whether one may begin; where not, after which time it should ask
// again.
func (r *ramp) admit() (wait time.Duration, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	if r.due.Before(now) {
		r.due = now
	}
	if r.due.Sub(now) < time.Duration(r.burst)*r.every {
		r.due = r.due.Add(r.every)
		return 0, true
	}
	if r.promised.Before(r.due) {
		r.promised = r.due
	}
	r.promised = r.promised.Add(r.every)
	if r.promised.Sub(now) > maxPromise {
		r.promised = r.due // As many as fit have a time; the rest shares them.
	}
	return r.promised.Sub(now), false
}

// meter bounds how often each name does something. It forgets names that have
// done nothing for a minute where there are too many.
type meter struct {
	clock clock.Clock
	every time.Duration
	burst int
	mu    sync.Mutex
	names map[string]metered
}

// metered is what is known of a name.
type metered struct {
	until time.Time // When it has used up nothing.
	known bool      // It was let in.
}

func newMeter(c clock.Clock, perSecond, burst int) *meter {
	return &meter{clock: c, every: time.Second / time.Duration(perSecond), burst: burst, names: map[string]metered{}}
}

// letIn says that a name is not a new one any more.
func (m *meter) letIn(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if one, ok := m.names[name]; ok {
		m.names[name] = metered{one.until, true}
	}
}

// take reports whether a name may do it once more, and whether it is a new one:
// one that was not let in.
func (m *meter) take(name string) (ok, fresh bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Now()
	one, there := m.names[name]
	until := one.until
	if !there && len(m.names) >= MaxNamed {
		for other, at := range m.names {
			if now.Sub(at.until) > time.Minute {
				delete(m.names, other)
			}
		}
		if len(m.names) >= MaxNamed {
			return false, true
		}
	}
	if until.Before(now) {
		until = now
	}
	if until.Sub(now) >= time.Duration(m.burst)*m.every {
		return false, false
	}
	m.names[name] = metered{until.Add(m.every), one.known}
	return true, !one.known
}
