package storetest

import (
	"bytes"

	"github.com/sallyport/sallyport/internal/control/store"
)

func valueCases() []testCase {
	var bytesOfAll []byte
	for b := range 256 {
		bytesOfAll = append(bytesOfAll, byte(b))
	}
	var cases []testCase
	for _, v := range []struct {
		name  string
		value []byte
	}{
		{"empty", nil},
		{"one NUL byte", []byte{0}},
		{"NUL bytes within", []byte("a\x00b\x00\x00c")},
		{"every byte", bytesOfAll},
		{"not UTF-8", []byte("\xff\xfe\xc0\x80")},
		{"Unicode", []byte("Ελληνικά 日本語 🚀 e\u0301")},
		{"JSON", []byte(`{"properties":{"displayName":"Écho \"1\"","n":1e400}}`)},
		{"what looks like an escape of SQL", []byte(`\x00 ' '' "" ; -- $1 ?1 :a`)},
		{"a mebibyte", bytes.Repeat([]byte("0123456789abcdef"), 1<<16)},
	} {
		cases = append(cases, testCase{"a value comes back: " + v.name, func(c *check) { c.keepsValue(v.value) }})
	}
	return append(cases,
		testCase{"a value of the greatest length comes back", func(c *check) {
			c.keepsValue(bytes.Repeat([]byte{0, 'x', 0xff, '\n'}, store.MaxValueLength/4))
		}},
		testCase{"a longer value is refused", func(c *check) {
			s := c.open()
			_, err := c.try(s, func(tx store.Tx) error {
				return tx.Put("a", "a", make([]byte, store.MaxValueLength+1))
			})
			c.is(err, store.ErrInvalid)
			c.equal(c.state(s), "")
		}},
		testCase{"a longer audit entry is refused", func(c *check) {
			s := c.open()
			_, err := c.try(s, func(tx store.Tx) error {
				_, err := tx.Audit(make([]byte, store.MaxValueLength+1))
				return err
			})
			c.is(err, store.ErrInvalid)
			c.equal(c.revision(s), store.Revision(0))
		}},
		testCase{"an id that is not text is refused", func(c *check) {
			s := c.open()
			for _, id := range []string{"a\x00", "\xff"} {
				_, err := c.try(s, func(tx store.Tx) error { return tx.Put("a", id, nil) })
				c.is(err, store.ErrInvalid)
			}
			c.equal(c.state(s), "")
		}},
		testCase{"the caller may write into what it put", reusesBuffers},
	)
}

// keepsValue writes a value as record and audit entry, and reads it in every
// way.
func (c *check) keepsValue(value []byte) {
	s := c.open()
	_, err := c.try(s, func(tx store.Tx) error {
		if _, err := tx.Audit(value); err != nil {
			return err
		}
		if err := tx.Put("a/b", "A/B", value); err != nil {
			return err
		}
		c.same(c.get(tx, "a/b").Value, value)
		return nil
	})
	c.ok(err)
	c.view(s, func(r store.Reader) {
		c.same(c.get(r, "a/b").Value, value)
		records, err := r.List("a", all())
		c.ok(err)
		c.same(records[0].Value, value)
		history, err := r.History("a/b", 0, 1)
		c.ok(err)
		c.same(history[0].Value, value)
		entries, err := r.AuditLog(0, 1)
		c.ok(err)
		c.same(entries[0].Data, value)
		changes, err := r.Changes(0, 1)
		c.ok(err)
		c.same(changes[0].Versions[0].Value, value)
	})
}

// same compares values that are too large to be printed.
func (c *check) same(got, want []byte) {
	c.Helper()
	if !bytes.Equal(got, want) {
		c.Fatalf("got a value of %d bytes that is not that of %d bytes", len(got), len(want))
	}
}

func reusesBuffers(c *check) {
	s, buffer := c.open(), []byte("good")
	_, err := c.try(s, func(tx store.Tx) error {
		buffer = append(buffer[:0], "good"...)
		if _, err := tx.Audit(buffer); err != nil {
			return err
		}
		if err := tx.Put("a", "a", buffer); err != nil {
			return err
		}
		copy(buffer, "evil")
		return nil
	})
	c.ok(err)
	copy(buffer, "EVIL")
	c.equal(c.state(s), "a=good")
	c.view(s, func(r store.Reader) {
		entries, err := r.AuditLog(0, 1)
		c.ok(err)
		c.same(entries[0].Data, []byte("good"))
	})
}
