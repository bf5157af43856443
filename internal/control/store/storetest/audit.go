package storetest

import (
	"fmt"
	"math"
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
)

func entryCases() []testCase {
	return []testCase{
		{"Audit returns the number of the entry", func(c *check) {
			s := c.filled("!one")
			_, err := c.try(s, func(tx store.Tx) error {
				for want := uint64(2); want < 5; want++ {
					sequence, err := tx.Audit(nil)
					c.ok(err)
					c.equal(sequence, want)
				}
				return nil
			})
			c.ok(err)
		}},
		{"an entry alone makes a revision", func(c *check) {
			s := c.open()
			c.equal(c.commit(s, "!one"), store.Revision(1))
			c.equal(c.commit(s, "!two"), store.Revision(2))
			c.equal(c.state(s), "")
		}},
		{"entries are whole", func(c *check) {
			c.view(c.filled("!one !two a=1", "!three"), func(r store.Reader) {
				entries, err := r.AuditLog(0, 9)
				c.ok(err)
				c.equal(entries, []store.AuditEntry{
					{Sequence: 1, Revision: 1, Data: []byte("one")},
					{Sequence: 2, Revision: 1, Data: []byte("two")},
					{Sequence: 3, Revision: 2, Data: []byte("three")},
				})
			})
		}},
		{"numbers have no gaps after updates that failed", func(c *check) {
			s := c.filled("!one")
			_, err := c.try(s, func(tx store.Tx) error {
				_, err := tx.Audit([]byte("lost"))
				c.ok(err)
				return errMine
			})
			c.is(err, errMine)
			c.commit(s, "!two")
			c.equal(c.auditLog(s, 0, 9), "1=one 2=two")
		}},
		{"an update does not see its own entries", func(c *check) {
			_, err := c.try(c.filled("!one"), func(tx store.Tx) error {
				_, err := tx.Audit([]byte("two"))
				c.ok(err)
				entries, err := tx.AuditLog(0, 9)
				c.ok(err)
				c.equal(len(entries), 1)
				return nil
			})
			c.ok(err)
		}},
	}
}

func unauditedCases() []testCase {
	return []testCase{
		{"a change without an entry is refused", func(c *check) {
			for _, w := range []string{"a=2", "b=1", "-a"} {
				s := c.filled("a=1")
				_, err := c.try(s, func(tx store.Tx) error { return write(tx, w) })
				c.is(err, store.ErrUnaudited)
				c.equal(c.state(s), "a=1")
				c.equal(c.revision(s), store.Revision(1))
				c.equal(c.auditLog(s, 0, 9), "1=a=1")
			}
		}},
		{"the store goes on after a refusal", func(c *check) {
			s := c.open()
			_, err := c.try(s, func(tx store.Tx) error { return tx.Put("a", "a", nil) })
			c.is(err, store.ErrUnaudited)
			c.equal(c.commit(s, "a=1"), store.Revision(1))
		}},
		{"an entry before the change is enough", func(c *check) {
			c.equal(c.commit(c.open(), "!first", "a=1"), store.Revision(1))
		}},
	}
}

func auditCases() []testCase {
	cases := append(entryCases(), unauditedCases()...)
	for _, limit := range badLimits {
		cases = append(cases, testCase{fmt.Sprintf("a limit of %d is refused", limit), func(c *check) {
			c.view(c.filled("!one"), func(r store.Reader) {
				_, err := r.AuditLog(0, limit)
				c.is(err, store.ErrInvalid)
			})
		}})
	}
	for _, tt := range []struct {
		name  string
		after int64
		limit int
		want  string
	}{
		{"all", 0, 9, "1=a 2=b 3=c 4=d 5=e"},
		{"limited", 0, 2, "1=a 2=b"},
		{"after a number", 3, 9, "4=d 5=e"},
		{"after a number, limited", 2, 1, "3=c"},
		{"after the last", 5, 9, ""},
		{"after what is not there", 99, 9, ""},
		{"after the greatest number", math.MaxInt64, 9, ""},
		{"the last", -1, 9, "5=e"},
		{"the last few", -3, 9, "3=c 4=d 5=e"},
		{"the last few, limited", -3, 2, "3=c 4=d"},
		{"the last as many as there are", -5, 9, "1=a 2=b 3=c 4=d 5=e"},
		{"the last of more than there are", -99, 9, "1=a 2=b 3=c 4=d 5=e"},
		{"the last of the most", math.MinInt64, 2, "1=a 2=b"},
	} {
		cases = append(cases, testCase{tt.name, func(c *check) {
			c.equal(c.auditLog(c.filled("!a !b", "!c", "!d !e"), tt.after, tt.limit), tt.want)
		}})
	}
	return cases
}

// auditLog is what AuditLog returns, as "number=data" words.
func (c *check) auditLog(s store.Store, after int64, limit int) string {
	c.Helper()
	var words []string
	c.view(s, func(r store.Reader) {
		entries, err := r.AuditLog(after, limit)
		c.ok(err)
		for _, e := range entries {
			words = append(words, fmt.Sprintf("%d=%s", e.Sequence, e.Data))
		}
	})
	return strings.Join(words, " ")
}
