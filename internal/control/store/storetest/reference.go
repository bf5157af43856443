package storetest

import (
	"bytes"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
)

// reference is the store that the model test compares with: it keeps every
// state whole and answers by looking at everything, so that it is right at a
// glance.
type reference struct {
	states  []map[store.Key]store.Record
	changes []store.Change
	audit   []store.AuditEntry
}

func newReference() *reference {
	return &reference{states: []map[store.Key]store.Record{{}}}
}

// at reads the state at a revision.
func (m *reference) at(revision store.Revision) *referenceReader {
	entries := slices.DeleteFunc(slices.Clone(m.audit), func(e store.AuditEntry) bool { return e.Revision > revision })
	return &referenceReader{records: m.states[revision], changes: m.changes[:revision], audit: entries}
}

func (m *reference) latest() store.Revision { return store.Revision(len(m.changes)) }

// update does what Store.Update does.
func (m *reference) update(f func(store.Tx) error) (store.Revision, error) {
	base := m.at(m.latest())
	tx := &referenceTx{referenceReader: *base, base: base.records, remade: map[store.Key]bool{}}
	tx.records = maps.Clone(base.records)
	if err := f(tx); err != nil {
		return 0, err
	}
	versions := tx.versions()
	switch {
	case len(versions) == 0 && len(tx.entries) == 0:
		return m.latest(), nil
	case len(tx.entries) == 0:
		return 0, store.ErrUnaudited
	}
	m.states = append(m.states, tx.records)
	m.changes = append(m.changes, store.Change{Revision: tx.next(), Versions: versions})
	m.audit = append(m.audit, tx.entries...)
	return m.latest(), nil
}

// referenceReader reads one state.
type referenceReader struct {
	records map[store.Key]store.Record
	changes []store.Change
	audit   []store.AuditEntry
}

func (r *referenceReader) Revision() store.Revision { return store.Revision(len(r.changes)) }

func (r *referenceReader) Get(key store.Key) (store.Record, error) {
	if err := key.Check(); err != nil {
		return store.Record{}, err
	}
	found, ok := r.records[key]
	if !ok {
		return store.Record{}, store.ErrNotFound
	}
	return found, nil
}

func (r *referenceReader) selected(by func(k store.Key) bool) []store.Record {
	var found []store.Record
	for _, key := range slices.Sorted(maps.Keys(r.records)) {
		if by(key) {
			found = append(found, r.records[key])
		}
	}
	return found
}

func (r *referenceReader) List(collection store.Key, page store.Page) ([]store.Record, error) {
	if err := store.CheckAncestor(collection); err != nil {
		return nil, err
	}
	if err := page.Check(); err != nil {
		return nil, err
	}
	found := r.selected(func(k store.Key) bool { return k.Collection() == collection && k.Name() > page.After })
	found = found[min(page.Skip, len(found)):]
	return found[:min(page.Limit, len(found))], nil
}

func (r *referenceReader) Count(collection store.Key) (int, error) {
	if err := store.CheckAncestor(collection); err != nil {
		return 0, err
	}
	return len(r.selected(func(k store.Key) bool { return k.Collection() == collection })), nil
}

func (r *referenceReader) Tree(key store.Key) iter.Seq2[store.Record, error] {
	return func(yield func(store.Record, error) bool) {
		if err := store.CheckAncestor(key); err != nil {
			yield(store.Record{}, err)
			return
		}
		for _, found := range r.selected(func(k store.Key) bool { return k.Within(key) }) {
			if !yield(found, nil) {
				return
			}
		}
	}
}

func (r *referenceReader) Changes(after store.Revision, limit int) ([]store.Change, error) {
	if err := store.CheckLimit(limit); err != nil {
		return nil, err
	}
	if after > r.Revision() {
		return nil, store.ErrFutureRevision
	}
	found := r.changes[after:]
	return found[:min(limit, len(found))], nil
}

func (r *referenceReader) History(key store.Key, before store.Revision, limit int) ([]store.Version, error) {
	if err := key.Check(); err != nil {
		return nil, err
	}
	if err := store.CheckLimit(limit); err != nil {
		return nil, err
	}
	var found []store.Version
	for _, change := range slices.Backward(r.changes) {
		for _, v := range change.Versions {
			if v.Key == key && (before == 0 || v.Revision < before) && len(found) < limit {
				found = append(found, v)
			}
		}
	}
	return found, nil
}

func (r *referenceReader) AuditLog(after int64, limit int) ([]store.AuditEntry, error) {
	if err := store.CheckLimit(limit); err != nil {
		return nil, err
	}
	if after < 0 {
		after = max(0, int64(len(r.audit))+after)
	}
	found := r.audit[min(after, int64(len(r.audit))):]
	return found[:min(limit, len(found))], nil
}

// referenceTx writes into a copy of the state.
type referenceTx struct {
	referenceReader
	base    map[store.Key]store.Record
	remade  map[store.Key]bool // Deleted in this update.
	entries []store.AuditEntry
}

func (tx *referenceTx) next() store.Revision { return tx.Revision() + 1 }

func (tx *referenceTx) Put(key store.Key, id string, value []byte) error {
	if err := store.CheckRecord(key, id, value); err != nil {
		return err
	}
	base, wasThere := tx.base[key]
	now, isThere := tx.records[key]
	switch {
	case isThere && wasThere && !tx.remade[key] && bytes.Equal(value, base.Value):
		now = base
	case isThere && bytes.Equal(value, now.Value):
	case isThere:
		now.Value, now.Changed = bytes.Clone(value), tx.next()
	default:
		now = store.Record{Key: key, ID: id, Value: bytes.Clone(value), Created: tx.next(), Changed: tx.next()}
	}
	tx.records[key] = now
	return nil
}

func (tx *referenceTx) Delete(key store.Key) error {
	if _, err := tx.Get(key); err != nil {
		return err
	}
	delete(tx.records, key)
	tx.remade[key] = true
	return nil
}

func (tx *referenceTx) Audit(data []byte) (uint64, error) {
	entry := store.AuditEntry{
		Sequence: uint64(len(tx.audit) + len(tx.entries) + 1), Revision: tx.next(), Data: bytes.Clone(data),
	}
	tx.entries = append(tx.entries, entry)
	return entry.Sequence, nil
}

// versions are what the update changed, in the order of the keys.
func (tx *referenceTx) versions() []store.Version {
	var found []store.Version
	for _, now := range tx.records {
		if now.Changed == tx.next() {
			found = append(found, store.Version{Record: now, Revision: tx.next()})
		}
	}
	for key, was := range tx.base {
		if _, ok := tx.records[key]; !ok {
			was.Value, was.Changed = nil, tx.next()
			found = append(found, store.Version{Record: was, Revision: tx.next(), Deleted: true})
		}
	}
	slices.SortFunc(found, func(a, b store.Version) int { return strings.Compare(string(a.Key), string(b.Key)) })
	return found
}
