package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/sallyport/sallyport/internal/control/store"
)

// watcher collects what a watch returns, on a goroutine of its own.
type watcher struct {
	changes chan store.Change
	err     error // Set before changes is closed.
	stop    context.CancelFunc
}

// watch begins to watch; the case's end stops it.
func (c *check) watch(s store.Store, after store.Revision) *watcher {
	ctx, cancel := context.WithCancel(c.ctx())
	w := &watcher{changes: make(chan store.Change, 10_000), stop: cancel}
	seq := s.Watch(ctx, after)
	go func() {
		defer close(w.changes)
		for change, err := range seq {
			if err != nil {
				w.err = err
				continue // A sequence that goes on after its error is found out.
			}
			w.changes <- change
		}
	}()
	c.Cleanup(func() {
		cancel()
		for range w.changes { // Until the goroutine has ended.
		}
	})
	return w
}

// wants reads as many changes as there are texts, and compares them.
func (c *check) wants(w *watcher, texts ...string) {
	c.Helper()
	for _, text := range texts {
		change, ok := <-w.changes
		if !ok {
			c.Fatalf("the watch ended with %v before %q", w.err, text)
		}
		c.equal(told(change), text)
	}
}

// ends waits for the end of a watch, and returns what came before.
func (c *check) ends(w *watcher) []string {
	var texts []string
	for change := range w.changes {
		texts = append(texts, told(change))
	}
	return texts
}

func watchCases() []testCase {
	return slices.Concat(watchedCases(), liveCases(), watchingCases(), manyWatchersCases(), busyWatcherCases())
}

func watchedCases() []testCase {
	var cases []testCase
	for after := range livesTold {
		cases = append(cases, testCase{fmt.Sprintf("what was committed after revision %d", after), func(c *check) {
			c.wants(c.watch(c.lives(), store.Revision(after)), livesTold[after:]...)
		}})
	}
	return cases
}

func liveCases() []testCase {
	return []testCase{
		{"what is committed after the watch began", func(c *check) {
			s := c.open()
			w := c.watch(s, 0)
			c.commit(s, "a=1")
			c.wants(w, "1: a=1")
			c.commit(s, "a=2", "b=2")
			c.wants(w, "2: a=2 b=2")
			c.commit(s, "-a")
			c.wants(w, "3: -a")
		}},
		{"from now on", func(c *check) {
			s := c.lives()
			w := c.watch(s, c.revision(s))
			c.commit(s, "z=7")
			c.wants(w, "7: z=7")
		}},
		{"changes are whole", func(c *check) {
			s := c.filled("A=1", "a=2", "-a")
			w := c.watch(s, 1)
			changed := store.Record{Key: "a", ID: "A", Value: []byte("2"), Created: 1, Changed: 2}
			c.equal(<-w.changes, store.Change{Revision: 2, Versions: []store.Version{{Record: changed, Revision: 2}}})
			deleted := <-w.changes
			if len(deleted.Versions) != 1 {
				c.Fatalf("the change is %v", deleted)
			}
			c.equal(deleted.Versions[0].Deleted, true)
			c.equal(deleted.Versions[0].ID, "A")
		}},
		{"an update that makes no revision is not seen", func(c *check) {
			s := c.filled("a=1")
			w := c.watch(s, 0)
			_, err := c.try(s, func(tx store.Tx) error { return tx.Put("a", "a", []byte("1")) })
			c.ok(err)
			_, err = c.try(s, func(tx store.Tx) error {
				c.ok(apply(tx, []string{"a=2"}))
				return errMine
			})
			c.is(err, errMine)
			c.commit(s, "a=3")
			c.wants(w, "1: a=1", "2: a=3")
		}},
		{"an entry of the audit log alone is seen", func(c *check) {
			s := c.open()
			w := c.watch(s, 0)
			c.commit(s, "!one")
			c.commit(s, "a=1")
			c.wants(w, "1:", "2: a=1")
		}},
		{"many revisions from the first", func(c *check) {
			s := c.open()
			for i := range 300 {
				c.commit(s, fmt.Sprintf("a=%d", i))
			}
			w := c.watch(s, 0)
			for i := range 300 {
				c.wants(w, fmt.Sprintf("%d: a=%d", i+1, i))
			}
		}},
	}
}

