package storetest

import (
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

// notebook is a store as a notebook, empty of notes.
func (c *check) notebook(s store.Store) store.Notebook {
	c.Helper()
	n, ok := s.(store.Notebook)
	if !ok {
		c.Fatalf("%T is no notebook", s)
	}
	for _, note := range c.notes(n, "") {
		c.ok(n.DropNote(c.ctx(), note.Key))
	}
	return n
}

func (c *check) notes(n store.Notebook, within store.Key) []store.Note {
	c.Helper()
	found, err := n.Notes(c.ctx(), within, store.MaxListLimit)
	c.ok(err)
	return found
}

// noted demands the notes within a key, written "key=value".
func (c *check) noted(n store.Notebook, within store.Key, want ...string) {
	c.Helper()
	var got []string
	for _, note := range c.notes(n, within) {
		got = append(got, fmt.Sprintf("%s=%s", note.Key, note.Value))
		if note.Age < 0 || note.Age > patience {
			c.Errorf("the note %s is %s old", note.Key, note.Age)
		}
	}
	c.equal(got, want)
}

func (c *check) note(n store.Notebook, key store.Key, value string) {
	c.Helper()
	c.ok(n.PutNote(c.ctx(), key, []byte(value), time.Hour))
}

func noteCases() []testCase {
	return []testCase{
		{"a note is read, replaced and dropped", func(c *check) {
			n := c.notebook(c.open())
			c.noted(n, "")
			c.note(n, "a/b", "1")
			c.note(n, "a/b", "2")
			c.noted(n, "", "a/b=2")
			c.ok(n.DropNote(c.ctx(), "a/b"))
			c.ok(n.DropNote(c.ctx(), "a/b"))
			c.noted(n, "")
		}},
		{"notes are found by what is above them", func(c *check) {
			n := c.notebook(c.open())
			for _, key := range []store.Key{"a", "a/c", "a/b", "a/b/c", "a-b", "ab", "b"} {
				c.note(n, key, "v")
			}
			c.noted(n, "a", "a=v", "a/b=v", "a/b/c=v", "a/c=v")
			c.noted(n, "a/b", "a/b=v", "a/b/c=v")
			c.noted(n, "x")
			some, err := n.Notes(c.ctx(), "", 2)
			c.ok(err)
			c.equal(len(some), 2)
		}},
		{"a note whose time has come is gone", func(c *check) {
			n := c.notebook(c.open())
			c.ok(n.PutNote(c.ctx(), "a", []byte("v"), 0))
			c.note(n, "b", "v")
			c.ok(n.PutNote(c.ctx(), "b", []byte("v"), -time.Second))
			c.noted(n, "")
		}},
		{"notes have no revision and are no records", func(c *check) {
			s := c.filled("a=1")
			c.note(c.notebook(s), "a", "noted")
			c.equal(c.revision(s), store.Revision(1))
			c.equal(c.state(s), "a=1")
		}},
		{"a note may be empty", func(c *check) {
			n := c.notebook(c.open())
			c.ok(n.PutNote(c.ctx(), "a", nil, time.Hour))
			c.noted(n, "", "a=")
		}},
		{"what a note may not be", func(c *check) {
			n := c.notebook(c.open())
			c.is(n.PutNote(c.ctx(), "A", nil, time.Hour), store.ErrInvalid)
			c.is(n.PutNote(c.ctx(), "", nil, time.Hour), store.ErrInvalid)
			c.is(n.PutNote(c.ctx(), "a", make([]byte, store.MaxNoteLength+1), time.Hour), store.ErrInvalid)
			c.is(n.PutNote(c.ctx(), "a", nil, store.MaxNoteLife+1), store.ErrInvalid)
			c.is(n.DropNote(c.ctx(), "a/"), store.ErrInvalid)
			_, err := n.Notes(c.ctx(), "a/", 1)
			c.is(err, store.ErrInvalid)
			_, err = n.Notes(c.ctx(), "a", 0)
			c.is(err, store.ErrInvalid)
			c.noted(n, "")
		}},
	}
}

func sharedNoteCase() testCase {
	return testCase{"notes of one node are seen on another", func(c *check) {
		nodes := c.nodes(2)
		first, ok := nodes[0].(store.Notebook)
		second, also := nodes[1].(store.Notebook)
		if !ok || !also {
			c.Fatalf("%T is no notebook", nodes[0])
		}
		c.note(first, "a", "1")
		c.noted(second, "a", "a=1")
		c.note(second, "a", "2")
		c.noted(first, "a", "a=2")
		c.ok(second.DropNote(c.ctx(), "a"))
		c.noted(first, "a")
	}}
}
