package policytest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/message"
)

// poison is what the memory of an exchange is overwritten with when it is over.
const poison = 'Z'

// poisoned is what a text looks like that was kept for longer than it lasts.
var poisoned = strings.Repeat(string(rune(poison)), 4)

// view returns a text as an engine hands it out: over memory that is used for
// something else when the exchange is over.
func (b *bench) view(text string) string {
	a := &message.Arena{}
	b.views = append(b.views, a)
	return a.Concat(text, "")
}

// endExchange overwrites all memory of the exchange and looks for those who have
// kept some of it.
func (b *bench) endExchange(t *testing.T) {
	t.Helper()
	for _, a := range b.views {
		a.Poison(poison)
	}
	b.views = nil
	b.call.Arena.Poison(poison)
	for _, problem := range append(append(b.counterProblems(), b.responses.problems()...), b.values.problems()...) {
		t.Error("a part of a message was kept when the exchange was over: " + problem)
	}
}

// counterProblems returns the counters whose names have been overwritten.
func (b *bench) counterProblems() (problems []string) {
	inspector, ok := b.services.Counters.(counter.Inspector)
	if !ok {
		return nil
	}
	for _, r := range inspector.List(counter.Filter{}) {
		if strings.Contains(r.Name+r.Key, poisoned) {
			problems = append(problems, fmt.Sprintf("counter %q of %q", r.Key, r.Name))
		}
	}
	return problems
}

// watchedCache remembers what an exchange stores, to see whether it is still
// there, and the same, when the exchange is over.
type watchedCache[E cache.Entry] struct {
	cache.Cache[E]
	mu     sync.Mutex
	stored map[string]stored[E]
}

type stored[E cache.Entry] struct {
	entry E
	text  string // of the entry when it was stored
}

func watch[E cache.Entry](c cache.Cache[E]) *watchedCache[E] {
	return &watchedCache[E]{Cache: c, stored: map[string]stored[E]{}}
}

// Set stores and remembers.
func (w *watchedCache[E]) Set(ctx context.Context, key string, e E, ttl time.Duration) {
	w.Cache.Set(ctx, key, e, ttl)
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.stored, key)
	if _, ok := w.Get(ctx, key); ok {
		w.stored[strings.Clone(key)] = stored[E]{e, fmt.Sprintf("%+v", e)}
	}
}

// Delete removes and forgets.
func (w *watchedCache[E]) Delete(ctx context.Context, key string) error {
	w.mu.Lock()
	delete(w.stored, key)
	w.mu.Unlock()
	return w.Cache.Delete(ctx, key)
}

// problems returns what has changed since it was stored, and forgets all.
func (w *watchedCache[E]) problems() (problems []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, s := range w.stored {
		if _, ok := w.Get(context.Background(), key); !ok {
			problems = append(problems, fmt.Sprintf("cache entry under %q is not found any more", key))
		}
		if now := fmt.Sprintf("%+v", s.entry); now != s.text {
			problems = append(problems, fmt.Sprintf("cache entry under %q was %s and is %s", key, s.text, now))
		}
	}
	clear(w.stored)
	return problems
}
