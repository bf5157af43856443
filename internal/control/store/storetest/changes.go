package storetest

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
)

// told is a change in short: "revision: key=value -key".
func told(change store.Change) string {
	words := []string{fmt.Sprintf("%d:", change.Revision)}
	for _, v := range change.Versions {
		if v.Deleted {
			words = append(words, "-"+string(v.Key))
		} else {
			words = append(words, word(v.Record))
		}
	}
	return strings.Join(words, " ")
}

func (c *check) changes(r store.Reader, after store.Revision, limit int) []string {
	c.Helper()
	changes, err := r.Changes(after, limit)
	c.ok(err)
	var texts []string
	for _, change := range changes {
		texts = append(texts, told(change))
	}
	return texts
}

// livesTold is what changed in the store that lives makes.
var livesTold = []string{"1: a/b=1 a/c=1", "2: a/b=2", "3: -a/c", "4: a/c=4 a/c/x=4", "5:", "6: -a/b a/d=6"}

func changeCases() []testCase {
	return []testCase{
		{"of an empty store", func(c *check) {
			c.view(c.open(), func(r store.Reader) { c.equal(len(c.changes(r, 0, 1)), 0) })
		}},
		{"versions are whole", func(c *check) {
			c.view(c.filled("A=1", "a=2", "-a"), func(r store.Reader) {
				changes, err := r.Changes(1, 9)
				c.ok(err)
				if len(changes) != 2 || len(changes[0].Versions) != 1 || len(changes[1].Versions) != 1 {
					c.Fatalf("the changes are %v", changes)
				}
				changed := store.Record{Key: "a", ID: "A", Value: []byte("2"), Created: 1, Changed: 2}
				c.equal(changes[0], store.Change{Revision: 2, Versions: []store.Version{{Record: changed, Revision: 2}}})
				deleted := changes[1].Versions[0]
				c.equal(deleted.Revision, store.Revision(3))
				c.equal(deleted.Deleted, true)
				c.equal(len(deleted.Value), 0)
			})
		}},
		{"a change is in the order of the keys", func(c *check) {
			c.view(c.filled("c=1 a=1 b=1 a/z=1 a-a=1", "-c a=2 b/a=2 -b"), func(r store.Reader) {
				c.equal(c.changes(r, 0, 9), []string{"1: a=1 a-a=1 a/z=1 b=1 c=1", "2: a=2 -b b/a=2 -c"})
			})
		}},
		{"the last write of an update counts", func(c *check) {
			c.view(c.filled("a=1 a=2", "-a a=3", "a=4 -a", "b=1 -b c=1"), func(r store.Reader) {
				c.equal(c.changes(r, 0, 9), []string{"1: a=2", "2: a=3", "3: -a", "4: c=1"})
			})
		}},
		{"a record that is put as it was is not changed", func(c *check) {
			s := c.filled("a=1 b=1", "a=1 b=2")
			c.view(s, func(r store.Reader) {
				c.equal(c.changes(r, 1, 9), []string{"2: b=2"})
				c.equal(c.get(r, "a"), record("a", "1", 1, 1))
			})
		}},
		{"nothing that an update did not commit yet", func(c *check) {
			_, err := c.try(c.filled("a=1"), func(tx store.Tx) error {
				c.ok(tx.Put("a", "a", []byte("2")))
				c.equal(c.changes(tx, 0, 9), []string{"1: a=1"})
				_, err := tx.Audit(nil)
				return err
			})
			c.ok(err)
		}},
		{"after a revision that is not there yet", func(c *check) {
			c.view(c.filled("a=1"), func(r store.Reader) {
				_, err := r.Changes(2, 1)
				c.is(err, store.ErrFutureRevision)
			})
		}},
	}
}

func changesCases() []testCase {
	cases := changeCases()
	for _, limit := range badLimits {
		cases = append(cases, testCase{fmt.Sprintf("a limit of %d is refused", limit), func(c *check) {
			c.view(c.filled("a=1"), func(r store.Reader) {
				_, err := r.Changes(0, limit)
				c.is(err, store.ErrInvalid)
			})
		}})
	}
	for _, tt := range []struct {
		name        string
		after       store.Revision
		limit       int
		first, last int
	}{
		{"all", 0, 100, 0, 6},
		{"the first", 0, 1, 0, 1},
		{"after a revision", 2, 100, 2, 6},
		{"after a revision, limited", 2, 2, 2, 4},
		{"with a revision that only appended to the audit log", 4, 1, 4, 5},
		{"after the latest", 6, 1, 6, 6},
	} {
		cases = append(cases, testCase{tt.name, func(c *check) {
			c.view(c.lives(), func(r store.Reader) {
				c.equal(c.changes(r, tt.after, tt.limit), livesTold[tt.first:tt.last])
			})
		}})
	}
	return cases
}
