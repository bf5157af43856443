package cache

import (
	"strings"
	"sync/atomic"
)

// Type says which cache a policy uses, as its attribute caching-type does.
type Type uint8

// The types of caches.
const (
	// PreferExternal is the external cache where there is one, else the internal.
	PreferExternal Type = iota
	// Internal is the gateway's own cache.
	Internal
	// ExternalOnly is the external cache; where there is none, nothing is found
	// and nothing is kept.
	ExternalOnly
)

// typeNames are the words for the types in policy documents.
var typeNames = [...]string{PreferExternal: "prefer-external", Internal: "internal", ExternalOnly: "external"}

// TypeNames returns the words for the types in policy documents.
func TypeNames() []string { return typeNames[:] }

// ParseType returns the type with that word, in any case; PreferExternal for any
// other.
func ParseType(word string) Type {
	for t, name := range typeNames {
		if strings.EqualFold(name, word) {
			return Type(t)
		}
	}
	return PreferExternal
}

// Pair is a cache of each kind.
type Pair struct {
	Responses Responses
	Values    Values
}

// External is the place of the external cache, which the configuration may put
// there, exchange and take away while requests are served. The zero External, and
// a nil one, is empty. It is safe for concurrent use.
type External struct{ current atomic.Pointer[Pair] }

// Use puts a cache in place of what was there, nil for none. A request that has
// taken the old one may still use it for a while.
func (x *External) Use(p *Pair) { x.current.Store(p) }

// Current returns the cache that is there, or nil.
func (x *External) Current() *Pair {
	if x == nil {
		return nil
	}
	return x.current.Load()
}

// Choose returns the cache of a type, of an internal one and the external one; nil
// where there is none.
func (x *External) Choose(t Type, internal Pair) Pair {
	if t == Internal {
		return internal
	}
	if p := x.Current(); p != nil {
		return *p
	}
	if t == ExternalOnly {
		return Pair{}
	}
	return internal
}
