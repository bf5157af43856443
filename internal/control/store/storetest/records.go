package storetest

import (
	"github.com/sallyport/sallyport/internal/control/store"
)

func recordCases() []testCase {
	return []testCase{
		{"an empty store has revision 0 and nothing in it", func(c *check) {
			s := c.open()
			c.equal(c.revision(s), store.Revision(0))
			c.equal(c.state(s), "")
		}},
		{"Put makes a record", func(c *check) {
			s := c.filled("Apis/Echo=1")
			c.view(s, func(r store.Reader) {
				want := store.Record{Key: "apis/echo", ID: "Apis/Echo", Value: []byte("1"), Created: 1, Changed: 1}
				c.equal(c.get(r, "apis/echo"), want)
			})
		}},
		{"Put replaces a record", func(c *check) {
			s := c.filled("apis/echo=1", "apis/echo=2")
			c.view(s, func(r store.Reader) { c.equal(c.get(r, "apis/echo"), record("apis/echo", "2", 1, 2)) })
		}},
		{"Created stays and Changed moves", func(c *check) {
			s := c.filled("a=1", "b=1", "a=2", "b=2", "a=3")
			c.view(s, func(r store.Reader) {
				c.equal(c.get(r, "a"), record("a", "3", 1, 5))
				c.equal(c.get(r, "b"), record("b", "2", 2, 4))
			})
		}},
		{"the spelling stays that of the making", func(c *check) {
			s := c.filled("/Apis/Echo=1", "/APIS/ECHO=2")
			c.view(s, func(r store.Reader) { c.equal(c.get(r, "apis/echo").ID, "/Apis/Echo") })
		}},
		{"a new making takes a new spelling", func(c *check) {
			s := c.filled("/Apis/Echo=1", "-apis/echo", "/APIS/ECHO=1")
			c.view(s, func(r store.Reader) {
				want := store.Record{Key: "apis/echo", ID: "/APIS/ECHO", Value: []byte("1"), Created: 3, Changed: 3}
				c.equal(c.get(r, "apis/echo"), want)
			})
		}},
		{"Get does not find what never was", func(c *check) {
			c.view(c.open(), func(r store.Reader) {
				_, err := r.Get("apis/echo")
				c.is(err, store.ErrNotFound)
			})
		}},
		{"Get does not find a collection", func(c *check) {
			c.view(c.filled("apis/echo=1"), func(r store.Reader) {
				_, err := r.Get("apis")
				c.is(err, store.ErrNotFound)
			})
		}},
		{"Get does not find a name that begins alike", func(c *check) {
			c.view(c.filled("apis/echo=1"), func(r store.Reader) {
				for _, key := range []store.Key{"apis/ech", "apis/echo2", "apis/%", "apis/ech_"} {
					_, err := r.Get(key)
					c.is(err, store.ErrNotFound)
				}
			})
		}},
	}
}

func deleteCases() []testCase {
	return []testCase{
		{"Delete removes a record", func(c *check) {
			s := c.filled("apis/echo=1", "-apis/echo")
			c.view(s, func(r store.Reader) {
				_, err := r.Get("apis/echo")
				c.is(err, store.ErrNotFound)
			})
		}},
		{"Delete does not find what is not there", func(c *check) {
			_, err := c.try(c.open(), func(tx store.Tx) error { return tx.Delete("apis/echo") })
			c.is(err, store.ErrNotFound)
		}},
		{"Delete does not find what was deleted", func(c *check) {
			_, err := c.try(c.filled("a=1", "-a"), func(tx store.Tx) error { return tx.Delete("a") })
			c.is(err, store.ErrNotFound)
		}},
		{"Delete leaves what is below", func(c *check) {
			s := c.filled("apis/echo=1 apis/echo/operations/get=2", "-apis/echo")
			c.equal(c.state(s), "apis/echo/operations/get=2")
		}},
		{"Delete leaves the neighbours", func(c *check) {
			s := c.filled("a/b=1 a/b-c=2 a/bc=3 a/b/c/d=4 a=5", "-a/b")
			c.equal(c.state(s), "a=5 a/b-c=2 a/b/c/d=4 a/bc=3")
		}},
		{"a record needs nothing above it", func(c *check) {
			s := c.filled("apis/echo/operations/get=1")
			c.equal(c.state(s), "apis/echo/operations/get=1")
		}},
		{"a record that is made again has a new Created", func(c *check) {
			s := c.filled("a=1", "-a", "b=1", "a=1")
			c.view(s, func(r store.Reader) { c.equal(c.get(r, "a"), record("a", "1", 4, 4)) })
		}},
		{"an update writes many records at one revision", func(c *check) {
			s := c.filled("a=1 b=2 c=3")
			c.view(s, func(r store.Reader) {
				c.equal(r.Revision(), store.Revision(1))
				c.equal(c.get(r, "c"), record("c", "3", 1, 1))
			})
		}},
	}
}
