package snapshot

import "maps"

// shardCount is how many parts a sharded map has. With 100,000 entries a change
// copies about a hundred of them.
const shardCount = 1024

// sharded is an immutable map in parts. With and Without derive a map that
// shares all parts but one.
type sharded[K comparable, V any] struct {
	parts *[shardCount]map[K]V
	shard func(K) uint32
	size  int
}

// newSharded makes an empty map; shard spreads the keys.
func newSharded[K comparable, V any](shard func(K) uint32) sharded[K, V] {
	return sharded[K, V]{parts: new([shardCount]map[K]V), shard: shard}
}

// get returns the value of a key.
func (s sharded[K, V]) get(k K) (V, bool) {
	v, ok := s.parts[s.shard(k)%shardCount][k]
	return v, ok
}

// editor collects changes to a sharded map and copies each part at most once.
type editor[K comparable, V any] struct {
	result sharded[K, V]
	copied [shardCount]bool
}

// edit begins a derivation.
func (s sharded[K, V]) edit() *editor[K, V] {
	parts := *s.parts
	s.parts = &parts
	return &editor[K, V]{result: s}
}

// part returns the part of a key, copied if it is not yet the editor's own.
func (e *editor[K, V]) part(k K) map[K]V {
	i := e.result.shard(k) % shardCount
	if !e.copied[i] {
		e.copied[i] = true
		if e.result.parts[i] == nil {
			e.result.parts[i] = map[K]V{}
		} else {
			e.result.parts[i] = maps.Clone(e.result.parts[i])
		}
	}
	return e.result.parts[i]
}

// put sets a value.
func (e *editor[K, V]) put(k K, v V) {
	p := e.part(k)
	if _, ok := p[k]; !ok {
		e.result.size++
	}
	p[k] = v
}

// remove removes a key.
func (e *editor[K, V]) remove(k K) {
	p := e.part(k)
	if _, ok := p[k]; ok {
		e.result.size--
		delete(p, k)
	}
}
