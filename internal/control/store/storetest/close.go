package storetest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/sallyport/sallyport/internal/control/store"
)

func closeCases() []testCase {
	return []testCase{
		{"nothing works after Close", func(c *check) {
			s := c.filled("a=1")
			c.ok(s.Close())
			called := func(store.Reader) error { c.Errorf("the function is called"); return nil }
			c.is(s.View(c.ctx(), called), store.ErrClosed)
			c.is(s.ViewAt(c.ctx(), 1, called), store.ErrClosed)
			_, err := s.Update(c.ctx(), func(tx store.Tx) error { return called(tx) })
			c.is(err, store.ErrClosed)
			n := 0
			for _, err := range s.Watch(c.ctx(), 0) {
				c.is(err, store.ErrClosed)
				n++
			}
			c.equal(n, 1)
		}},
		{"Close may be called again", func(c *check) {
			s := c.open()
			c.ok(s.Close())
			if err := s.Close(); err != nil {
				c.is(err, store.ErrClosed)
			}
		}},
		{"Close ends the watches", func(c *check) {
			s := c.filled("a=1")
			waiting, fresh := c.watch(s, 0), c.watch(s, 1)
			c.wants(waiting, "1: a=1")
			c.ok(s.Close())
			for _, w := range []*watcher{waiting, fresh} {
				c.equal(len(c.ends(w)), 0)
				c.is(w.err, store.ErrClosed)
			}
		}},
		{"Close while others write", func(c *check) { c.closesAmidUpdates(c.open()) }},
	}
}

// closesAmidUpdates closes a store while others write, and returns the last
// revision that they got.
func (c *check) closesAmidUpdates(s store.Store) store.Revision {
	const writers, before = 4, 3
	var mu sync.Mutex
	var wg sync.WaitGroup
	last, began := store.Revision(0), make(chan struct{}, 2*writers)
	for i := range writers {
		wg.Go(func() {
			for n := 0; ; n++ {
				revision, err := s.Update(c.ctx(), func(tx store.Tx) error {
					return apply(tx, []string{fmt.Sprintf("a/%d=%d", i, n)})
				})
				over := err != nil && !errors.Is(err, store.ErrConflict)
				if n == before || over {
					began <- struct{}{}
				}
				if over {
					c.is(err, store.ErrClosed)
					return
				}
				mu.Lock()
				last = max(last, revision)
				mu.Unlock()
			}
		})
	}
	for range writers {
		<-began
	}
	c.ok(s.Close())
	wg.Wait()
	return last
}

// reopened closes a store and opens its data again.
func (c *check) reopened(s store.Store) store.Store {
	c.Helper()
	c.ok(s.Close())
	return c.closing(c.suite.reopen(c.t, s))
}

func reopenCases() []testCase {
	return []testCase{
		{"an empty store is empty again", func(c *check) {
			s := c.reopened(c.open())
			c.equal(c.revision(s), store.Revision(0))
			c.equal(c.commit(s, "a=1"), store.Revision(1))
		}},
		{"everything is there again", func(c *check) {
			s := c.reopened(c.lives())
			for revision, want := range livesAt {
				c.at(s, store.Revision(revision), func(r store.Reader) { c.equal(c.tree(r, ""), want) })
			}
			c.view(s, func(r store.Reader) {
				c.equal(c.changes(r, 0, 9), livesTold)
				c.equal(c.count(r, "a"), 2)
				c.equal(c.get(r, "a/c"), store.Record{Key: "a/c", ID: "A/C", Value: []byte("4"), Created: 4, Changed: 4})
			})
			c.equal(c.auditLog(s, -2, 9), "5=five 6=-a/b a/d=6")
		}},
		{"numbers go on", func(c *check) {
			s := c.reopened(c.lives())
			c.equal(c.commit(s, "z=1", "!seven"), store.Revision(7))
			c.equal(c.auditLog(s, -1, 9), "7=seven")
		}},
		{"a watch goes on", func(c *check) {
			s := c.reopened(c.lives())
			w := c.watch(s, 4)
			c.commit(s, "z=1")
			c.wants(w, append(append([]string{}, livesTold[4:]...), "7: z=1")...)
		}},
		{"again and again", func(c *check) {
			s := c.open()
			for i := range 5 {
				c.equal(c.commit(s, fmt.Sprintf("a/%d=1", i)), store.Revision(i+1))
				s = c.reopened(s)
				c.view(s, func(r store.Reader) { c.equal(c.count(r, "a"), i+1) })
			}
		}},
		{"every update that returned before Close is there, and no other", func(c *check) {
			s := c.open()
			last := c.closesAmidUpdates(s)
			c.equal(c.revision(c.closing(c.suite.reopen(c.t, s))), last)
		}},
	}
}
