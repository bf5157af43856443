package storetest

import (
	"slices"

	"github.com/sallyport/sallyport/internal/control/store"
)

// lives is a store with records that come, change, go and come back:
// after revision 1: a/b=1 a/c=1; 2: a/b=2; 3: no a/c; 4: a/c=4 and c=4 below;
// 5: an audit entry only; 6: no a/b, a/d=6.
func (c *check) lives() store.Store {
	c.Helper()
	return c.filled("a/b=1 a/c=1", "a/b=2", "-a/c", "A/C=4 a/c/x=4", "!five", "-a/b a/d=6")
}

// livesAt is the state of that store at each revision.
var livesAt = []string{"", "a/b=1 a/c=1", "a/b=2 a/c=1", "a/b=2", "a/b=2 a/c=4 a/c/x=4", "a/b=2 a/c=4 a/c/x=4", "a/c=4 a/c/x=4 a/d=6"}

// atEach is a case that reads that store at each revision.
func atEach(name string, f func(c *check, r store.Reader, revision int)) testCase {
	return testCase{name, func(c *check) {
		s := c.lives()
		for revision := range livesAt {
			c.at(s, store.Revision(revision), func(r store.Reader) { f(c, r, revision) })
		}
	}}
}

func revisionCases() []testCase {
	return slices.Concat(pastCases(), pastLogCases(), viewCases(), isolationCases())
}

func pastCases() []testCase {
	return []testCase{
		atEach("Revision is the one that was asked for", func(c *check, r store.Reader, revision int) {
			c.equal(r.Revision(), store.Revision(revision))
		}),
		atEach("Tree at every revision", func(c *check, r store.Reader, revision int) {
			c.equal(c.tree(r, ""), livesAt[revision])
		}),
		atEach("Tree below a record at every revision", func(c *check, r store.Reader, revision int) {
			c.equal(c.tree(r, "a/c"), []string{"", "a/c=1", "a/c=1", "", "a/c=4 a/c/x=4", "a/c=4 a/c/x=4", "a/c=4 a/c/x=4"}[revision])
		}),
		atEach("List at every revision", func(c *check, r store.Reader, revision int) {
			c.equal(c.list(r, "a", all()), []string{"", "b=1 c=1", "b=2 c=1", "b=2", "b=2 c=4", "b=2 c=4", "c=4 d=6"}[revision])
		}),
		atEach("pages at every revision", func(c *check, r store.Reader, revision int) {
			c.equal(c.list(r, "a", store.Page{After: "b", Limit: 1}), []string{"", "c=1", "c=1", "", "c=4", "c=4", "c=4"}[revision])
			c.equal(c.list(r, "a", store.Page{Skip: 1, Limit: 1}), []string{"", "c=1", "c=1", "", "c=4", "c=4", "d=6"}[revision])
		}),
		atEach("Count at every revision", func(c *check, r store.Reader, revision int) {
			c.equal(c.count(r, "a"), []int{0, 2, 2, 1, 2, 2, 2}[revision])
			c.equal(c.count(r, "a/c"), []int{0, 0, 0, 0, 1, 1, 1}[revision])
		}),
	}
}

func pastLogCases() []testCase {
	return []testCase{
		atEach("Changes at every revision", func(c *check, r store.Reader, revision int) {
			changes, err := r.Changes(0, 100)
			c.ok(err)
			c.equal(len(changes), revision)
			if revision > 0 {
				c.equal(changes[revision-1].Revision, store.Revision(revision))
				_, err = r.Changes(store.Revision(revision)+1, 100)
				c.is(err, store.ErrFutureRevision)
			}
		}),
		atEach("History at every revision", func(c *check, r store.Reader, revision int) {
			history, err := r.History("a/c", 0, 100)
			c.ok(err)
			c.equal(len(history), []int{0, 1, 1, 2, 3, 3, 3}[revision])
			history, err = r.History("a/c", 100, 100)
			c.ok(err)
			c.equal(len(history), []int{0, 1, 1, 2, 3, 3, 3}[revision])
		}),
		atEach("AuditLog at every revision", func(c *check, r store.Reader, revision int) {
			entries, err := r.AuditLog(0, 100)
			c.ok(err)
			c.equal(len(entries), revision)
			entries, err = r.AuditLog(-1, 100)
			c.ok(err)
			if revision > 0 {
				c.equal(entries[0].Sequence, uint64(revision))
			}
		}),
		{"Get reads what was", func(c *check) {
			s := c.lives()
			c.at(s, 2, func(r store.Reader) {
				c.equal(c.get(r, "a/b"), record("a/b", "2", 1, 2))
				c.equal(c.get(r, "a/c"), record("a/c", "1", 1, 1))
				_, err := r.Get("a/d")
				c.is(err, store.ErrNotFound)
			})
			c.at(s, 3, func(r store.Reader) {
				_, err := r.Get("a/c")
				c.is(err, store.ErrNotFound)
			})
			c.at(s, 5, func(r store.Reader) {
				c.equal(c.get(r, "a/c"), store.Record{Key: "a/c", ID: "A/C", Value: []byte("4"), Created: 4, Changed: 4})
			})
		}},
	}
}

