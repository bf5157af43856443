package route

// smallEdges is how many edges are searched one by one. Beyond it a map is
// quicker.
const smallEdges = 8

// edges lead from a place in a tree to the places behind literal segments. Short
// keys are compared without touching their text, which keeps a look-up in a
// large table from waiting for memory.
type edges[T any] struct {
	first edge[T]       // most places have one edge: it is at hand with the place
	list  []edge[T]     // the others
	index map[string]*T // all of them, where list has more than smallEdges
}

type edge[T any] struct {
	head uint64 // the first bytes of key
	key  string // canonical, lower case
	next *T
}

// get returns what is behind a segment, or nil.
func (e *edges[T]) get(segment []byte) *T {
	if e.index != nil {
		return e.index[string(segment)]
	}
	if e.first.next == nil {
		return nil
	}
	head := firstBytes(segment)
	if e.first.is(head, segment) {
		return e.first.next
	}
	for i := range e.list {
		if e.list[i].is(head, segment) {
			return e.list[i].next
		}
	}
	return nil
}

func (c *edge[T]) is(head uint64, segment []byte) bool {
	return c.head == head && len(c.key) == len(segment) && (len(segment) <= 8 || c.key == string(segment))
}

// grow returns what is behind a segment, and makes it where it is missing.
func (e *edges[T]) grow(segment string) *T {
	if next := e.get([]byte(segment)); next != nil {
		return next
	}
	next := new(T)
	added := edge[T]{head: firstBytes([]byte(segment)), key: segment, next: next}
	if e.first.next == nil {
		e.first = added
		return next
	}
	e.list = append(e.list, added)
	switch {
	case e.index != nil:
		e.index[segment] = next
	case len(e.list) > smallEdges:
		e.index = map[string]*T{e.first.key: e.first.next}
		for _, c := range e.list {
			e.index[c.key] = c.next
		}
	}
	return next
}

// firstBytes packs up to eight bytes into a number.
func firstBytes(b []byte) uint64 {
	var v uint64
	for i := range min(len(b), 8) {
		v |= uint64(b[i]) << (8 * i)
	}
	return v
}
