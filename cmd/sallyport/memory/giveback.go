package memory

import (
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

const (
	// quiet is how long nothing has changed when memory goes back.
	quiet = 30 * time.Second
	// longest is how long it stays at most where changes do not stop.
	longest = 10 * time.Minute
)

// GiveBack returns to the system, some time after a series of changes, the memory
// of the configurations that were replaced. By itself the runtime keeps what it
// had at its largest for what comes next, which may be never.
type GiveBack struct {
	clock clock.Clock
	give  func()

	mu      sync.Mutex
	timer   clock.Timer // nil while nothing has changed.
	since   time.Time   // When the first change of the series was.
	closing bool
}

// NewGiveBack calls give, which is debug.FreeOSMemory, when it is time.
func NewGiveBack(c clock.Clock, give func()) *GiveBack { return &GiveBack{clock: c, give: give} }

// Changed notes that a configuration was replaced.
func (g *GiveBack) Changed() {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closing:
	case g.timer == nil:
		g.since = g.clock.Now()
		g.timer = g.clock.AfterFunc(quiet, g.fire)
	case g.clock.Since(g.since) < longest-quiet:
		g.timer.Reset(quiet)
	}
}

func (g *GiveBack) fire() {
	g.mu.Lock()
	g.timer = nil
	closing := g.closing
	g.mu.Unlock()
	if !closing {
		g.give()
	}
}

// Close has nothing given back any more.
func (g *GiveBack) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closing = true
	if g.timer != nil {
		g.timer.Stop()
	}
}
