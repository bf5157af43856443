package memory

import (
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
)

const (
	maxShards = 64
	// keysPerShard is the least share of keys for which a shard of its own is
	// worth having.
	keysPerShard = 16
	// sweepStep is how many counters each new one looks at for expired ones.
	// At two, a table holds at most about twice the keys that are alive.
	sweepStep = 2
	// evictSteps bounds the search for a counter to forget in a full shard.
	evictSteps = 64
)

// id names a counter within a table.
type id struct {
	name, key string
	period    time.Duration
}

// window is what a table needs to know of its values: pointers to V.
type window[V any] interface {
	*V
	// over reports that the value holds nothing that still counts at now.
	over(now int64, period time.Duration) bool
}

// table is a bounded map from ids to windows, in shards with a lock each. It
// forgets by the clock algorithm: a hand goes round a shard's counters and takes
// those that are over or, when it must, one that was not used since its last
// round.
type table[V any, W window[V]] struct {
	seed   maphash.Seed
	shards []shard[V, W]
}

// family is the part of an id's hash that its name makes, which is known before
// there is a request.
type family uint64

type shard[V any, W window[V]] struct {
	mu      sync.Mutex
	byHash  map[uint64]*slot[V] // The first of those with equal hashes.
	slots   []*slot[V]          // The same counters, for the hand.
	hand    int
	max     int
	evicted int64
	_       [56]byte // Keeps two shards out of one cache line.
}

type slot[V any] struct {
	id    id
	hash  uint64
	same  *slot[V] // The next with an equal hash.
	used  bool
	value V
}

func newTable[V any, W window[V]](maxKeys int) *table[V, W] {
	n := 1
	for n < maxShards && 2*n*keysPerShard <= maxKeys {
		n *= 2
	}
	t := &table[V, W]{seed: maphash.MakeSeed(), shards: make([]shard[V, W], n)}
	for i := range t.shards {
		t.shards[i].byHash = make(map[uint64]*slot[V])
		t.shards[i].max = max(1, maxKeys/n)
	}
	return t
}

// family returns the family of a name.
func (t *table[V, W]) family(name string) family { return family(maphash.String(t.seed, name)) }

// spread is a multiplier that moves what differs in its low bits to all bits.
const spread = 0x9E3779B97F4A7C15

// lock returns the locked shard of an id, whose name has a family, and the hash
// of the id; the caller unlocks the shard.
func (t *table[V, W]) lock(f family, i id) (*shard[V, W], uint64) {
	h := (maphash.String(t.seed, i.key) ^ uint64(i.period)*spread + uint64(f)) * spread
	h ^= h >> 32
	s := &t.shards[h&uint64(len(t.shards)-1)]
	s.mu.Lock()
	return s, h
}

// find returns the window of an id, which has a hash, or nil.
func (s *shard[V, W]) find(h uint64, i id) W {
	for e := s.byHash[h]; e != nil; e = e.same {
		if e.id == i {
			e.used = true
			return &e.value
		}
	}
	return nil
}

// get returns the window of an id, a new one where there is none.
func (s *shard[V, W]) get(h uint64, i id, now int64) W {
	if v := s.find(h, i); v != nil {
		return v
	}
	s.sweep(now)
	for len(s.slots) >= s.max {
		s.evict(now)
	}
	// The key may be a part of a request's head, which must not be kept alive.
	i.key = strings.Clone(i.key)
	e := &slot[V]{id: i, hash: h, same: s.byHash[h], used: true}
	s.byHash[h] = e
	s.slots = append(s.slots, e)
	return &e.value
}

func (s *shard[V, W]) sweep(now int64) {
	for range sweepStep {
		if len(s.slots) == 0 {
			return
		}
		if s.over(s.next(), now) {
			s.drop()
		} else {
			s.hand++
		}
	}
}

func (s *shard[V, W]) evict(now int64) {
	for range evictSteps {
		e := s.next()
		if s.over(e, now) {
			s.drop()
			return
		}
		if !e.used {
			break
		}
		e.used = false
		s.hand++
	}
	s.next()
	s.drop()
	s.evicted++
}

func (s *shard[V, W]) over(e *slot[V], now int64) bool {
	return W(&e.value).over(now, e.id.period)
}

// next returns the counter under the hand, which it brings back to the start
// when it has passed the end.
func (s *shard[V, W]) next() *slot[V] {
	if s.hand >= len(s.slots) {
		s.hand = 0
	}
	return s.slots[s.hand]
}

// drop forgets the counter under the hand.
func (s *shard[V, W]) drop() {
	last := len(s.slots) - 1
	s.unlink(s.slots[s.hand])
	s.slots[s.hand] = s.slots[last]
	s.slots[last] = nil
	s.slots = s.slots[:last]
}

// unlink takes a counter out of those with its hash.
func (s *shard[V, W]) unlink(e *slot[V]) {
	first := s.byHash[e.hash]
	switch {
	case first != e:
		for first.same != e {
			first = first.same
		}
		first.same = e.same
	case e.same != nil:
		s.byHash[e.hash] = e.same
	default:
		delete(s.byHash, e.hash)
	}
}

// each calls f for the counters that match the filter and are not over, until f
// returns false. f runs with the shard locked.
func (t *table[V, W]) each(now int64, f counter.Filter, visit func(id, W) bool) {
	for n := range t.shards {
		if !t.shards[n].each(now, f, visit) {
			return
		}
	}
}

func (s *shard[V, W]) each(now int64, f counter.Filter, visit func(id, W) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.slots {
		if f.Name != "" && f.Name != e.id.name || f.Key != "" && f.Key != e.id.key || s.over(e, now) {
			continue
		}
		if !visit(e.id, &e.value) {
			return false
		}
	}
	return true
}

func (t *table[V, W]) size() (keys int, evicted int64) {
	for n := range t.shards {
		s := &t.shards[n]
		s.mu.Lock()
		keys += len(s.slots)
		evicted += s.evicted
		s.mu.Unlock()
	}
	return keys, evicted
}
