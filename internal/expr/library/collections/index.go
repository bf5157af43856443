package collections

import "github.com/sallyport/sallyport/internal/expr/value"

// Index is a hash table from keys to the places of entries, which a Dictionary, a Set and LINQ's groupings
// keep beside it. Removed places are used again, the last removed first, as .NET does: that is the order that
// an enumeration shows.
type Index struct {
	comparer value.EqualityComparer
	heads    map[uint64]int32
	entries  []indexEntry
	free     []int32
	// chained is how many keys have been added with a hash that another has.
	chained int
	live    int
	version int
}

type indexEntry struct {
	key  value.Value
	hash uint64
	next int32
	used bool
}

// NewIndex returns an empty index; the comparer may be null.
func NewIndex(c value.EqualityComparer) *Index {
	return &Index{comparer: c, heads: map[uint64]int32{}}
}

// Find returns the place of a key, -1 where it is not there.
func (x *Index) Find(key value.Value) int {
	at, ok := x.heads[HashBy(x.comparer, key)]
	if !ok {
		return -1
	}
	for ; at >= 0; at = x.entries[at].next {
		if EqualBy(x.comparer, x.entries[at].key, key) {
			return int(at)
		}
	}
	return -1
}

// headBytes is what one entry takes of the memory budget in the map of hashes, and freeBytes in the list of free places.
const (
	headBytes = value.MapSlots * 17
	freeBytes = 16
)

// maxChained is how many keys may share the hash of another before a look-up costs a step for each of them.
const maxChained = 64

// Add returns the place of a key and whether it is new.
func (x *Index) Add(t *value.Thread, key value.Value) (place int, added bool, e *value.Exception) {
	if x.chained > maxChained {
		if e := t.Budget.Steps(int64(x.chained) / maxChained); e != nil {
			return 0, false, e
		}
	}
	if at := x.Find(key); at >= 0 {
		return at, false, nil
	}
	if e := t.Budget.AllocElements(int64(x.live+1), 0); e != nil {
		return 0, false, e
	}
	if e := t.Budget.Alloc(headBytes + freeBytes); e != nil {
		return 0, false, e
	}
	hash := HashBy(x.comparer, key)
	entry := indexEntry{key: key, hash: hash, next: -1, used: true}
	if head, ok := x.heads[hash]; ok {
		entry.next = head
		x.chained++
	}
	at := int32(len(x.entries))
	if n := len(x.free); n > 0 {
		at = x.free[n-1]
		x.free = x.free[:n-1]
		x.entries[at] = entry
	} else if x.entries, e = value.Append(t, x.entries, entry); e != nil {
		return 0, false, e
	}
	x.heads[hash] = at
	x.live++
	x.version++
	return int(at), true, nil
}

// remove takes a key out and returns its place, -1 where it is not there.
func (x *Index) remove(key value.Value) int {
	hash := HashBy(x.comparer, key)
	at, ok := x.heads[hash]
	if !ok {
		return -1
	}
	for prev := int32(-1); at >= 0; prev, at = at, x.entries[at].next {
		if !EqualBy(x.comparer, x.entries[at].key, key) {
			continue
		}
		switch next := x.entries[at].next; {
		case prev >= 0:
			x.entries[prev].next = next
		case next >= 0:
			x.heads[hash] = next
		default:
			delete(x.heads, hash)
		}
		x.entries[at] = indexEntry{}
		x.free = append(x.free, at)
		x.live--
		return int(at)
	}
	return -1
}

// reset takes all keys out.
func (x *Index) reset() {
	x.heads, x.entries, x.free, x.live, x.chained = map[uint64]int32{}, nil, nil, 0, 0
	x.version++
}

// iterate enumerates the places in use; a change in between is InvalidOperationException.
func (x *Index) iterate(at func(place int) value.Value) value.Iterator {
	version, i := x.version, -1
	return func() (value.Value, bool, *value.Exception) {
		if version != x.version {
			return value.Nil, false, modified()
		}
		for i++; i < len(x.entries); i++ {
			if x.entries[i].used {
				return at(i), true, nil
			}
		}
		return value.Nil, false, nil
	}
}

func modified() *value.Exception {
	return value.InvalidOperation("Collection was modified; enumeration operation may not execute.")
}
