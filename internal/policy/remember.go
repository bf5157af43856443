package policy

import (
	"slices"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
)

// progress is what a call remembers of its way that only policies ask for.
type progress struct {
	passing bool // outbound is going to where it goes on for a response from the cache
	counted []counted
	// finished and released count the finishers and releasers that have begun.
	finished, released int
	// Lookup is what cache-lookup leaves for cache-store.
	Lookup CacheLookup
	// Cached is what cache-lookup has found, for those who count.
	Cached CacheOutcome
	held   []Memory
	// Interim passes interim answers of backends on.
	Interim Interim
	// Tracer records what each step does; nil for nearly every call.
	Tracer Tracer
}

// Memory is what strings of a call's messages are views into.
type Memory interface {
	// Free gives the memory back: what are views into it must not be used any
	// more.
	Free()
}

// Hold keeps memory until the call is reset, because the call's messages are
// views into it, and with them whatever policies have taken from these messages.
func (c *Call) Hold(m Memory) { c.held = append(c.held, m) }

// counted is a counter that the call has been counted in.
type counted struct {
	name, key string
	period    time.Duration
}

// CacheOutcome is what cache-lookup has found.
type CacheOutcome uint8

// What cache-lookup finds. It has not asked where there is none, and for requests
// whose answers are not kept.
const (
	CacheNotAsked CacheOutcome = iota
	CacheHit
	CacheMiss
)

// CacheLookup is what cache-lookup has found out about a request whose answer
// may be kept.
type CacheLookup struct {
	Key     string // under which the answer is kept; empty: not at all
	Private bool   // answers that are meant for one caller may be kept
	// Downstream is what caches behind the gateway may do: none, private or
	// public.
	Downstream     string
	MustRevalidate bool
	// NoStore says that the caller wants nothing of the exchange to be kept.
	NoStore bool
	// Cache is where answers are looked for and kept.
	Cache cache.Type
	// Flight is what others wait for, or nil.
	Flight *cache.Flight
}

// CountOnce reports whether the call has not been counted in a counter before,
// and remembers that it now is.
func (c *Call) CountOnce(name, key string, period time.Duration) bool {
	this := counted{name, key, period}
	if slices.Contains(c.counted, this) {
		return false
	}
	c.counted = append(c.counted, this)
	return true
}

// reset empties the progress and keeps its memory.
func (p *progress) reset() progress {
	clear(p.counted)
	for _, m := range p.held {
		m.Free()
	}
	clear(p.held)
	return progress{counted: p.counted[:0], held: p.held[:0]}
}
