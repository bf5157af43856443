package sqlite

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/store"
)

// tx is an update that runs. It writes at once, into SQLite's transaction; what
// the update changed is known by what it touched.
type tx struct {
	reader
	version int64 // The number of the latest version.
	touched map[store.Key]*touch
	// collections are those that the update knows to have a row.
	collections map[string]bool
	entries     int64
	written     int // Bytes, about.
	posting     *ledgerTx
}

// touch is a record that the update has touched.
type touch struct {
	record int64 // Its row in records; 0 where there is none yet.
	fresh  bool  // The row was made by this update.
	// base is the version before the update, 0 where there was no record.
	base state
	// now is the version as the update has it; its number is 0 where the record
	// is deleted.
	now state
	// own is the number of the version that this update writes, 0 while the
	// record is as it was.
	own int64
	// remade says that the update deleted the record, so that putting it makes
	// it anew.
	remade bool
}

// state is a version without its value.
type state struct {
	version int64
	created store.Revision
	id      string
}

func (t *tx) next() store.Revision { return t.revision + 1 }

// touch finds or begins the touch of a record.
func (t *tx) touch(key store.Key) (*touch, error) {
	if found := t.touched[key]; found != nil {
		return found, nil
	}
	found := &touch{}
	err := t.c.row(touchRecord, []any{string(key)}, &found.record, &found.base.version, &found.base.created, &found.base.id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("reading %s: %w", key, err)
	}
	found.now = found.base
	t.touched[key] = found
	return found, nil
}

// same says whether a version has the value.
func (t *tx) same(version int64, value []byte) (bool, error) {
	if version == 0 {
		return false, nil
	}
	var same bool
	if err := t.c.row(sameValue, []any{version, value}, &same); err != nil {
		return false, fmt.Errorf("comparing a value: %w", err)
	}
	return same, nil
}

// Put implements store.Tx.
func (t *tx) Put(key store.Key, id string, value []byte) error {
	if err := errors.Join(store.CheckRecord(key, id, value), t.ctx.Err()); err != nil {
		return err
	}
	if value == nil {
		value = []byte{} // The driver would write NULL.
	}
	touch, err := t.touch(key)
	if err != nil {
		return err
	}
	if same, err := t.same(touch.now.version, value); same || err != nil {
		return err
	}
	if !touch.remade && touch.now.version != touch.base.version {
		if same, err := t.same(touch.base.version, value); err != nil {
			return err
		} else if same {
			return t.restore(touch)
		}
	}
	if touch.now.version == 0 {
		touch.now = state{created: t.next(), id: id}
		t.counts[key.Collection()]++
	}
	if err := t.write(key, touch, false, value); err != nil {
		return fmt.Errorf("writing %s: %w", key, err)
	}
	return nil
}

// write writes the version of this update, and points the record to it.
func (t *tx) write(key store.Key, touch *touch, deleted bool, value []byte) error {
	if touch.own == 0 {
		t.version++
		touch.own = t.version
	}
	fresh := touch.record == 0
	if fresh {
		if err := t.make(key, touch); err != nil {
			return err
		}
	}
	t.written += len(value)
	_, err := t.c.exec(writeVersion, touch.own, touch.record, int64(t.next()), int64(touch.now.created), deleted, touch.now.id, value)
	if err != nil {
		return err
	}
	touch.now.version = touch.own
	if deleted {
		touch.now.version = 0
	}
	if fresh { // Its row points to the version from the beginning.
		return nil
	}
	_, err = t.c.exec(pointRecord, touch.record, touch.now.version)
	return err
}

// make makes the row of a record that never was, which points to the version of
// this update, and that of its collection where it is the first there.
func (t *tx) make(key store.Key, touch *touch) error {
	collection := string(key.Collection())
	if !t.collections[collection] {
		if _, err := t.c.exec(makeCollection, collection); err != nil {
			return err
		}
		t.collections[collection] = true
	}
	result, err := t.c.exec(makeRecord, string(key), collection, key.Name(), touch.own)
	if err != nil {
		return err
	}
	touch.fresh = true
	touch.record, err = result.LastInsertId()
	return err
}

// restore makes a record as it was before the update.
func (t *tx) restore(touch *touch) error {
	if _, err := t.c.exec(pointRecord, touch.record, touch.base.version); err != nil {
		return fmt.Errorf("restoring a record: %w", err)
	}
	if _, err := t.c.exec(forgetVersion, touch.own); err != nil {
		return fmt.Errorf("restoring a record: %w", err)
	}
	touch.own, touch.now = 0, touch.base
	return nil
}

// Delete implements store.Tx.
func (t *tx) Delete(key store.Key) error {
	if err := errors.Join(key.Check(), t.ctx.Err()); err != nil {
		return err
	}
	touch, err := t.touch(key)
	if err != nil {
		return err
	}
	if touch.now.version == 0 {
		return fmt.Errorf("deleting %s: %w", key, store.ErrNotFound)
	}
	t.counts[key.Collection()]--
	touch.remade = true
	if touch.base.version == 0 {
		err = t.forget(key, touch)
	} else {
		touch.now = touch.base
		err = t.write(key, touch, true, []byte{})
	}
	if err != nil {
		return fmt.Errorf("deleting %s: %w", key, err)
	}
	return nil
}

// forget removes every trace of a record that this update had made.
func (t *tx) forget(key store.Key, touch *touch) error {
	if _, err := t.c.exec(forgetVersion, touch.own); err != nil {
		return err
	}
	delete(t.touched, key)
	if touch.fresh {
		_, err := t.c.exec(forgetRecord, touch.record)
		return err
	}
	_, err := t.c.exec(pointRecord, touch.record, 0)
	return err
}

// Audit implements store.Tx.
func (t *tx) Audit(data []byte) (uint64, error) {
	if err := errors.Join(store.CheckAudit(data), t.ctx.Err()); err != nil {
		return 0, err
	}
	if data == nil {
		data = []byte{} // The driver would write NULL.
	}
	sequence := t.audit + t.entries + 1
	if _, err := t.c.exec(writeAudit, sequence, int64(t.next()), data); err != nil {
		return 0, fmt.Errorf("writing the audit log: %w", err)
	}
	t.entries++
	t.written += len(data)
	return uint64(sequence), nil
}

// Advance implements store.Advancer.
func (t *tx) Advance(to store.Revision) error {
	if len(t.touched) > 0 || t.entries > 0 {
		return fmt.Errorf("passing over revisions after something was written: %w", store.ErrInvalid)
	}
	t.revision = max(t.revision, to)
	return nil
}

// changed says whether any record is not as it was.
func (t *tx) changed() bool {
	for _, touch := range t.touched {
		if touch.own != 0 {
			return true
		}
	}
	return false
}

// finish writes what belongs to the update as a whole, and says whether there
// is anything to commit.
func (t *tx) finish() (bool, error) {
	switch changed := t.changed(); {
	case t.entries > 0:
	case changed, t.posting != nil:
		return false, store.ErrUnaudited
	default:
		return false, nil
	}
	for collection, by := range t.counts {
		if by == 0 {
			continue
		}
		if _, err := t.c.exec(addCount, string(collection), by); err != nil {
			return false, fmt.Errorf("counting %s: %w", collection, err)
		}
	}
	if _, err := t.c.exec(writeState, int64(t.next()), t.audit+t.entries, t.version); err != nil {
		return false, fmt.Errorf("writing the revision: %w", err)
	}
	return true, nil
}
