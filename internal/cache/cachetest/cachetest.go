// Package cachetest is the conformance suite of cache.Cache: what every
// implementation must do, with the clock in the hands of the test.
package cachetest

import (
	"bytes"
	"context"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
)

// MinBytes is what a cache under test must hold without losing an entry.
const MinBytes = 3 * cache.MaxEntryBytes

var start = time.Date(2026, 3, 14, 15, 9, 26, 535_000_000, time.UTC)

// Factory returns an empty cache that tells the time by c and holds at least
// MinBytes. It registers its own clean-up with t.
type Factory[E cache.Entry] func(t *testing.T, c clock.Clock) cache.Cache[E]

// RunResponses runs the suite with responses.
func RunResponses(t *testing.T, factory Factory[*cache.Response]) {
	run(t, factory, func(text string, bytes int) *cache.Response {
		return &cache.Response{
			Status: 203,
			Reason: "Non-Authoritative " + text,
			Header: []cache.Field{{Name: "B", Value: text}, {Name: "a", Value: "1"}, {Name: "B", Value: "2"}},
			Body:   []byte(strings.Repeat("\x00", bytes)),
			Stored: start,
		}
	})
}

// RunValues runs the suite with values.
func RunValues(t *testing.T, factory Factory[cache.Value]) {
	run(t, factory, func(text string, bytes int) cache.Value {
		return cache.Value{Type: "System." + text, Data: []byte(strings.Repeat("\xff", bytes))}
	})
}

// suite is a cache with its clock and with a way to make an entry that holds a
// text and at least so many bytes.
type suite[E cache.Entry] struct {
	clock *clock.Fake
	cache cache.Cache[E]
	entry func(text string, bytes int) E
}

func run[E cache.Entry](t *testing.T, factory Factory[E], entry func(string, int) E) {
	for _, tt := range []struct {
		name string
		test func(suite[E], *testing.T)
	}{
		{"get what was set", suite[E].getsWhatWasSet},
		{"set replaces", suite[E].replaces},
		{"delete", suite[E].deletes},
		{"expires", suite[E].expires},
		{"odd times to live", suite[E].oddTimes},
		{"odd keys", suite[E].oddKeys},
		{"large entries", suite[E].largeEntries},
		{"calls that are given up", suite[E].givenUp},
		{"keys whose memory is used again", suite[E].keyMemory},
		{"concurrent use", suite[E].concurrent},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clock.NewFake(start)
			tt.test(suite[E]{clock: c, cache: factory(t, c), entry: entry}, t)
		})
	}
}

func (s suite[E]) want(t *testing.T, key string, want E) {
	t.Helper()
	got, ok := s.cache.Get(t.Context(), key)
	if !ok {
		t.Errorf("nothing under %.20q", key)
		return
	}
	if d := cmp.Diff(want, got, cmp.Comparer(bytes.Equal)); d != "" {
		t.Errorf("under %.20q (-want +got):\n%s", key, d)
	}
}

func (s suite[E]) wantNone(t *testing.T, key string) {
	t.Helper()
	if _, ok := s.cache.Get(t.Context(), key); ok {
		t.Errorf("an entry under %.20q, want none", key)
	}
}

func (s suite[E]) getsWhatWasSet(t *testing.T) {
	s.wantNone(t, "k")
	s.cache.Set(t.Context(), "k", s.entry("one", 10), time.Minute)
	s.cache.Set(t.Context(), "other", s.entry("two", 0), time.Minute)
	s.want(t, "k", s.entry("one", 10))
	s.want(t, "other", s.entry("two", 0))
	s.wantNone(t, "K")
}

func (s suite[E]) replaces(t *testing.T) {
	s.cache.Set(t.Context(), "k", s.entry("one", 10), time.Second)
	s.cache.Set(t.Context(), "k", s.entry("two", 20), time.Minute)
	s.clock.Advance(30 * time.Second)
	s.want(t, "k", s.entry("two", 20))
	s.cache.Set(t.Context(), "k", s.entry("three", 30), time.Second)
	s.clock.Advance(time.Second)
	s.wantNone(t, "k")
}

func (s suite[E]) deletes(t *testing.T) {
	s.cache.Set(t.Context(), "k", s.entry("one", 10), time.Minute)
	for range 2 {
		if err := s.cache.Delete(t.Context(), "k"); err != nil {
			t.Errorf("Delete: %v", err)
		}
		s.wantNone(t, "k")
	}
}

