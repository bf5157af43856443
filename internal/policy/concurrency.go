package policy

import (
	"strings"
	"sync"
)

// Concurrency counts the requests that are inside limit-concurrency policies,
// by key. It outlives snapshots, so that a change of configuration does not
// forget who is inside. It is safe for concurrent use.
type Concurrency struct {
	mu     sync.Mutex
	inside map[string]*places
}

// places are those that are taken under one key.
type places struct {
	key   string
	taken int64
}

// NewConcurrency makes an empty counter.
func NewConcurrency() *Concurrency { return &Concurrency{inside: map[string]*places{}} }

// Enter takes one of limit places under a key, or returns nil when all are
// taken. The place is given back by Close. The key may be a part of a message.
func (n *Concurrency) Enter(key string, limit int64) *Place {
	n.mu.Lock()
	defer n.mu.Unlock()
	under := n.inside[key]
	switch {
	case limit <= 0, under != nil && under.taken >= limit:
		return nil
	case under == nil:
		// The key stays for as long as anyone is inside, not only this request.
		under = &places{key: strings.Clone(key)}
		n.inside[under.key] = under
	}
	under.taken++
	return &Place{of: n, under: under}
}

// Inside returns how many places are taken under a key.
func (n *Concurrency) Inside(key string) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if under := n.inside[key]; under != nil {
		return under.taken
	}
	return 0
}

// Place is one place that has been taken.
type Place struct {
	of    *Concurrency
	under *places
	once  sync.Once
}

// Close gives the place back. Closing it again does nothing.
func (p *Place) Close() error {
	p.once.Do(func() {
		p.of.mu.Lock()
		defer p.of.mu.Unlock()
		if p.under.taken--; p.under.taken == 0 {
			delete(p.of.inside, p.under.key)
		}
	})
	return nil
}
