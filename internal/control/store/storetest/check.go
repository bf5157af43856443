package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport/sallyport/internal/control/store"
)

// check is what a case works with.
type check struct {
	testing.TB
	t     *testing.T
	suite *suite
}

// open opens an empty store, which is closed when the case ends.
func (c *check) open() store.Store {
	c.Helper()
	return c.closing(c.suite.open(c.t))
}

func (c *check) closing(s store.Store) store.Store {
	c.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			c.Errorf("Close: %v", err)
		}
	})
	return s
}

// filled opens a store and commits each of the updates, written as commit
// reads them.
func (c *check) filled(updates ...string) store.Store {
	c.Helper()
	s := c.open()
	for _, u := range updates {
		c.commit(s, strings.Fields(u)...)
	}
	return s
}

// ctx ends when the case has waited too long.
func (c *check) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), c.suite.patience)
	c.Cleanup(cancel)
	return ctx
}

// is demands that an error wraps another.
func (c *check) is(err, target error) {
	c.Helper()
	if !errors.Is(err, target) {
		c.Errorf("the error is %v, want %v", err, target)
	}
}

// ok demands that there is no error.
func (c *check) ok(err error) {
	c.Helper()
	if err != nil {
		c.Fatalf("unexpected error: %v", err)
	}
}

// equal demands that two values are the same, but for empty and absent slices.
func (c *check) equal(got, want any) {
	c.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		c.Errorf("(-want +got):\n%s", diff)
	}
}

// commit makes one update of writes: "Id=value" puts, "-Id" deletes, "!text"
// appends to the audit log. An update without the last gets an audit entry.
func (c *check) commit(s store.Store, writes ...string) store.Revision {
	c.Helper()
	revision, err := c.try(s, func(tx store.Tx) error {
		return apply(tx, writes)
	})
	c.ok(err)
	return revision
}

// try makes one update; others may be faster for as long as the case waits.
func (c *check) try(s store.Store, f func(tx store.Tx) error) (store.Revision, error) {
	ctx := c.ctx()
	for {
		revision, err := s.Update(ctx, f)
		if !errors.Is(err, store.ErrConflict) || ctx.Err() != nil {
			return revision, err
		}
		runtime.Gosched()
	}
}

// apply makes the writes that commit describes.
func apply(tx store.Tx, writes []string) error {
	audited := false
	for _, w := range writes {
		if text, ok := strings.CutPrefix(w, "!"); ok {
			audited = true
			if _, err := tx.Audit([]byte(text)); err != nil {
				return err
			}
			continue
		}
		if err := write(tx, w); err != nil {
			return err
		}
	}
	if audited {
		return nil
	}
	_, err := tx.Audit([]byte(strings.Join(writes, " ")))
	return err
}

func write(tx store.Tx, w string) error {
	if id, ok := strings.CutPrefix(w, "-"); ok {
		return tx.Delete(store.KeyOf(id))
	}
	id, value, _ := strings.Cut(w, "=")
	return tx.Put(store.KeyOf(id), id, []byte(value))
}

// view reads the latest state.
func (c *check) view(s store.Store, f func(r store.Reader)) {
	c.Helper()
	c.ok(s.View(c.ctx(), func(r store.Reader) error { f(r); return nil }))
}

// at reads the state at a revision.
func (c *check) at(s store.Store, revision store.Revision, f func(r store.Reader)) {
	c.Helper()
	c.ok(s.ViewAt(c.ctx(), revision, func(r store.Reader) error { f(r); return nil }))
}

// revision is the latest.
func (c *check) revision(s store.Store) store.Revision {
	c.Helper()
	var revision store.Revision
	c.view(s, func(r store.Reader) { revision = r.Revision() })
	return revision
}

// state is the whole latest state as "key=value" words.
func (c *check) state(s store.Store) string {
	c.Helper()
	var state string
	c.view(s, func(r store.Reader) { state = c.tree(r, "") })
	return state
}

// tree is what Tree yields, as "key=value" words.
func (c *check) tree(r store.Reader, key store.Key) string {
	c.Helper()
	var words []string
	for record, err := range r.Tree(key) {
		c.ok(err)
		words = append(words, word(record))
	}
	return strings.Join(words, " ")
}

// list is what List returns, as "name=value" words.
func (c *check) list(r store.Reader, collection store.Key, page store.Page) string {
	c.Helper()
	records, err := r.List(collection, page)
	c.ok(err)
	words := make([]string, 0, len(records))
	for _, record := range records {
		if record.Key.Collection() != collection {
			c.Errorf("%q is not in the collection %q", record.Key, collection)
		}
		words = append(words, record.Key.Name()+"="+string(record.Value))
	}
	return strings.Join(words, " ")
}

// all asks for a whole small collection.
func all() store.Page { return store.Page{Limit: store.MaxListLimit} }

// get reads one record that must be there.
func (c *check) get(r store.Reader, key store.Key) store.Record {
	c.Helper()
	record, err := r.Get(key)
	c.ok(err)
	return record
}

// count counts a collection.
func (c *check) count(r store.Reader, collection store.Key) int {
	c.Helper()
	n, err := r.Count(collection)
	c.ok(err)
	return n
}

func word(r store.Record) string { return string(r.Key) + "=" + string(r.Value) }

// record is a record whose id is spelled like its key.
func record(key store.Key, value string, created, changed store.Revision) store.Record {
	return store.Record{Key: key, ID: string(key), Value: []byte(value), Created: created, Changed: changed}
}

// recorder notes that a case failed, in place of failing.
type recorder struct {
	testing.TB
	failed atomic.Bool
}

func (r *recorder) Error(args ...any)            { r.fail(fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, args ...any) { r.fail(fmt.Sprintf(f, args...)) }
func (r *recorder) Fail()                        { r.fail("failed") }
func (r *recorder) Failed() bool                 { return r.failed.Load() }
func (r *recorder) Fatal(args ...any)            { r.Error(args...); runtime.Goexit() }
func (r *recorder) Fatalf(f string, args ...any) { r.Errorf(f, args...); runtime.Goexit() }
func (r *recorder) FailNow()                     { r.Fail(); runtime.Goexit() }
func (r *recorder) fail(why string)              { r.failed.Store(true); r.Logf("as expected: %s", why) }
