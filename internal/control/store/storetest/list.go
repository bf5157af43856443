package storetest

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
)

// neighbours is a store whose keys lie close together: '-' and '.' sort before
// the slash, digits and letters behind it.
const neighbours = "a=0 a/x=1 a/x-y=2 a/x.z=3 a/x/b=4 a/x/b/c=5 a/x/b-c/d=6 a/x0=7 a/x%=8 a/x_=9 a-b/x=10 a/é=11 a/z=12 ab/x=13"

func listCases() []testCase {
	cases := []testCase{
		{"a page of what was deleted again is empty", func(c *check) {
			c.view(c.filled("a/b=1 a/c=2", "-a/b", "-a/c"), func(r store.Reader) {
				c.equal(c.list(r, "a", all()), "")
			})
		}},
		{"a record that was replaced is listed once", func(c *check) {
			c.view(c.filled("a/b=1", "a/b=2", "a/b=3"), func(r store.Reader) {
				records, err := r.List("a", all())
				c.ok(err)
				c.equal(records, []store.Record{record("a/b", "3", 1, 3)})
			})
		}},
		{"a record keeps its spelling in a list", func(c *check) {
			c.view(c.filled("A/B=1"), func(r store.Reader) {
				records, err := r.List("a", all())
				c.ok(err)
				c.equal(records, []store.Record{{Key: "a/b", ID: "A/B", Value: []byte("1"), Created: 1, Changed: 1}})
			})
		}},
		{"an update lists its own writes", func(c *check) {
			s := c.filled("a/b=1 a/d=1 a/e=1 a/f/g=1")
			_, err := c.try(s, func(tx store.Tx) error {
				c.ok(apply(tx, []string{"a/c=2", "-a/d", "a/e=2", "a/f/h=2"}))
				c.equal(c.list(tx, "a", all()), "b=1 c=2 e=2")
				c.equal(c.list(tx, "a", store.Page{After: "b", Limit: 1}), "c=2")
				c.equal(c.list(tx, "a", store.Page{Skip: 2, Limit: 5}), "e=2")
				return nil
			})
			c.ok(err)
		}},
	}
	for _, tt := range []struct {
		name       string
		collection store.Key
		want       string
	}{
		{"one level, in byte order", "a", "x=1 x%=8 x-y=2 x.z=3 x0=7 x_=9 z=12 é=11"},
		{"not what begins with the collection's key", "a/x", "b=4"},
		{"not what is two levels below", "a/x/b", "c=5"},
		{"below a record that is not there", "a/x/b-c", "d=6"},
		{"the records of one segment", "", "a=0"},
		{"a sign in the collection", "a-b", "x=10"},
		{"nothing below a record without children", "a/z", ""},
		{"nothing in a collection that is not there", "b", ""},
		{"a percent sign is no pattern", "%", ""},
		{"an underscore is no pattern", "a/x_", ""},
	} {
		cases = append(cases, testCase{tt.name, func(c *check) {
			c.view(c.filled(neighbours), func(r store.Reader) { c.equal(c.list(r, tt.collection, all()), tt.want) })
		}})
	}
	return cases
}

func pageCases() []testCase {
	var cases []testCase
	for _, tt := range []struct {
		name string
		page store.Page
		want string
	}{
		{"the first of many", store.Page{Limit: 2}, "b=1 d=2"},
		{"after a name", store.Page{After: "d", Limit: 2}, "f=3 h=4"},
		{"after a name that is not there", store.Page{After: "e", Limit: 2}, "f=3 h=4"},
		{"after a name before all", store.Page{After: "a", Limit: 1}, "b=1"},
		{"after the last", store.Page{After: "j", Limit: 9}, ""},
		{"after a name behind all", store.Page{After: "z", Limit: 9}, ""},
		{"after what a name begins with", store.Page{After: "dd", Limit: 1}, "f=3"},
		{"passing over some", store.Page{Skip: 2, Limit: 2}, "f=3 h=4"},
		{"passing over some after a name", store.Page{After: "b", Skip: 2, Limit: 9}, "h=4 j=5"},
		{"passing over all", store.Page{Skip: 5, Limit: 1}, ""},
		{"passing over more than all", store.Page{Skip: 1 << 40, Limit: 1}, ""},
		{"to the end", store.Page{After: "f", Limit: store.MaxListLimit}, "h=4 j=5"},
		{"as many as there are", store.Page{Limit: 5}, "b=1 d=2 f=3 h=4 j=5"},
	} {
		cases = append(cases, testCase{tt.name, func(c *check) {
			c.view(c.filled("a/b=1 a/d=2 a/f=3 a/h=4 a/j=5 a/f/x=6 b/a=7"), func(r store.Reader) {
				c.equal(c.list(r, "a", tt.page), tt.want)
			})
		}})
	}
	for _, tt := range []struct {
		name string
		page store.Page
	}{
		{"a limit of none", store.Page{}},
		{"a limit below none", store.Page{Limit: -1}},
		{"a limit too high", store.Page{Limit: store.MaxListLimit + 1}},
		{"a number to pass over below none", store.Page{Skip: -1, Limit: 1}},
	} {
		cases = append(cases, testCase{tt.name + " is refused", func(c *check) {
			c.view(c.filled("a/b=1"), func(r store.Reader) {
				_, err := r.List("a", tt.page)
				c.is(err, store.ErrInvalid)
			})
		}})
	}
	return append(cases,
		testCase{"pages after one another hold everything once", func(c *check) { c.walks(true) }},
		testCase{"pages that pass over more and more hold everything once", func(c *check) { c.walks(false) }},
	)
}

