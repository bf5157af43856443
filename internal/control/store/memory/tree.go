package memory

import (
	"hash/maphash"
	"iter"
)

// tree is an ordered map that never changes: with and without return another
// tree, which shares all but the path to what is different. So each revision
// has a tree of its own, and readers need no lock.
//
// It is a treap whose priorities are hashes of the keys. Each node knows how
// many nodes are below it, so that counting and skipping take as many steps as
// finding.
type tree[V any] struct {
	root *node[V]
	seed maphash.Seed
}

type node[V any] struct {
	key         string
	value       V
	priority    uint64
	size        int
	left, right *node[V]
}

func newTree[V any]() tree[V] { return tree[V]{seed: maphash.MakeSeed()} }

func (n *node[V]) count() int {
	if n == nil {
		return 0
	}
	return n.size
}

// join is a copy of n with other children.
func (n *node[V]) join(left, right *node[V]) *node[V] {
	c := *n
	c.left, c.right = left, right
	c.size = left.count() + right.count() + 1
	return &c
}

// get returns the value of a key.
func (t tree[V]) get(key string) (V, bool) {
	for n := t.root; n != nil; {
		switch {
		case key < n.key:
			n = n.left
		case key > n.key:
			n = n.right
		default:
			return n.value, true
		}
	}
	var none V
	return none, false
}

// with is the tree with the key set to the value.
func (t tree[V]) with(key string, value V) tree[V] {
	fresh := &node[V]{key: key, value: value, priority: maphash.String(t.seed, key), size: 1}
	t.root = insert(t.root, fresh)
	return t
}

func insert[V any](n, fresh *node[V]) *node[V] {
	switch {
	case n == nil:
		return fresh
	case fresh.key == n.key:
		return fresh.join(n.left, n.right)
	case fresh.priority > n.priority:
		left, right := split(n, fresh.key)
		return fresh.join(left, right)
	case fresh.key < n.key:
		return n.join(insert(n.left, fresh), n.right)
	}
	return n.join(n.left, insert(n.right, fresh))
}

// split parts a tree into what is before the key and what is behind it. The
// key itself is in neither.
func split[V any](n *node[V], key string) (before, behind *node[V]) {
	switch {
	case n == nil:
		return nil, nil
	case key == n.key:
		return n.left, n.right
	case key < n.key:
		before, behind = split(n.left, key)
		return before, n.join(behind, n.right)
	}
	before, behind = split(n.right, key)
	return n.join(n.left, before), behind
}

// without is the tree without the key.
func (t tree[V]) without(key string) tree[V] {
	t.root = remove(t.root, key)
	return t
}

func remove[V any](n *node[V], key string) *node[V] {
	switch {
	case n == nil:
		return nil
	case key < n.key:
		return n.join(remove(n.left, key), n.right)
	case key > n.key:
		return n.join(n.left, remove(n.right, key))
	}
	return merge(n.left, n.right)
}

// merge joins two trees of which one is wholly before the other.
func merge[V any](before, behind *node[V]) *node[V] {
	switch {
	case before == nil:
		return behind
	case behind == nil:
		return before
	case before.priority > behind.priority:
		return before.join(before.left, merge(before.right, behind))
	}
	return behind.join(merge(before, behind.left), behind.right)
}

// rank is the number of keys before the key.
func (t tree[V]) rank(key string) int {
	rank := 0
	for n := t.root; n != nil; {
		if key <= n.key {
			n = n.left
		} else {
			rank += n.left.count() + 1
			n = n.right
		}
	}
	return rank
}

// from yields keys and values from the one with that rank on.
func (t tree[V]) from(rank int) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { t.root.walk(rank, yield) }
}

func (n *node[V]) walk(skip int, yield func(string, V) bool) bool {
	if n == nil || skip >= n.size {
		return true
	}
	left := n.left.count()
	if skip < left && !n.left.walk(skip, yield) {
		return false
	}
	if skip <= left && !yield(n.key, n.value) {
		return false
	}
	return n.right.walk(max(0, skip-left-1), yield)
}
