package backup

import (
	"bytes"
	"errors"
	"fmt"
	"iter"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
)

// writer makes a target what archives hold, in one transaction. It walks the
// target and the base side by side, in the order of the keys, and writes each
// record at most once.
type writer struct {
	plan *plan
	tx   store.Tx
	// target are the target's records, next the one that was not looked at yet.
	target func() (store.Record, error, bool)
	stop   func()
	next   store.Record
	more   bool

	chain *audit.Chain
	// own is the number of entries that the target's log had, last the last of
	// them. continues says that the log of the backup goes on from there.
	own       uint64
	last      []byte
	continues bool
	// posting takes usage, page by page; it is nil where that of the target stays.
	posting store.LedgerTx
	page    []store.Account
}

func newWriter(p *plan, tx store.Tx) (*writer, error) {
	w := &writer{plan: p, tx: tx}
	if err := w.clearUsage(); err != nil {
		return nil, err
	}
	if err := w.checkKeys(); err != nil {
		return nil, err
	}
	entries, err := tx.AuditLog(-1, 1)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		w.own, w.last = e.Sequence, e.Data
	}
	w.continues = w.own == 0
	if w.chain, err = audit.Begin(tx); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *writer) close() {
	if w.stop != nil {
		w.stop()
	}
}

// checkKeys refuses a key that is not the one of the target: the next start
// would need both.
func (w *writer) checkKeys() error {
	records, err := w.tx.List(secret.DataKeys(), store.Page{Limit: secret.MaxDataKeys})
	if err != nil {
		return err
	}
	added := 0
	for id := range w.plan.wrapped {
		if _, err := w.tx.Get(secret.DataKeys().Child(id)); errors.Is(err, store.ErrNotFound) {
			added++
		}
	}
	if len(records)+added > secret.MaxDataKeys {
		return fmt.Errorf("the target would have more than %d data keys", secret.MaxDataKeys)
	}
	for _, r := range records {
		if by := secret.WrappedBy(r); by != w.plan.to.Key.Name() {
			return fmt.Errorf("the target's data key %s is encrypted by the key-encryption key %s, not by the one that is given (%s)",
				r.Key.Name(), by, w.plan.to.Key.Name())
		}
	}
	return nil
}

// dataKey adds a data key. Those of the target stay: its history needs them.
func (w *writer) dataKey(k archive.DataKey) error {
	record := w.plan.wrapped[k.ID]
	if record.Key == "" {
		return fmt.Errorf("the data key %s came from nowhere: %w", k.ID, ErrSequence)
	}
	found, err := w.tx.Get(record.Key)
	if errors.Is(err, store.ErrNotFound) {
		return w.tx.Put(record.Key, record.ID, record.Value)
	}
	if err != nil {
		return err
	}
	there, err := secret.OpenDataKey(w.plan.ctx, w.plan.to.Key, found)
	if err == nil && !bytes.Equal(there.Key, k.Key) {
		err = fmt.Errorf("the target has another data key %s", k.ID)
	}
	return err
}

// advance looks at the next record of the target that is one to restore.
func (w *writer) advance() (err error) {
	if w.target == nil {
		w.target, w.stop = iter.Pull2(w.tx.Tree(""))
	}
	for {
		if w.next, err, w.more = w.target(); err != nil || !w.more || !apart(w.next.Key) {
			return err
		}
	}
}

// record takes the next record of the base.
func (w *writer) record(r store.Record) error {
	if err := w.until(r.Key); err != nil {
		return err
	}
	there := w.more && w.next.Key == r.Key
	was := w.next
	if there {
		if err := w.advance(); err != nil {
			return err
		}
	}
	if _, later := w.plan.contents.final[r.Key]; later {
		return nil
	}
	return w.put(r, was, there)
}

// until deletes the target's records before a key, but those that a later
// revision decides on.
func (w *writer) until(key store.Key) error {
	if w.target == nil {
		if err := w.advance(); err != nil {
			return err
		}
	}
	for w.more && (key == "" || w.next.Key < key) {
		was := w.next
		if err := w.advance(); err != nil {
			return err
		}
		if _, later := w.plan.contents.final[was.Key]; later {
			continue
		}
		if err := w.delete(was); err != nil {
			return err
		}
	}
	return nil
}

// baseRead deletes what comes after the last record of the base.
func (w *writer) baseRead() error { return w.until("") }

// put makes the record of the target the one that is restored. The spelling of
// an id can only be another one where it is made anew.
func (w *writer) put(r, was store.Record, there bool) error {
	report := &w.plan.read.report
	switch {
	case !there:
		report.Made.add(r.ID)
	case was.ID == r.ID && bytes.Equal(was.Value, r.Value):
		return nil
	default:
		report.Changed.add(r.ID)
		if was.ID != r.ID {
			if err := w.tx.Delete(r.Key); err != nil {
				return err
			}
		}
	}
	return w.tx.Put(r.Key, r.ID, r.Value)
}

func (w *writer) delete(was store.Record) error {
	w.plan.read.report.Deleted.add(was.ID)
	return w.tx.Delete(was.Key)
}

// version takes a state after the base, where it is the last one of its record.
func (w *writer) version(v store.Version, revision store.Revision) error {
	if w.plan.contents.final[v.Key] != revision {
		return nil
	}
	was, err := w.tx.Get(v.Key)
	there := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	switch {
	case !v.Deleted:
		return w.put(v.Record, was, there)
	case there:
		return w.delete(was)
	}
	return nil
}

// auditEntry adds an entry where the log of the backup continues the target's.
func (w *writer) auditEntry(e store.AuditEntry) error {
	if e.Sequence == w.own {
		w.continues = bytes.Equal(e.Data, w.last)
	}
	if e.Sequence <= w.own || !w.continues || w.plan.options.DryRun {
		return nil
	}
	broken, err := w.chain.Adopt(e)
	if broken != nil && w.plan.read.report.AuditBroken == 0 {
		w.plan.read.report.AuditBroken = broken.Sequence
	}
	return err
}

// readOnly is a transaction for which nothing is written: for each record it is
// asked what is there once, and told what would be once.
type readOnly struct{ store.Reader }

func (readOnly) Put(store.Key, string, []byte) error { return nil }
func (readOnly) Delete(store.Key) error              { return nil }
func (readOnly) Audit([]byte) (uint64, error)        { return 0, nil }