// walks lists a collection page by page, by name or by number.
func (c *check) walks(byName bool) {
	const records, limit = 250, 7
	writes := make([]string, 0, records)
	for i := range records {
		writes = append(writes, fmt.Sprintf("a/n%03d=%d", i*37%records, i))
	}
	s := c.open()
	c.commit(s, writes...)
	var names []string
	c.view(s, func(r store.Reader) {
		for page := (store.Page{Limit: limit}); ; {
			got, err := r.List("a", page)
			c.ok(err)
			for _, record := range got {
				names = append(names, record.Key.Name())
			}
			if len(got) < limit {
				return
			}
			if byName {
				page.After = names[len(names)-1]
			} else {
				page.Skip = len(names)
			}
		}
	})
	for i, name := range names {
		if want := fmt.Sprintf("n%03d", i); name != want {
			c.Fatalf("the record number %d is %s in %s", i, name, strings.Join(names, " "))
		}
	}
	c.equal(len(names), records)
}

func countCases() []testCase {
	cases := []testCase{
		{"of an empty store", func(c *check) {
			c.view(c.open(), func(r store.Reader) { c.equal(c.count(r, "a"), 0) })
		}},
		{"after replacing", func(c *check) {
			c.view(c.filled("a/b=1 a/c=1", "a/b=2"), func(r store.Reader) { c.equal(c.count(r, "a"), 2) })
		}},
		{"after deleting", func(c *check) {
			c.view(c.filled("a/b=1 a/c=1", "-a/b"), func(r store.Reader) { c.equal(c.count(r, "a"), 1) })
		}},
		{"after deleting and making again", func(c *check) {
			c.view(c.filled("a/b=1 a/c=1", "-a/b", "a/b=1"), func(r store.Reader) { c.equal(c.count(r, "a"), 2) })
		}},
		{"after deleting and making again at once", func(c *check) {
			c.view(c.filled("a/b=1 a/c=1", "-a/b a/b=3"), func(r store.Reader) { c.equal(c.count(r, "a"), 2) })
		}},
		{"after making and deleting at once", func(c *check) {
			c.view(c.filled("a/b=1", "a/c=1 -a/c a/d=1"), func(r store.Reader) { c.equal(c.count(r, "a"), 2) })
		}},
		{"after an update that failed", func(c *check) {
			s := c.filled("a/b=1")
			_, err := c.try(s, func(tx store.Tx) error {
				c.ok(apply(tx, []string{"a/c=1", "-a/b", "a/d=1"}))
				c.equal(c.count(tx, "a"), 2)
				return errMine
			})
			c.is(err, errMine)
			c.view(s, func(r store.Reader) { c.equal(c.count(r, "a"), 1) })
		}},
		{"within an update", func(c *check) {
			_, err := c.try(c.filled("a/b=1"), func(tx store.Tx) error {
				c.ok(apply(tx, []string{"a/c=1", "a/c/d=1", "a/b=2"}))
				c.equal(c.count(tx, "a"), 2)
				c.ok(tx.Delete("a/b"))
				c.equal(c.count(tx, "a"), 1)
				return nil
			})
			c.ok(err)
		}},
		{"of more than a list returns", func(c *check) {
			s, writes := c.open(), make([]string, 0, store.MaxListLimit+5)
			for i := range store.MaxListLimit + 5 {
				writes = append(writes, fmt.Sprintf("a/%d=", i))
			}
			c.commit(s, append(writes, "!many")...)
			c.view(s, func(r store.Reader) { c.equal(c.count(r, "a"), store.MaxListLimit+5) })
		}},
	}
	for _, tt := range []struct {
		collection store.Key
		want       int
	}{{"", 1}, {"a", 8}, {"a/x", 1}, {"a/x/b-c", 1}, {"a/z", 0}, {"a-b", 1}, {"%", 0}, {"b", 0}} {
		cases = append(cases, testCase{fmt.Sprintf("of the collection %q among neighbours", tt.collection), func(c *check) {
			c.view(c.filled(neighbours), func(r store.Reader) { c.equal(c.count(r, tt.collection), tt.want) })
		}})
	}
	return cases
}
