package storetest

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/control/store"
)

// badLimits are refused by all methods that take a limit.
var badLimits = []int{0, -1, store.MaxListLimit + 1}

// revisions are those of versions.
func revisions(versions []store.Version) []store.Revision {
	found := make([]store.Revision, 0, len(versions))
	for _, v := range versions {
		found = append(found, v.Revision)
	}
	return found
}

func stateCases() []testCase {
	return []testCase{
		{"all states, the latest first", func(c *check) {
			c.view(c.lives(), func(r store.Reader) {
				history, err := r.History("a/c", 0, 100)
				c.ok(err)
				if len(history) != 3 {
					c.Fatalf("got %d states, want 3", len(history))
				}
				again := store.Record{Key: "a/c", ID: "A/C", Value: []byte("4"), Created: 4, Changed: 4}
				c.equal(history[0], store.Version{Record: again, Revision: 4})
				c.equal(history[2], store.Version{Record: record("a/c", "1", 1, 1), Revision: 1})
				c.equal(history[1].Deleted, true)
				c.equal(history[1].Revision, store.Revision(3))
				c.equal(history[1].Key, store.Key("a/c"))
				c.equal(len(history[1].Value), 0)
			})
		}},
		{"nothing of a record that never was", func(c *check) {
			c.view(c.lives(), func(r store.Reader) {
				history, err := r.History("a/nothing", 0, 100)
				c.ok(err)
				c.equal(len(history), 0)
			})
		}},
		{"nothing of what is below or beside", func(c *check) {
			c.view(c.filled("a/b=1", "a/b/c=2", "a/b-c=3", "a/bc=4"), func(r store.Reader) {
				history, err := r.History("a/b", 0, 100)
				c.ok(err)
				c.equal(revisions(history), []store.Revision{1})
			})
		}},
		{"nothing that an update did not commit yet", func(c *check) {
			_, err := c.try(c.filled("a=1"), func(tx store.Tx) error {
				c.ok(tx.Put("a", "a", []byte("2")))
				history, err := tx.History("a", 0, 100)
				c.ok(err)
				c.equal(history, []store.Version{{Record: record("a", "1", 1, 1), Revision: 1}})
				_, err = tx.Audit(nil)
				return err
			})
			c.ok(err)
		}},
		{"nothing of what one update makes and deletes", func(c *check) {
			c.view(c.filled("a=1 -a b=1"), func(r store.Reader) {
				history, err := r.History("a", 0, 100)
				c.ok(err)
				c.equal(len(history), 0)
			})
		}},
		{"one state for each update, the last", func(c *check) {
			c.view(c.filled("a=1 a=2 a=3", "a=4 -a"), func(r store.Reader) {
				history, err := r.History("a", 0, 100)
				c.ok(err)
				c.equal(revisions(history), []store.Revision{2, 1})
				c.equal(string(history[1].Value), "3")
				c.equal(history[0].Deleted, true)
			})
		}},
	}
}

func historyCases() []testCase {
	cases := stateCases()
	for _, limit := range badLimits {
		cases = append(cases, testCase{fmt.Sprintf("a limit of %d is refused", limit), func(c *check) {
			c.view(c.filled("a=1"), func(r store.Reader) {
				_, err := r.History("a", 0, limit)
				c.is(err, store.ErrInvalid)
			})
		}})
	}
	for _, tt := range []struct {
		name   string
		before store.Revision
		limit  int
		want   []store.Revision
	}{
		{"from the latest", 0, 2, []store.Revision{5, 4}},
		{"before a revision", 4, 100, []store.Revision{3, 2, 1}},
		{"before a revision, limited", 4, 1, []store.Revision{3}},
		{"before the first", 1, 100, nil},
		{"before one that is not there yet", 99, 2, []store.Revision{5, 4}},
	} {
		cases = append(cases, testCase{tt.name, func(c *check) {
			c.view(c.filled("a=1", "a=2", "a=3", "-a", "a=5"), func(r store.Reader) {
				history, err := r.History("a", tt.before, tt.limit)
				c.ok(err)
				c.equal(revisions(history), tt.want)
			})
		}})
	}
	return cases
}
