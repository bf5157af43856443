package resourcestest

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/sallyport/sallyport/internal/control/store"
)

// state is one revision of a fake store.
type state struct {
	revision store.Revision
	records  map[store.Key]store.Record
	audit    []store.AuditEntry
}

// fake is a store of the latest revision only, enough for the kinds of
// resources: it has no history and no watch.
type fake struct {
	mu  sync.Mutex
	now state
}

var _ store.Store = (*fake)(nil)

var errNotFaked = errors.New("the store of these tests keeps the latest revision only")

func newFake() *fake { return &fake{now: state{records: map[store.Key]store.Record{}}} }

func (f *fake) View(_ context.Context, work func(store.Reader) error) error {
	f.mu.Lock()
	now := f.now
	f.mu.Unlock()
	return work(&tx{state: now})
}

func (f *fake) ViewAt(context.Context, store.Revision, func(store.Reader) error) error {
	return errNotFaked
}

func (f *fake) Update(_ context.Context, work func(store.Tx) error) (store.Revision, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := &tx{state: f.now, committed: len(f.now.audit)}
	t.records, t.audit = maps.Clone(f.now.records), slices.Clone(f.now.audit)
	if err := work(t); err != nil {
		return 0, err
	}
	if !t.changed {
		return f.now.revision, nil
	}
	if len(t.audit) == t.committed {
		return 0, store.ErrUnaudited
	}
	t.revision++
	f.now = t.state
	return f.now.revision, nil
}

func (f *fake) Watch(context.Context, store.Revision) iter.Seq2[store.Change, error] {
	return func(yield func(store.Change, error) bool) { yield(store.Change{}, errNotFaked) }
}

func (f *fake) Close() error { return nil }

// tx is a transaction of the fake, and its reader.
type tx struct {
	state
	committed int
	changed   bool
}

func (t *tx) Revision() store.Revision { return t.revision }

func (t *tx) Get(key store.Key) (store.Record, error) {
	if err := key.Check(); err != nil {
		return store.Record{}, err
	}
	r, ok := t.records[key]
	if !ok {
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

// matching are the records that a condition holds for, in the order of their
// keys, segment by segment.
func (t *tx) matching(holds func(store.Key) bool) []store.Record {
	var found []store.Record
	for key, r := range t.records {
		if holds(key) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b store.Record) int {
		return slices.Compare(segments(a.Key), segments(b.Key))
	})
	return found
}

func segments(key store.Key) []string {
	var all []string
	for key != "" {
		all = append(all, key.Name())
		key = key.Collection()
	}
	slices.Reverse(all)
	return all
}

func (t *tx) List(collection store.Key, page store.Page) ([]store.Record, error) {
	found := t.matching(func(k store.Key) bool { return k.Collection() == collection && k.Name() > page.After })
	found = found[min(page.Skip, len(found)):]
	return found[:min(page.Limit, len(found))], nil
}

func (t *tx) Count(collection store.Key) (int, error) {
	return len(t.matching(func(k store.Key) bool { return k.Collection() == collection })), nil
}

func (t *tx) Tree(key store.Key) iter.Seq2[store.Record, error] {
	found := t.matching(func(k store.Key) bool { return k.Within(key) })
	return func(yield func(store.Record, error) bool) {
		for _, r := range found {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (t *tx) Changes(store.Revision, int) ([]store.Change, error) { return nil, errNotFaked }

func (t *tx) History(store.Key, store.Revision, int) ([]store.Version, error) {
	return nil, errNotFaked
}

func (t *tx) AuditLog(after int64, limit int) ([]store.AuditEntry, error) {
	all := t.audit
	if t.committed > 0 {
		all = all[:t.committed]
	}
	if after < 0 {
		after = max(0, int64(len(all))+after)
	}
	all = all[min(int(after), len(all)):]
	return all[:min(limit, len(all))], nil
}

func (t *tx) Put(key store.Key, id string, value []byte) error {
	if err := key.Check(); err != nil {
		return err
	}
	r := store.Record{Key: key, ID: id, Value: value, Created: t.revision + 1, Changed: t.revision + 1}
	if old, ok := t.records[key]; ok {
		r.ID, r.Created = old.ID, old.Created
	}
	t.records[key], t.changed = r, true
	return nil
}

func (t *tx) Delete(key store.Key) error {
	if _, ok := t.records[key]; !ok {
		return store.ErrNotFound
	}
	delete(t.records, key)
	t.changed = true
	return nil
}

func (t *tx) Audit(data []byte) (uint64, error) {
	e := store.AuditEntry{Sequence: uint64(len(t.audit)) + 1, Revision: t.revision + 1, Data: data}
	t.audit, t.changed = append(t.audit, e), true
	return e.Sequence, nil
}
