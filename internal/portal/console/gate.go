package console

import (
	"sync"
)

// gate bounds the calls that are under way, of each visitor and of all.
type gate struct {
	mu   sync.Mutex
	each map[string]int
	all  int
}

func newGate() *gate { return &gate{each: map[string]int{}} }

// enter says whether a visitor may make another call now. leave is to be called
// when that is over.
func (g *gate) enter(who string) (leave func(), ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= maxCalls || g.each[who] >= maxCallsEach {
		return nil, false
	}
	g.all++
	g.each[who]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.all--
		if g.each[who]--; g.each[who] == 0 {
			delete(g.each, who)
		}
	}, true
}
