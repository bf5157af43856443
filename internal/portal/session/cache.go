package session

import (
	"container/list"
	"sync"
)

// cache keeps the entries that were used last.
type cache struct {
	mu      sync.Mutex
	entries map[string]*list.Element
	order   *list.List // The last used is at the front.
}

type item struct {
	key   string
	entry *entry
}

func newCache() *cache {
	return &cache{entries: map[string]*list.Element{}, order: list.New()}
}

// get returns an entry, or nil.
func (c *cache) get(key string) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return valueOf(e).entry
}

// put keeps an entry, for which the one that was used longest ago may have to go.
func (c *cache) put(key string, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if there := c.entries[key]; there != nil {
		valueOf(there).entry = e
		c.order.MoveToFront(there)
		return
	}
	c.entries[key] = c.order.PushFront(&item{key, e})
	if c.order.Len() > MaxCached {
		last := c.order.Back()
		delete(c.entries, valueOf(last).key)
		c.order.Remove(last)
	}
}

// stale makes entries, chosen by their keys, be asked for again.
func (c *cache) stale(chosen func(key string) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.order.Front(); e != nil; e = e.Next() {
		if i := valueOf(e); chosen(i.key) {
			i.entry.aged.Store(true)
		}
	}
}

func (c *cache) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.order.Len()
}

// valueOf is the item of an element, of which there is no other kind.
func valueOf(e *list.Element) *item {
	i, ok := e.Value.(*item)
	if !ok {
		return &item{entry: &entry{gone: true}}
	}
	return i
}
