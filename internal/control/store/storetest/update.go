package storetest

import (
	"context"
	"errors"
	"slices"

	"github.com/sallyport/sallyport/internal/control/store"
)

// errMine is an error of a case's own.
var errMine = errors.New("the update changed its mind")

func updateCases() []testCase {
	var cases []testCase
	for _, tt := range []struct {
		name   string
		writes []string
	}{
		{"that writes nothing", nil},
		{"that puts what is there", []string{"a=1", "b/c=2"}},
		{"that puts what is there under another spelling", []string{"A=1"}},
		{"that changes a record and changes it back", []string{"a=2", "a=3", "a=1"}},
		{"that makes a record and deletes it", []string{"x=1", "-x"}},
		{"that makes a record and deletes it, twice", []string{"x=1", "-x", "x=2", "-x"}},
	} {
		cases = append(cases, testCase{"an update " + tt.name + " makes no revision", func(c *check) {
			s := c.filled("a=1", "b/c=2")
			revision, err := c.try(s, func(tx store.Tx) error {
				for _, w := range tt.writes {
					c.ok(write(tx, w))
				}
				return nil
			})
			c.ok(err)
			c.equal(revision, store.Revision(2))
			c.equal(c.revision(s), store.Revision(2))
			c.view(s, func(r store.Reader) {
				c.equal(c.get(r, "a"), record("a", "1", 1, 1))
				c.equal(c.changes(r, 0, 9), []string{"1: a=1", "2: b/c=2"})
			})
			c.equal(c.commit(s, "a=4"), store.Revision(3))
		}})
	}
	return slices.Concat(cases, ownWriteCases(), ownOrderCases(), failingCases(), contextCases())
}

func ownWriteCases() []testCase {
	return []testCase{
		{"revisions have no gaps", func(c *check) {
			s := c.open()
			for want := store.Revision(1); want < 20; want++ {
				_, err := c.try(s, func(tx store.Tx) error {
					c.ok(apply(tx, []string{"lost=1"}))
					return errMine
				})
				c.is(err, errMine)
				c.equal(c.commit(s, "!entry"), want)
			}
		}},
		{"an update reads the latest revision", func(c *check) {
			_, err := c.try(c.filled("a=1", "a=2"), func(tx store.Tx) error {
				c.equal(tx.Revision(), store.Revision(2))
				c.equal(c.tree(tx, ""), "a=2")
				return nil
			})
			c.ok(err)
		}},
		{"an update reads its own writes, at the revision to come", func(c *check) {
			_, err := c.try(c.filled("a=1", "b=1"), func(tx store.Tx) error {
				c.ok(tx.Put("a", "A", []byte("2")))
				c.ok(tx.Put("new", "NEW", []byte("3")))
				c.ok(tx.Delete("b"))
				c.equal(tx.Revision(), store.Revision(2))
				c.equal(c.get(tx, "a"), record("a", "2", 1, 3))
				c.equal(c.get(tx, "new"), store.Record{Key: "new", ID: "NEW", Value: []byte("3"), Created: 3, Changed: 3})
				_, err := tx.Get("b")
				c.is(err, store.ErrNotFound)
				return errMine
			})
			c.is(err, errMine)
		}},
		{"a record that is changed back is as it was within the update", func(c *check) {
			_, err := c.try(c.filled("a=1", "b=1"), func(tx store.Tx) error {
				c.ok(apply(tx, []string{"a=2", "a=1"}))
				c.equal(c.get(tx, "a"), record("a", "1", 1, 1))
				return nil
			})
			c.ok(err)
		}},
	}
}

