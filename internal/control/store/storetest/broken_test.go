package storetest_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/storetest"
)

// broken is a store with one fault.
type broken struct {
	store.Store
	reader func(store.Reader) store.Reader
	tx     func(store.Tx) store.Tx
	// The fault of the store itself, by its name.
	fault string
}

func (b *broken) View(ctx context.Context, f func(store.Reader) error) error {
	return b.Store.View(ctx, func(r store.Reader) error { return f(b.reader(r)) })
}

func (b *broken) ViewAt(ctx context.Context, revision store.Revision, f func(store.Reader) error) error {
	if b.fault == "the past is the present" {
		return b.View(ctx, f)
	}
	return b.Store.ViewAt(ctx, revision, func(r store.Reader) error { return f(b.reader(r)) })
}

func (b *broken) Update(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	switch b.fault {
	case "updates are not serialised":
		return b.lost(ctx, f)
	case "a change needs no entry":
		return b.Store.Update(ctx, func(tx store.Tx) error {
			if err := f(tx); err != nil {
				return err
			}
			_, err := tx.Audit(nil)
			return err
		})
	case "half a failed update stays":
		var failed error
		revision, err := b.Store.Update(ctx, func(tx store.Tx) error { failed = f(tx); return nil })
		if failed != nil {
			return 0, failed
		}
		return revision, err
	}
	return b.Store.Update(ctx, func(tx store.Tx) error { return f(b.tx(tx)) })
}

// lost runs f on what was there when it was called, and writes without looking
// again.
func (b *broken) lost(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	var writes []func(store.Tx) error
	err := b.Store.View(ctx, func(r store.Reader) error { return f(&unserialised{Reader: r, writes: &writes}) })
	if err != nil {
		return 0, err
	}
	return b.Store.Update(ctx, func(tx store.Tx) error {
		for _, w := range writes {
			if err := w(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *broken) Watch(ctx context.Context, after store.Revision) iter.Seq2[store.Change, error] {
	if b.fault != "a watch misses deletes" {
		return b.Store.Watch(ctx, after)
	}
	return func(yield func(store.Change, error) bool) {
		for change, err := range b.Store.Watch(ctx, after) {
			if slices.ContainsFunc(change.Versions, func(v store.Version) bool { return v.Deleted }) {
				continue
			}
			if !yield(change, err) {
				return
			}
		}
	}
}

type unserialised struct {
	store.Reader
	writes *[]func(store.Tx) error
}

func (u *unserialised) Put(key store.Key, id string, value []byte) error {
	value = slices.Clone(value)
	*u.writes = append(*u.writes, func(tx store.Tx) error { return tx.Put(key, id, value) })
	return store.CheckRecord(key, id, value)
}

func (u *unserialised) Delete(key store.Key) error {
	*u.writes = append(*u.writes, func(tx store.Tx) error { return tx.Delete(key) })
	_, err := u.Get(key)
	return err
}

func (u *unserialised) Audit(data []byte) (uint64, error) {
	data = slices.Clone(data)
	*u.writes = append(*u.writes, func(tx store.Tx) error { _, err := tx.Audit(data); return err })
	return 0, nil
}

// losesDelete forgets to delete what has a dash in its key.
type losesDelete struct{ store.Tx }

func (l losesDelete) Delete(key store.Key) error {
	if len(key) > 3 {
		return nil
	}
	return l.Tx.Delete(key)
}

// putsAnew makes a record anew where it ought to replace it.
type putsAnew struct{ store.Tx }

func (p putsAnew) Put(key store.Key, id string, value []byte) error {
	if err := store.CheckRecord(key, id, value); err != nil {
		return err
	}
	_ = p.Delete(key) // Whether it was there or not.
	return p.Tx.Put(key, id, value)
}

// wrongOrder sorts a tree by collection, as a table with such an index may.
type wrongOrder struct{ store.Reader }

func (w wrongOrder) Tree(key store.Key) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		var records []store.Record
		for record, err := range w.Reader.Tree(key) {
			if err != nil {
				yield(record, err)
				return
			}
			records = append(records, record)
		}
		slices.SortStableFunc(records, func(a, b store.Record) int {
			return slices.Compare([]byte(a.Key.Collection()), []byte(b.Key.Collection()))
		})
		for _, record := range records {
			if !yield(record, nil) {
				return
			}
		}
	}
}

// countsBelow counts what is below a collection too.
type countsBelow struct{ store.Reader }

func (c countsBelow) Count(collection store.Key) (int, error) {
	n, err := c.Reader.Count(collection)
	for record := range c.Tree(collection) {
		if record.Key != collection && record.Key.Collection() != collection {
			n++
		}
	}
	return n, err
}

// TestR13_Suite_NegativeControl shows that the suite finds out stores that are
// wrong.
func TestR13_Suite_NegativeControl(t *testing.T) {
	same := func(r store.Reader) store.Reader { return r }
	sameTx := func(tx store.Tx) store.Tx { return tx }
	tests := []struct {
		name   string
		reader func(store.Reader) store.Reader
		tx     func(store.Tx) store.Tx
		model  bool // The model test finds it out too.
	}{
		{"a delete is lost", same, func(tx store.Tx) store.Tx { return losesDelete{tx} }, true},
		{"a record is made anew", same, func(tx store.Tx) store.Tx { return putsAnew{tx} }, true},
		{"a tree is out of order", func(r store.Reader) store.Reader { return wrongOrder{r} }, sameTx, true},
		{"a count has too many", func(r store.Reader) store.Reader { return countsBelow{r} }, sameTx, true},
		{"the past is the present", same, sameTx, true},
		{"updates are not serialised", same, sameTx, true},
		{"a change needs no entry", same, sameTx, true},
		{"half a failed update stays", same, sameTx, true},
		{"a watch misses deletes", same, sameTx, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := storetest.Rejected(t, func(*testing.T) store.Store {
				return &broken{Store: memory.New(), reader: tt.reader, tx: tt.tx, fault: tt.name}
			})
			cases := slices.DeleteFunc(slices.Clone(found), func(name string) bool { return name == "model" })
			if len(cases) == 0 {
				t.Error("no case of the suite found it out")
			}
			if tt.model != (len(cases) < len(found)) {
				t.Errorf("the model test found it out: %v, want %v", !tt.model, tt.model)
			}
			fmt.Printf("R13: %s: rejected by %d cases (limit 1), by the model test: %v\n", t.Name(), len(cases), tt.model)
		})
	}
}
