package policy

import "sync"

// Concurrency counts the requests that are inside limit-concurrency policies,
// by key. It outlives snapshots, so that a change of configuration does not
// forget who is inside. It is safe for concurrent use.
type Concurrency struct {
	mu     sync.Mutex
	inside map[string]int64
}

// NewConcurrency makes an empty counter.
func NewConcurrency() *Concurrency { return &Concurrency{inside: map[string]int64{}} }

// Enter takes one of limit places under a key, or returns nil when all are
// taken. The place is given back by Close.
func (n *Concurrency) Enter(key string, limit int64) *Place {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.inside[key] >= limit {
		return nil
	}
	n.inside[key]++
	return &Place{of: n, key: key}
}

// Inside returns how many places are taken under a key.
func (n *Concurrency) Inside(key string) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.inside[key]
}

// Place is one place that has been taken.
type Place struct {
	of   *Concurrency
	key  string
	once sync.Once
}

// Close gives the place back. Closing it again does nothing.
func (p *Place) Close() error {
	p.once.Do(func() {
		p.of.mu.Lock()
		defer p.of.mu.Unlock()
		if p.of.inside[p.key]--; p.of.inside[p.key] <= 0 {
			delete(p.of.inside, p.key)
		}
	})
	return nil
}
