package storetest

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
)

// badKeys are refused by every method that takes the key of a record.
var badKeys = []struct {
	name string
	key  store.Key
}{
	{"too long", store.Key(strings.Repeat("a", store.MaxKeyLength+1))},
	{"not folded", "apis/Echo"},
	{"not folded beyond ASCII", "apis/É"},
	{"with a slash in front", "/apis/echo"},
	{"with a slash behind", "apis/echo/"},
	{"with an empty segment", "apis//echo"},
	{"with a NUL byte", "apis/a\x00b"},
	{"not UTF-8", "apis/\xff"},
}

// keyedMethods are the methods that take a key, and what they say to one.
var keyedMethods = []struct {
	name  string
	empty bool // The empty key is allowed.
	call  func(tx store.Tx, key store.Key) error
}{
	{"Put", false, func(tx store.Tx, k store.Key) error { return tx.Put(k, "a", nil) }},
	{"Delete", false, func(tx store.Tx, k store.Key) error { return tx.Delete(k) }},
	{"Get", false, func(tx store.Tx, k store.Key) error { _, err := tx.Get(k); return err }},
	{"History", false, func(tx store.Tx, k store.Key) error { _, err := tx.History(k, 0, 1); return err }},
	{"List", true, func(tx store.Tx, k store.Key) error { _, err := tx.List(k, store.Page{Limit: 1}); return err }},
	{"Count", true, func(tx store.Tx, k store.Key) error { _, err := tx.Count(k); return err }},
	{"Tree", true, func(tx store.Tx, k store.Key) error {
		for _, err := range tx.Tree(k) {
			return err
		}
		return nil
	}},
}

func keyCases() []testCase {
	var cases []testCase
	for _, m := range keyedMethods {
		for _, bad := range badKeys {
			cases = append(cases, testCase{m.name + " refuses a key " + bad.name, func(c *check) {
				s := c.filled("apis/echo=1")
				revision, err := c.try(s, func(tx store.Tx) error {
					c.is(m.call(tx, bad.key), store.ErrInvalid)
					return nil
				})
				c.ok(err)
				c.equal(revision, store.Revision(1))
			}})
		}
		cases = append(cases, testCase{m.name + " and the empty key", func(c *check) {
			_, err := c.try(c.open(), func(tx store.Tx) error {
				err := m.call(tx, "")
				if m.empty {
					c.ok(err)
				} else {
					c.is(err, store.ErrInvalid)
				}
				return nil
			})
			c.ok(err)
		}})
	}
	return append(cases, goodKeyCases()...)
}

func goodKeyCases() []testCase {
	var cases []testCase
	for _, good := range []struct{ name, id string }{
		{"of one segment", "Standalone"},
		{"with upper case in its id", "/Subscriptions/S/ResourceGroups/G/Apis/Echo"},
		{"of the greatest length", strings.Repeat("Ab", store.MaxKeyLength/2)},
		{"with letters beyond ASCII", "Apis/ÄÖÜ-Ελλ-日本-🚀"},
		{"with signs that SQL patterns know", `apis/a%b_c*d?e[f]\g`},
		{"with quotes", `apis/it's "quoted"; drop table records;--`},
		{"with blanks and line ends", "apis/a b\tc\nd"},
		{"with combining marks", "apis/e\u0301"},
		{"with the highest code point", "apis/\U0010ffff"},
	} {
		cases = append(cases, testCase{"a key " + good.name + " works everywhere", func(c *check) { c.usesKey(good.id) }})
	}
	return append(cases,
		testCase{"keys that differ in normal form only are two", func(c *check) {
			s := c.filled("apis/e\u0301=1 apis/\u00e9=2")
			c.equal(c.state(s), "apis/e\u0301=1 apis/\u00e9=2")
		}},
		testCase{"two spellings of an id are one record", func(c *check) {
			s := c.filled("/Apis/Echo=1", "/apis/ECHO=2")
			c.view(s, func(r store.Reader) {
				want := store.Record{Key: "apis/echo", ID: "/Apis/Echo", Value: []byte("2"), Created: 1, Changed: 2}
				c.equal(c.get(r, store.KeyOf("/APIS/echo/")), want)
			})
		}},
	)
}

// usesKey writes, reads and deletes a record with the id.
func (c *check) usesKey(id string) {
	s, key := c.open(), store.KeyOf(id)
	want := store.Record{Key: key, ID: id, Value: []byte("v"), Created: 1, Changed: 1}
	put := func(tx store.Tx) error {
		if _, err := tx.Audit(nil); err != nil {
			return err
		}
		return tx.Put(key, id, []byte("v"))
	}
	_, err := c.try(s, put)
	c.ok(err)
	c.view(s, func(r store.Reader) {
		c.equal(c.get(r, key), want)
		records, err := r.List(key.Collection(), all())
		c.ok(err)
		c.equal(records, []store.Record{want})
		c.equal(c.tree(r, key), string(key)+"=v")
		c.equal(c.count(r, key.Collection()), 1)
		history, err := r.History(key, 0, 10)
		c.ok(err)
		c.equal(history, []store.Version{{Record: want, Revision: 1}})
	})
	c.commit(s, "-"+id)
	c.equal(c.state(s), "")
}
