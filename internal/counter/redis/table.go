package redis

import (
	"hash/maphash"
	"sync"
)

const (
	shards = 64
	// expireSteps is how many leases each new one looks at for some that are over.
	expireSteps = 4
)

// table is a bounded map of leases, in shards with a lock each.
type table struct {
	seed   maphash.Seed
	max    int // In each shard.
	shards [shards]shard
}

type shard struct {
	mu     sync.RWMutex
	leases map[id]*lease
}

func newTable(most int) *table {
	t := &table{seed: maphash.MakeSeed(), max: max(1, most/shards)}
	for n := range t.shards {
		t.shards[n].leases = make(map[id]*lease)
	}
	return t
}

func (t *table) shard(i id) *shard {
	return &t.shards[maphash.String(t.seed, i.key)%shards]
}

// find returns the lease of a counter, or nil.
func (t *table) find(i id) *lease {
	s := t.shard(i)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.leases[i]
}

// add returns the lease of a counter, which make makes where there is none. over
// says which leases can be forgotten, and forget is told of each that was.
func (t *table) add(i id, make func() *lease, over func(*lease) bool, forget func(*lease)) *lease {
	s := t.shard(i)
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.leases[i]; l != nil {
		return l
	}
	steps := 0
	for key, l := range s.leases { // They come in no order.
		if steps++; steps > expireSteps {
			break
		}
		if over(l) || steps == expireSteps && len(s.leases) >= t.max {
			delete(s.leases, key)
			forget(l)
		}
	}
	for key, l := range s.leases {
		if len(s.leases) < t.max {
			break
		}
		delete(s.leases, key)
		forget(l)
	}
	l := make()
	s.leases[i] = l
	return l
}

// each calls visit for each lease until it returns false. No lock is held
// meanwhile.
func (t *table) each(visit func(*lease) bool) {
	for n := range t.shards {
		s := &t.shards[n]
		s.mu.RLock()
		list := make([]*lease, 0, len(s.leases))
		for _, l := range s.leases {
			list = append(list, l)
		}
		s.mu.RUnlock()
		for _, l := range list {
			if !visit(l) {
				return
			}
		}
	}
}

// size returns the number of leases.
func (t *table) size() (n int) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.RLock()
		n += len(s.leases)
		s.mu.RUnlock()
	}
	return n
}