func ownOrderCases() []testCase {
	return []testCase{
		{"a record that is deleted and put in one update is made again", func(c *check) {
			s := c.filled("a=1", "-a A=1")
			c.view(s, func(r store.Reader) {
				c.equal(c.get(r, "a"), store.Record{Key: "a", ID: "A", Value: []byte("1"), Created: 2, Changed: 2})
				c.equal(c.changes(r, 1, 9), []string{"2: a=1"})
			})
		}},
		{"an update cannot delete twice", func(c *check) {
			_, err := c.try(c.filled("a=1"), func(tx store.Tx) error {
				c.ok(tx.Delete("a"))
				return tx.Delete("a")
			})
			c.is(err, store.ErrNotFound)
		}},
		{"a write that was refused does not spoil the others", func(c *check) {
			s := c.filled("a=1")
			_, err := c.try(s, func(tx store.Tx) error {
				c.is(tx.Put("Bad", "Bad", nil), store.ErrInvalid)
				c.is(tx.Delete("nothing"), store.ErrNotFound)
				_, err := tx.Get("nothing")
				c.is(err, store.ErrNotFound)
				return apply(tx, []string{"b=2"})
			})
			c.ok(err)
			c.equal(c.state(s), "a=1 b=2")
		}},
		{"an update reads history and audit log of before", func(c *check) {
			_, err := c.try(c.lives(), func(tx store.Tx) error {
				c.equal(c.changes(tx, 4, 9), livesTold[4:])
				history, err := tx.History("a/c", 0, 9)
				c.ok(err)
				c.equal(revisions(history), []store.Revision{4, 3, 1})
				entries, err := tx.AuditLog(-1, 9)
				c.ok(err)
				c.equal(entries[0].Sequence, uint64(6))
				return nil
			})
			c.ok(err)
		}},
		{"a view within an update sees what is committed", func(c *check) {
			s := c.filled("a=1")
			_, err := c.try(s, func(tx store.Tx) error {
				c.ok(apply(tx, []string{"a=2"}))
				c.equal(c.state(s), "a=1")
				return nil
			})
			c.ok(err)
			c.equal(c.state(s), "a=2")
		}},
	}
}

func failingCases() []testCase {
	return []testCase{
		{"an update that fails changes nothing", func(c *check) {
			s := c.filled("a=1 b=1")
			_, err := c.try(s, func(tx store.Tx) error {
				c.ok(apply(tx, []string{"a=2", "-b", "c=2", "!lost"}))
				return errMine
			})
			c.is(err, errMine)
			c.equal(c.state(s), "a=1 b=1")
			c.equal(c.revision(s), store.Revision(1))
			c.equal(c.auditLog(s, -1, 9), "1=a=1 b=1")
			c.view(s, func(r store.Reader) { c.equal(len(c.changes(r, 1, 9)), 0) })
		}},
		{"an update that panics changes nothing, and the store goes on", func(c *check) {
			s := c.filled("a=1")
			c.equal(panics(func() {
				_, _ = s.Update(c.ctx(), func(tx store.Tx) error {
					c.ok(apply(tx, []string{"a=2"}))
					panic("mine")
				})
			}), true)
			c.equal(c.state(s), "a=1")
			c.equal(c.commit(s, "a=3"), store.Revision(2))
		}},
	}
}

func contextCases() []testCase {
	return []testCase{
		{"a context that has ended stops an update before it begins", func(c *check) {
			s := c.filled("a=1")
			ctx, cancel := context.WithCancel(c.ctx())
			cancel()
			_, err := s.Update(ctx, func(tx store.Tx) error { return apply(tx, []string{"a=2"}) })
			c.is(err, context.Canceled)
			c.equal(c.state(s), "a=1")
		}},
		{"a context that has ended stops a view before it begins", func(c *check) {
			s := c.filled("a=1")
			ctx, cancel := context.WithCancel(c.ctx())
			cancel()
			c.is(s.View(ctx, func(store.Reader) error { return nil }), context.Canceled)
			c.is(s.ViewAt(ctx, 1, func(store.Reader) error { return nil }), context.Canceled)
		}},
		{"a context that ends within an update stops it before the commit", func(c *check) {
			s := c.filled("a=1")
			ctx, cancel := context.WithCancel(c.ctx())
			_, err := s.Update(ctx, func(tx store.Tx) error {
				c.ok(apply(tx, []string{"a=2"}))
				cancel()
				return nil
			})
			c.is(err, context.Canceled)
			c.equal(c.state(s), "a=1")
			c.equal(c.commit(s, "a=3"), store.Revision(2))
		}},
		{"an update that waits gives up with its context", func(c *check) {
			s := c.filled("a=1")
			c.givesUp(s, s)
		}},
	}
}

// givesUp lets an update of one node wait for that of another until its context
// ends. It may be made all the same; then it is there.
func (c *check) givesUp(s, other store.Store) {
	ctx, cancel := context.WithCancel(c.ctx())
	waiting := make(chan error, 1)
	_, err := c.try(s, func(tx store.Tx) error {
		if ctx.Err() == nil { // Once, should the update run again.
			go func() {
				_, err := other.Update(ctx, func(tx store.Tx) error { return apply(tx, []string{"b=2"}) })
				waiting <- err
			}()
			cancel()
		}
		return apply(tx, []string{"a=2"})
	})
	c.ok(err)
	if err := <-waiting; err != nil {
		c.is(err, context.Canceled)
		c.equal(c.state(s), "a=2")
	} else {
		c.equal(c.state(s), "a=2 b=2")
	}
	c.commit(other, "c=3")
}