func watchingCases() []testCase {
	return []testCase{
		{"a revision that is not there yet is refused", func(c *check) {
			w := c.watch(c.filled("a=1"), 2)
			c.equal(len(c.ends(w)), 0)
			c.is(w.err, store.ErrFutureRevision)
		}},
		{"a watch ends with its context", func(c *check) {
			s := c.filled("a=1")
			w := c.watch(s, 0)
			c.wants(w, "1: a=1")
			w.stop()
			c.equal(len(c.ends(w)), 0)
			c.ok(w.err)
		}},
		{"a context that has ended ends a watch that never began", func(c *check) {
			s := c.filled("a=1")
			ctx, cancel := context.WithCancel(c.ctx())
			cancel()
			for change, err := range s.Watch(ctx, 1) {
				c.Errorf("got %v and %v", change, err)
			}
		}},
		{"a watch may be left", func(c *check) {
			s := c.filled("a=1", "a=2", "a=3")
			for change, err := range s.Watch(c.ctx(), 0) {
				c.ok(err)
				c.equal(told(change), "1: a=1")
				break
			}
			c.commit(s, "a=4")
		}},
	}
}

func manyWatchersCases() []testCase {
	return []testCase{
		{"many watchers see the same", func(c *check) {
			s := c.open()
			var watchers []*watcher
			for range 16 {
				watchers = append(watchers, c.watch(s, 0))
			}
			var want []string
			for i := range 20 {
				c.commit(s, fmt.Sprintf("a=%d", i))
				want = append(want, fmt.Sprintf("%d: a=%d", i+1, i))
			}
			for _, w := range watchers {
				c.wants(w, want...)
			}
		}},
		{"without gaps while many write", func(c *check) {
			const writers, rounds = 4, 25
			s := c.open()
			early := c.watch(s, 0)
			var late *watcher
			together(writers, func(i int) {
				for round := range rounds {
					if i == 0 && round == rounds/2 {
						late = c.watch(s, 0)
					}
					c.increment(s, store.Key(fmt.Sprintf("n/%d", i)))
				}
			})
			for _, w := range []*watcher{early, late} {
				for revision := store.Revision(1); revision <= writers*rounds; revision++ {
					if change := <-w.changes; change.Revision != revision || len(change.Versions) != 1 {
						c.Fatalf("got the change %v in place of revision %d", change, revision)
					}
				}
			}
		}},
	}
}

func busyWatcherCases() []testCase {
	return []testCase{
		{"a watcher that stands still holds up nobody", func(c *check) {
			s := c.filled("a=0")
			var want, got []string
			for change, err := range s.Watch(c.ctx(), 0) {
				c.ok(err)
				got = append(got, told(change))
				for len(want) < 100 {
					want = append(want, fmt.Sprintf("%d: a=%d", len(want)+1, len(want)))
					if len(want) > 1 {
						c.commit(s, fmt.Sprintf("a=%d", len(want)-1))
					}
				}
				if len(got) == len(want) {
					break
				}
			}
			c.equal(got, want)
		}},
		{"a view in a watch sees what is watched", func(c *check) {
			s := c.open()
			var wg sync.WaitGroup
			wg.Go(func() {
				for i := range 30 {
					c.commit(s, fmt.Sprintf("a=%d", i))
				}
			})
			for change, err := range s.Watch(c.ctx(), 0) {
				c.ok(err)
				c.view(s, func(r store.Reader) {
					if r.Revision() < change.Revision {
						c.Errorf("a view at %d after the change %d was seen", r.Revision(), change.Revision)
					}
				})
				c.at(s, change.Revision, func(r store.Reader) {
					c.equal(c.tree(r, ""), word(change.Versions[0].Record))
				})
				if change.Revision == 30 {
					break
				}
			}
			wg.Wait()
		}},
	}
}
