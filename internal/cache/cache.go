// Package cache is the contract for what policies keep between requests: whole
// responses and single values, in memory or in a shared store.
//
// A cache is an aid and never a reason to fail: one that cannot be reached is
// one that holds nothing. Entries may disappear at any time before they expire.
// They are immutable: neither who stores one nor who is given one may change it
// or anything it refers to afterwards.
//
// The interface is one for both kinds of entries, so that a layer in front of a
// cache (the first of many equal requests fetches, the others wait) is written
// once.
package cache

import (
	"context"
	"time"
)

const (
	// MaxEntryBytes is the largest entry that a cache takes, by its Size: what
	// APIM allows a cached response to be. A larger one is not stored.
	MaxEntryBytes = 2 << 20
	// MaxKeyBytes is the longest key that a cache takes. Nothing is ever found
	// under a longer one, and an entry under one is not stored.
	MaxKeyBytes = 16 << 10
)

// Entry is what a cache can hold.
type Entry interface {
	// Size returns the bytes that the entry occupies, about.
	Size() int
}

// Cache maps keys to entries of one kind, for a limited time each. All methods
// are safe for concurrent use. They give up when ctx ends. A key may be a part
// of a message, whose memory is used for something else when its exchange is
// over: a cache clones what it keeps of one.
type Cache[E Entry] interface {
	// Get returns the entry under key, or false where there is none, it has
	// expired or the cache cannot tell.
	Get(ctx context.Context, key string) (E, bool)
	// Set stores an entry under key for ttl, in place of what was there. What
	// is too large to store, or has no time to live, only removes what was
	// there.
	Set(ctx context.Context, key string, e E, ttl time.Duration)
	// Delete removes what is under key. An error says that it may still be
	// there; that nothing was there is none.
	Delete(ctx context.Context, key string) error
}

// Responses is a cache of whole responses.
type Responses = Cache[*Response]

// Values is a cache of single values.
type Values = Cache[Value]

// Response is a response as it was stored.
type Response struct {
	Status int
	Reason string
	// Header holds the fields in the order in which they are sent.
	Header []Field
	Body   []byte
	// Stored is when the response was stored.
	Stored time.Time
}

// Field is one header field.
type Field struct {
	Name, Value string
}

// The overheads are what the Go values around the bytes occupy.
const (
	responseOverhead = 128
	fieldOverhead    = 32
	valueOverhead    = 40
)

// Size returns the bytes that the response occupies, about.
func (r *Response) Size() int {
	n := responseOverhead + len(r.Reason) + len(r.Body)
	for _, f := range r.Header {
		n += fieldOverhead + len(f.Name) + len(f.Value)
	}
	return n
}

// Value is one value in a form of its own: the cache keeps what the type's
// writer wrote and does not look into it.
type Value struct {
	// Type is the name of the .NET type whose form Data has, such as
	// "System.String".
	Type string
	Data []byte
}

// Size returns the bytes that the value occupies, about.
func (v Value) Size() int { return valueOverhead + len(v.Type) + len(v.Data) }

// None is a cache that holds nothing: what a gateway without a cache has.
type None[E Entry] struct{}

// Get finds nothing.
func (None[E]) Get(context.Context, string) (e E, ok bool) { return e, false }

// Set stores nothing.
func (None[E]) Set(context.Context, string, E, time.Duration) {}

// Delete has nothing to remove.
func (None[E]) Delete(context.Context, string) error { return nil }