func (s suite[E]) expires(t *testing.T) {
	s.cache.Set(t.Context(), "short", s.entry("one", 10), time.Second)
	s.cache.Set(t.Context(), "long", s.entry("two", 10), time.Hour)
	s.clock.Advance(time.Second - time.Millisecond)
	s.want(t, "short", s.entry("one", 10))
	s.clock.Advance(time.Millisecond)
	s.wantNone(t, "short")
	s.clock.Advance(59 * time.Minute)
	s.want(t, "long", s.entry("two", 10))
	s.clock.Advance(time.Minute)
	s.wantNone(t, "long")
}

func (s suite[E]) oddTimes(t *testing.T) {
	for _, ttl := range []time.Duration{0, -1, math.MinInt64} {
		s.cache.Set(t.Context(), "k", s.entry("old", 10), time.Minute)
		s.cache.Set(t.Context(), "k", s.entry("new", 10), ttl)
		s.wantNone(t, "k")
	}
	s.cache.Set(t.Context(), "k", s.entry("one", 10), math.MaxInt64)
	s.clock.Advance(100 * 365 * 24 * time.Hour)
	s.want(t, "k", s.entry("one", 10))
}

func (s suite[E]) oddKeys(t *testing.T) {
	keys := []string{"", " ", "a\r\nb", "\x00", "\xff\xfe", "ключ", "{a}", strings.Repeat("k", cache.MaxKeyBytes)}
	for i, k := range keys {
		s.cache.Set(t.Context(), k, s.entry(strconv.Itoa(i), 1), time.Minute)
	}
	for i, k := range keys {
		s.want(t, k, s.entry(strconv.Itoa(i), 1))
	}
	long := strings.Repeat("k", cache.MaxKeyBytes+1)
	s.cache.Set(t.Context(), long, s.entry("long", 1), time.Minute)
	s.wantNone(t, long)
}

func (s suite[E]) largeEntries(t *testing.T) {
	room := cache.MaxEntryBytes - s.entry("large", 0).Size()
	s.cache.Set(t.Context(), "k", s.entry("large", room), time.Minute)
	s.want(t, "k", s.entry("large", room))
	s.cache.Set(t.Context(), "k", s.entry("large", room+1), time.Minute)
	s.wantNone(t, "k")
}

// givenUp makes calls whose context has ended: what they find and do is open, but
// they leave nothing behind that is in the way of others.
func (s suite[E]) givenUp(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	s.cache.Set(t.Context(), "k", s.entry("one", 10), time.Minute)
	for range 10 {
		if got, ok := s.cache.Get(ended, "k"); ok {
			if d := cmp.Diff(s.entry("one", 10), got, cmp.Comparer(bytes.Equal)); d != "" {
				t.Errorf("a call that is given up gets something else (-want +got):\n%s", d)
			}
		}
		s.cache.Set(ended, "given up", s.entry("two", 10), time.Minute)
		_ = s.cache.Delete(ended, "given up") // It may say that it was given up.
	}
	s.want(t, "k", s.entry("one", 10))
	s.cache.Set(t.Context(), "given up", s.entry("three", 10), time.Minute)
	s.want(t, "given up", s.entry("three", 10))
}

// keyMemory stores under keys that are views into memory that is used for something
// else afterwards, as that of requests is.
func (s suite[E]) keyMemory(t *testing.T) {
	var memory message.Arena
	for i := range 10 {
		key := memory.Concat("key ", strconv.Itoa(i))
		s.cache.Set(t.Context(), key, s.entry(strconv.Itoa(i), 10), time.Minute)
		memory.Poison('Z')
		memory.Reset()
	}
	for i := range 10 {
		s.want(t, "key "+strconv.Itoa(i), s.entry(strconv.Itoa(i), 10))
	}
	s.wantNone(t, "ZZZZZ")
}

func (s suite[E]) concurrent(t *testing.T) {
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 200 {
				key := strconv.Itoa(i % 10)
				switch (worker + i) % 4 {
				case 0:
					s.cache.Set(t.Context(), key, s.entry(key, i), time.Minute)
				case 1:
					if err := s.cache.Delete(t.Context(), key); err != nil {
						t.Errorf("Delete: %v", err)
					}
				default:
					s.cache.Get(t.Context(), key)
				}
			}
		})
	}
	wg.Wait()
}
