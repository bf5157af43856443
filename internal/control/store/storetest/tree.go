package storetest

import (
	"fmt"
	"slices"

	"github.com/sallyport/sallyport/internal/control/store"
)

func treeCases() []testCase {
	var cases []testCase
	for _, tt := range []struct {
		name string
		key  store.Key
		want string
	}{
		{"a record and what is below, in byte order", "a/x", "a/x=1 a/x/b=4 a/x/b-c/d=6 a/x/b/c=5"},
		{"below a record that is not there", "a/x/b-c", "a/x/b-c/d=6"},
		{"a record without children", "a/z", "a/z=12"},
		{"nothing", "b", ""},
		{"not the neighbours", "a-b", "a-b/x=10"},
		{"a percent sign is no pattern", "a/x%", "a/x%=8"},
		{"an underscore is no pattern", "a/x_", "a/x_=9"},
		{
			"everything", "",
			"a=0 a-b/x=10 a/x=1 a/x%=8 a/x-y=2 a/x.z=3 a/x/b=4 a/x/b-c/d=6 a/x/b/c=5 a/x0=7 a/x_=9 a/z=12 a/é=11 ab/x=13",
		},
		{
			"all levels", "a",
			"a=0 a/x=1 a/x%=8 a/x-y=2 a/x.z=3 a/x/b=4 a/x/b-c/d=6 a/x/b/c=5 a/x0=7 a/x_=9 a/z=12 a/é=11",
		},
	} {
		cases = append(cases, testCase{tt.name, func(c *check) {
			c.view(c.filled(neighbours), func(r store.Reader) { c.equal(c.tree(r, tt.key), tt.want) })
		}})
	}
	return slices.Concat(cases, walkingCases(), treeWriteCases(), treeOrderCases())
}

func walkingCases() []testCase {
	return []testCase{
		{"records come whole", func(c *check) {
			c.view(c.filled("A/B=1", "a/b=2"), func(r store.Reader) {
				for record, err := range r.Tree("") {
					c.ok(err)
					c.equal(record, store.Record{Key: "a/b", ID: "A/B", Value: []byte("2"), Created: 1, Changed: 2})
				}
			})
		}},
		{"walking may end early, and begin again", func(c *check) {
			c.view(c.filled(neighbours), func(r store.Reader) {
				for range 3 {
					n := 0
					for _, err := range r.Tree("a") {
						c.ok(err)
						if n++; n == 2 {
							break
						}
					}
					c.equal(n, 2)
				}
				c.equal(c.count(r, "a"), 8)
			})
		}},
		{"one sequence can be walked twice", func(c *check) {
			c.view(c.filled("a=1 b=2"), func(r store.Reader) {
				tree, n := r.Tree(""), 0
				for range 2 {
					for _, err := range tree {
						c.ok(err)
						n++
					}
				}
				c.equal(n, 4)
			})
		}},
		{"other reads work while walking", func(c *check) {
			c.view(c.filled(neighbours), func(r store.Reader) {
				for record, err := range r.Tree("") {
					c.ok(err)
					c.equal(c.get(r, record.Key), record)
					for inner, err := range r.Tree(record.Key) {
						c.ok(err)
						c.equal(inner.Key, record.Key)
						break
					}
				}
			})
		}},
	}
}

func treeWriteCases() []testCase {
	return []testCase{
		{"an update sees its own writes", func(c *check) {
			_, err := c.try(c.filled("a=1 a/b=1 a/c=1 a/d/e=1"), func(tx store.Tx) error {
				c.ok(apply(tx, []string{"-a/b", "a/c=2", "a/d=2", "a/a=2", "b=2"}))
				c.equal(c.tree(tx, "a"), "a=1 a/a=2 a/c=2 a/d=2 a/d/e=1")
				return nil
			})
			c.ok(err)
		}},
		{"records may be deleted while walking", func(c *check) {
			s := c.open()
			writes := []string{"keep=1", "a-b=2"}
			for i := range 2500 {
				writes = append(writes, fmt.Sprintf("a/%d=%d", i, i))
			}
			c.commit(s, append(writes, "!many")...)
			deleted := 0
			_, err := c.try(s, func(tx store.Tx) error {
				deleted = 0
				for record, err := range tx.Tree("a") {
					c.ok(err)
					c.ok(tx.Delete(record.Key))
					deleted++
				}
				_, err := tx.Audit(nil)
				return err
			})
			c.ok(err)
			c.equal(deleted, 2500)
			c.equal(c.state(s), "a-b=2 keep=1")
		}},
	}
}

func treeOrderCases() []testCase {
	return []testCase{
		{"records may be replaced while walking", func(c *check) {
			s := c.filled("a/a=1 a/b=1 a/c=1")
			_, err := c.try(s, func(tx store.Tx) error {
				for record, err := range tx.Tree("a") {
					c.ok(err)
					c.ok(tx.Put(record.Key, record.ID, append([]byte("new"), record.Value...)))
				}
				_, err := tx.Audit(nil)
				return err
			})
			c.ok(err)
			c.equal(c.state(s), "a/a=new1 a/b=new1 a/c=new1")
		}},
		{"many records come in order", func(c *check) {
			s, writes := c.open(), []string(nil)
			for i := range 3000 {
				writes = append(writes, fmt.Sprintf("a/%04d/b=%d", i*7%3000, i))
			}
			c.commit(s, append(writes, "!many")...)
			n := 0
			c.view(s, func(r store.Reader) {
				for record, err := range r.Tree("a") {
					c.ok(err)
					c.equal(record.Key, store.Key(fmt.Sprintf("a/%04d/b", n)))
					n++
				}
			})
			c.equal(n, 3000)
		}},
	}
}
