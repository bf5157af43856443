package storetest

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/control/store"
)

// together runs f on many goroutines at once, and waits for them.
func together(goroutines int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// increment adds one to a number in the store, and returns the revision.
func (c *check) increment(s store.Store, key store.Key) store.Revision {
	revision, err := c.try(s, func(tx store.Tx) error {
		n := 0
		if record, err := tx.Get(key); err == nil {
			if n, err = strconv.Atoi(string(record.Value)); err != nil {
				return err
			}
		}
		return apply(tx, []string{fmt.Sprintf("%s=%d", key, n+1)})
	})
	if err != nil {
		c.Errorf("incrementing: %v", err)
	}
	return revision
}

// goroutines work at once, and each does its work that many times.
const goroutines, rounds = 8, 12

func concurrentCases() []testCase {
	return slices.Concat(updatesAtOnceCases(), skewCases(), numberCases())
}

func updatesAtOnceCases() []testCase {
	return []testCase{
		{"no update is lost", func(c *check) {
			s := c.open()
			together(goroutines, func(int) {
				for range rounds {
					c.increment(s, "n")
				}
			})
			c.equal(c.state(s), fmt.Sprintf("n=%d", goroutines*rounds))
			c.equal(c.revision(s), store.Revision(goroutines*rounds))
		}},
		{"each update has a revision of its own", func(c *check) {
			s := c.open()
			var mu sync.Mutex
			var got []store.Revision
			together(goroutines, func(i int) {
				for range rounds {
					revision := c.increment(s, store.Key(fmt.Sprintf("n/%d", i)))
					mu.Lock()
					got = append(got, revision)
					mu.Unlock()
				}
			})
			slices.Sort(got)
			for i, revision := range got {
				c.equal(revision, store.Revision(i+1))
			}
		}},
	}
}

func skewCases() []testCase {
	return []testCase{
		{"no write skew between records", func(c *check) { c.writeSkew() }},
		{"no write skew through what is not there yet", func(c *check) {
			s := c.open()
			together(goroutines, func(i int) {
				_, err := c.try(s, func(tx store.Tx) error {
					if n, err := tx.Count("a"); n > 0 || err != nil {
						return err
					}
					return apply(tx, []string{fmt.Sprintf("a/%d=1", i)})
				})
				if err != nil {
					c.Errorf("the update: %v", err)
				}
			})
			c.view(s, func(r store.Reader) { c.equal(c.count(r, "a"), 1) })
		}},
		{"no write skew through a list that is empty", func(c *check) {
			s := c.open()
			together(goroutines, func(i int) {
				_, err := c.try(s, func(tx store.Tx) error {
					if records, err := tx.List("a", all()); len(records) > 0 || err != nil {
						return err
					}
					return apply(tx, []string{fmt.Sprintf("a/%d=1", i)})
				})
				if err != nil {
					c.Errorf("the update: %v", err)
				}
			})
			c.view(s, func(r store.Reader) { c.equal(c.count(r, "a"), 1) })
		}},
	}
}

func numberCases() []testCase {
	return []testCase{
		{"audit entries have no gaps", func(c *check) {
			s := c.open()
			together(goroutines, func(i int) {
				for range rounds {
					c.commit(s, fmt.Sprintf("!%d", i))
				}
			})
			c.view(s, func(r store.Reader) {
				entries, err := r.AuditLog(0, store.MaxListLimit)
				c.ok(err)
				c.equal(len(entries), goroutines*rounds)
				for i, e := range entries {
					c.equal(e.Sequence, uint64(i+1))
					c.equal(e.Revision, store.Revision(i+1))
				}
			})
		}},
		{"a view never sees half an update", func(c *check) { c.halves(rounds * 4) }},
		{"a function that fails now and then changes nothing then", func(c *check) {
			s := c.open()
			var good atomic.Int64
			together(goroutines, func(i int) {
				for round := range rounds {
					if (i+round)%3 == 0 {
						_, err := c.try(s, func(tx store.Tx) error {
							_ = apply(tx, []string{"n=lost"})
							return errMine
						})
						c.is(err, errMine)
						continue
					}
					good.Add(1)
					c.increment(s, "n")
				}
			})
			c.equal(c.state(s), fmt.Sprintf("n=%d", good.Load()))
		}},
	}
}

// writeSkew lets updates read two records and clear one of them, which two at
// once must not both do.
func (c *check) writeSkew() {
	s := c.filled("x=1 y=1")
	for range rounds {
		c.commit(s, "x=1", "y=1", "!reset")
		together(goroutines, func(i int) {
			_, err := c.try(s, func(tx store.Tx) error {
				if c.tree(tx, "") != "x=1 y=1" {
					return nil
				}
				return apply(tx, []string{[]string{"x=0", "y=0"}[i%2]})
			})
			if err != nil {
				c.Errorf("the update: %v", err)
			}
		})
		if state := c.state(s); state != "x=0 y=1" && state != "x=1 y=0" {
			c.Errorf("two updates that exclude each other were both made: %s", state)
		}
	}
}

// halves writes two records in each update, and looks that they are always the
// same.
func (c *check) halves(rounds int) {
	s := c.filled("a=0 b=0")
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				c.view(s, func(r store.Reader) {
					a, b := c.get(r, "a"), c.get(r, "b")
					if !bytes.Equal(a.Value, b.Value) || a.Changed != b.Changed || a.Changed != r.Revision() {
						c.Errorf("at revision %d a view sees %v and %v", r.Revision(), a, b)
					}
				})
			}
		})
	}
	for i := range rounds {
		c.commit(s, fmt.Sprintf("a=%d", i+1), fmt.Sprintf("b=%d", i+1), "!both")
	}
	close(done)
	readers.Wait()
}
