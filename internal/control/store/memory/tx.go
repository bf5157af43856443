package memory

import (
	"bytes"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/sallyport/sallyport/internal/control/store"
)

// tx is an update that runs: the state before it, and trees with its writes.
type tx struct {
	state // Its trees are those of the update, the rest is from before.
	base  *state
	// touched are the records that were written, remade those of them that were
	// deleted, so that they are made anew when they are put again.
	touched, remade map[store.Key]bool
	entries         []store.AuditEntry
	ledger          *store.MemoryLedger
	posting         *store.MemoryPosting // nil where the update posts nothing.
}

func newTx(base *state, ledger *store.MemoryLedger) *tx {
	return &tx{state: *base, base: base, ledger: ledger, touched: map[store.Key]bool{}, remade: map[store.Key]bool{}}
}

func (t *tx) next() store.Revision { return t.base.revision + 1 }

// Tree implements store.Reader: it walks what was written until the walk began.
func (t *tx) Tree(key store.Key) iter.Seq2[store.Record, error] {
	return walk(func() tree[store.Record] { return t.records }, key)
}

// Put implements store.Tx.
func (t *tx) Put(key store.Key, id string, value []byte) error {
	if err := store.CheckRecord(key, id, value); err != nil {
		return err
	}
	now, isThere := t.records.get(string(key))
	base, wasThere := t.base.records.get(string(key))
	switch {
	case isThere && wasThere && !t.remade[key] && bytes.Equal(value, base.Value):
		now = base // As it was, perhaps again.
	case isThere && bytes.Equal(value, now.Value):
		return nil
	case isThere:
		now.Value, now.Changed = bytes.Clone(value), t.next()
	default:
		now = store.Record{Key: key, ID: id, Value: bytes.Clone(value), Created: t.next(), Changed: t.next()}
	}
	t.touched[key] = true
	t.records = t.records.with(string(key), now)
	t.members = t.members.with(member(key), now)
	return nil
}

// Delete implements store.Tx.
func (t *tx) Delete(key store.Key) error {
	if _, err := t.Get(key); err != nil {
		return err
	}
	t.touched[key], t.remade[key] = true, true
	t.records = t.records.without(string(key))
	t.members = t.members.without(member(key))
	return nil
}

// Audit implements store.Tx.
func (t *tx) Audit(data []byte) (uint64, error) {
	if err := store.CheckAudit(data); err != nil {
		return 0, err
	}
	sequence := uint64(len(t.audit) + len(t.entries) + 1)
	t.entries = append(t.entries, store.AuditEntry{Sequence: sequence, Revision: t.next(), Data: bytes.Clone(data)})
	return sequence, nil
}

// finish returns the state that follows; the same as before where nothing was changed.
func (t *tx) finish() (*state, error) {
	versions := t.versions()
	switch {
	case len(t.entries) > 0:
	case len(versions) > 0, t.posting != nil:
		return nil, store.ErrUnaudited
	default:
		return t.base, nil
	}
	after := t.state
	after.revision = t.next()
	after.changes = append(after.changes, store.Change{Revision: after.revision, Versions: versions})
	after.audit = append(after.audit, t.entries...)
	for _, v := range versions {
		earlier, _ := after.pasts.get(string(v.Key))
		after.pasts = after.pasts.with(string(v.Key), &past{Version: v, earlier: earlier})
	}
	return &after, nil
}

// versions are what the update changed, in the order of the keys.
func (t *tx) versions() []store.Version {
	var found []store.Version
	for _, key := range slices.Sorted(maps.Keys(t.touched)) {
		now, err := t.Get(key)
		switch {
		case err == nil && now.Changed == t.next():
			found = append(found, store.Version{Record: now, Revision: t.next()})
		case errors.Is(err, store.ErrNotFound):
			if was, ok := t.base.records.get(string(key)); ok {
				was.Value, was.Changed = nil, t.next()
				found = append(found, store.Version{Record: was, Revision: t.next(), Deleted: true})
			}
		}
	}
	return found
}