func viewCases() []testCase {
	return []testCase{
		{"a revision that is not there yet is refused", func(c *check) {
			s := c.filled("a=1")
			for _, revision := range []store.Revision{2, 1 << 62, 1<<64 - 1} {
				err := s.ViewAt(c.ctx(), revision, func(store.Reader) error {
					c.Errorf("the revision %d is read", revision)
					return nil
				})
				c.is(err, store.ErrFutureRevision)
			}
		}},
		{"the past is refused what the contract refuses", func(c *check) {
			c.at(c.filled("a=1", "a=2"), 1, func(r store.Reader) {
				_, err := r.List("a", store.Page{})
				c.is(err, store.ErrInvalid)
				_, err = r.Get("A")
				c.is(err, store.ErrInvalid)
				_, err = r.Count("A")
				c.is(err, store.ErrInvalid)
			})
		}},
		{"View returns the error of its function", func(c *check) {
			s := c.filled("a=1")
			c.is(s.View(c.ctx(), func(store.Reader) error { return errMine }), errMine)
			c.is(s.ViewAt(c.ctx(), 1, func(store.Reader) error { return errMine }), errMine)
		}},
		{"View sees every update that has returned", func(c *check) {
			s := c.open()
			for i := range 20 {
				revision := c.commit(s, "a="+string(rune('a'+i)))
				c.equal(c.revision(s), revision)
			}
		}},
	}
}

func isolationCases() []testCase {
	return []testCase{
		{"a view does not see later updates", func(c *check) {
			s := c.filled("a/b=1")
			c.view(s, func(r store.Reader) {
				c.equal(c.tree(r, ""), "a/b=1")
				c.commit(s, "a/b=2", "a/c=2")
				c.equal(r.Revision(), store.Revision(1))
				c.equal(c.tree(r, ""), "a/b=1")
				c.equal(c.list(r, "a", all()), "b=1")
				c.equal(c.count(r, "a"), 1)
				entries, err := r.AuditLog(0, 9)
				c.ok(err)
				c.equal(len(entries), 1)
			})
			c.equal(c.state(s), "a/b=2 a/c=2")
		}},
		{"a view of the past does not see later updates", func(c *check) {
			s := c.filled("a/b=1", "a/b=2")
			c.at(s, 1, func(r store.Reader) {
				c.commit(s, "a/b=3", "a/c=3")
				c.equal(c.tree(r, ""), "a/b=1")
				c.equal(c.count(r, "a"), 1)
			})
		}},
		{"views may be within one another", func(c *check) {
			s := c.filled("a=1", "a=2")
			c.at(s, 1, func(past store.Reader) {
				c.view(s, func(now store.Reader) {
					c.equal(c.tree(past, "")+" "+c.tree(now, ""), "a=1 a=2")
				})
			})
		}},
		{"a panic in a view passes, and the store goes on", func(c *check) {
			s := c.filled("a=1")
			c.equal(panics(func() { _ = s.View(c.ctx(), func(store.Reader) error { panic("mine") }) }), true)
			c.equal(panics(func() { _ = s.ViewAt(c.ctx(), 1, func(store.Reader) error { panic("mine") }) }), true)
			c.commit(s, "a=2")
			c.equal(c.state(s), "a=2")
		}},
	}
}

// panics says whether f panics.
func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
