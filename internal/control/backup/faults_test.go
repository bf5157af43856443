package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
)

// forgetful is a store that loses some of what is put, or of what is posted.
type forgetful struct {
	store.Store
	put, posted int // Which one is lost; 0 is none.
}

func (s forgetful) Update(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	return s.Store.Update(ctx, func(tx store.Tx) error {
		return f(&forgetfulTx{Tx: tx, AccountReader: tx.(store.AccountReader), of: s})
	})
}

type forgetfulTx struct {
	store.Tx
	store.AccountReader
	of         forgetful
	puts, sets int
}

func (t *forgetfulTx) Put(key store.Key, id string, value []byte) error {
	if t.puts++; t.puts == t.of.put {
		return nil
	}
	return t.Tx.Put(key, id, value)
}

// Posting implements store.Poster.
func (t *forgetfulTx) Posting() (store.LedgerTx, error) {
	l, err := t.Tx.(store.Poster).Posting()
	return forgetfulLedger{l, t}, err
}

type forgetfulLedger struct {
	store.LedgerTx
	tx *forgetfulTx
}

func (l forgetfulLedger) Set(accounts []store.Account) error {
	for _, a := range accounts {
		if l.tx.sets++; l.tx.sets == l.tx.of.posted {
			continue
		}
		if err := l.LedgerTx.Set([]store.Account{a}); err != nil {
			return err
		}
	}
	return nil
}

// TestRestoreComparesBeforeItCommits restores to a store that loses a record, or an
// account of usage: nothing is changed.
func TestRestoreComparesBeforeItCommits(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 20, 1)
	w.countFor(t, 0, 20, 1)
	key, keys := backupKey(t)
	base, _ := w.taken(t, key)
	for _, d := range databases {
		for _, loses := range []forgetful{{put: 7}, {posted: 7}} {
			to := newWorld(t, d.fresh(t))
			to.countFor(t, 10, 30, 2)
			before, _ := to.digestOf(t)
			target := to.target()
			loses.Store = to.store
			target.Store = loses
			if _, err := Restore(t.Context(), held(keys, base), target, RestoreOptions{By: somebody}); !errors.Is(err, ErrContent) {
				t.Errorf("%s: %v", d.name, err)
			}
			if after, _ := to.digestOf(t); after != before || len(to.counters.readings) != 0 {
				t.Errorf("%s: something was changed", d.name)
			}
		}
	}
}

// TestRestoreEndsInTheMiddle ends a restore by its context, and by archives that
// are others when they are read again: nothing is changed.
func TestRestoreEndsInTheMiddle(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 3000, 1)
	key, keys := backupKey(t)
	base, _ := w.taken(t, key)
	w.fill(t, 0, 1, 2)
	other, _ := w.taken(t, key)
	to := newWorld(t, databases[1].fresh(t))
	before, _ := to.digestOf(t)
	ctx, cancel := context.WithCancel(t.Context())
	options := RestoreOptions{By: somebody, Progress: func(p Progress) {
		if p.Phase == PhaseWriting {
			cancel()
		}
	}}
	if _, err := Restore(ctx, held(keys, base), to.target(), options); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: %v", err)
	}
	opened := 0
	changing := held(keys, base)
	changing.Base = func(context.Context) (io.ReadCloser, error) {
		if opened++; opened > 1 {
			return io.NopCloser(bytes.NewReader(other)), nil
		}
		return io.NopCloser(bytes.NewReader(base)), nil
	}
	if _, err := Restore(t.Context(), changing, to.target(), RestoreOptions{By: somebody}); !errors.Is(err, ErrSequence) {
		t.Errorf("another archive the second time: %v", err)
	}
	if after, _ := to.digestOf(t); after != before {
		t.Error("something was changed")
	}
}

// TestWrongTargetKey refuses a key that is not the target's.
func TestWrongTargetKey(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	key, keys := backupKey(t)
	base, _ := w.taken(t, key)
	target := w.target()
	target.Key = keyOf(t, t.TempDir(), "another")
	revision := revisionOf(t, w.store)
	for _, dry := range []bool{true, false} {
		_, err := Restore(t.Context(), held(keys, base), target, RestoreOptions{By: somebody, DryRun: dry})
		if err == nil || !strings.Contains(err.Error(), "is encrypted by the key-encryption key "+w.key.Name()) {
			t.Errorf("dry %v: %v", dry, err)
		}
	}
	if revisionOf(t, w.store) != revision {
		t.Error("something was changed")
	}
	for _, bad := range []Target{{}, {Store: w.store}, {Store: w.store, Folder: "x", Key: w.key, Clock: w.clock}} {
		if _, err := Restore(t.Context(), held(keys, base), bad, RestoreOptions{By: somebody}); err == nil {
			t.Errorf("the target %+v was taken", bad)
		}
	}
}

// TestAuditLogContinues restores a newer backup to an older copy of the same
// store: the log goes on where it was.
func TestAuditLogContinues(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 10, 1)
	key, keys := backupKey(t)
	older, _ := w.taken(t, key)
	w.fill(t, 5, 15, 2)
	newer, summary := w.taken(t, key)
	to := &world{store: databases[1].fresh(t), key: w.key, clock: w.clock, counters: &keeper{}}
	for i, base := range [][]byte{older, newer} {
		report, err := Restore(t.Context(), held(keys, base), to.target(), RestoreOptions{By: somebody})
		if err != nil {
			t.Fatal(err)
		}
		// The entry of the first restore is none of the newer backup's.
		if kept := i == 1; report.AuditKept != kept {
			t.Errorf("restore %d: the target's log was kept: %v", i, report.AuditKept)
		}
	}
	auditWhole(t, to.store)
	// A copy without that entry is continued.
	same := &world{store: databases[1].fresh(t), key: w.key, clock: w.clock, counters: &keeper{}}
	copyLog(t, w.store, same.store, 3)
	report, err := Restore(t.Context(), held(keys, newer), same.target(), RestoreOptions{By: somebody})
	if err != nil {
		t.Fatal(err)
	}
	if entries := auditWhole(t, same.store); report.AuditKept || entries != summary.Trailer.Counts.AuditEntries+1 {
		t.Errorf("the log has %d entries of %d and one: %+v", entries, summary.Trailer.Counts.AuditEntries, report.AuditKept)
	}
}

// copyLog copies the first entries of a log.
func copyLog(t *testing.T, from, to store.Store, n int) {
	t.Helper()
	var entries []store.AuditEntry
	if err := from.View(t.Context(), func(r store.Reader) (err error) {
		entries, err = r.AuditLog(0, n)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Update(t.Context(), func(tx store.Tx) error {
		for _, e := range entries {
			if _, err := tx.Audit(e.Data); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestBrokenAuditLog backs up a log that somebody has changed: it is restored as
// it was, and said where it is broken.
func TestBrokenAuditLog(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 10, 1)
	if _, err := w.store.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Audit([]byte(`{"sequence":99}`))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	key, keys := backupKey(t)
	base, summary := w.taken(t, key)
	verified, err := Verify(t.Context(), held(keys, base), VerifyOptions{Clock: w.clock})
	// After it came the entry of the lineage, which taking the backup made.
	if want := summary.Trailer.Counts.AuditEntries - 1; err != nil || verified.AuditBroken != want {
		t.Errorf("verified: broken at %d of %d, %v", verified.AuditBroken, want, err)
	}
	to := &world{store: databases[0].fresh(t), key: w.key, clock: w.clock, counters: &keeper{}}
	restored, err := Restore(t.Context(), held(keys, base), to.target(), RestoreOptions{By: somebody})
	if err != nil || restored.AuditBroken != verified.AuditBroken {
		t.Errorf("restored: %+v, %v", restored.AuditBroken, err)
	}
	var broken *audit.BreakError
	err = to.store.View(t.Context(), func(r store.Reader) error {
		_, err := audit.Verify(t.Context(), r)
		return err
	})
	if !errors.As(err, &broken) || broken.Sequence != verified.AuditBroken {
		t.Errorf("the restored log: %v", err)
	}
}

// TestTextThatLooksSealed backs up what a caller wrote to look like a secret: it
// is no reason to distrust the backup.
func TestTextThatLooksSealed(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 10, 1)
	decoy, id := nameOf(99)
	w.update(t, func(tx store.Tx) error {
		return tx.Put(decoy, id, []byte(`{"properties":{"displayName":"sealed:v1:0123456789abcdef:AAAA"}}`))
	})
	key, keys := backupKey(t)
	base, summary := w.taken(t, key)
	if len(summary.Unopened) != 1 || summary.Unopened[0] != decoy || summary.Trailer.Secrets != 2 {
		t.Errorf("the summary: %+v", summary)
	}
	if report, err := Verify(t.Context(), held(keys, base), VerifyOptions{Clock: w.clock}); err != nil || report.Secrets != 2 {
		t.Errorf("%d secrets, %v", report.Secrets, err)
	}
}

// TestLostDataKey verifies a backup that lacks the data key of its secrets: it
// is found out.
func TestLostDataKey(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 10, 1)
	key, keys := backupKey(t)
	var b bytes.Buffer
	if err := w.store.View(t.Context(), func(r store.Reader) error {
		aw, err := archive.NewWriter(&b, archive.Header{Kind: archive.Base, Revision: r.Revision(), Created: noon}, key)
		if err != nil {
			return err
		}
		for record, err := range r.Tree("subscriptions") {
			if err != nil {
				return err
			}
			if err := aw.Write(archive.Record(record)); err != nil {
				return err
			}
		}
		aw.NoteSecrets(2)
		_, err = aw.Close()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(t.Context(), held(keys, b.Bytes()), VerifyOptions{Clock: w.clock}); !errors.Is(err, ErrContent) {
		t.Errorf("verifying: %v", err)
	}
	to := newWorld(t, databases[0].fresh(t))
	if _, err := Restore(t.Context(), held(keys, b.Bytes()), to.target(), RestoreOptions{By: somebody}); !errors.Is(err, ErrContent) {
		t.Errorf("restoring: %v", err)
	}
}

// TestRecordsThatAreKeptApart refuses archives with records that no backup has.
func TestRecordsThatAreKeptApart(t *testing.T) {
	key, keys := backupKey(t)
	w := newWorld(t, databases[0].fresh(t))
	for _, apart := range []store.Key{"sallyport/lineage", secret.DataKeys().Child("0011223344556677")} {
		var b bytes.Buffer
		aw, err := archive.NewWriter(&b, archive.Header{Kind: archive.Base, Revision: 1, Created: noon}, key)
		if err != nil {
			t.Fatal(err)
		}
		if err := aw.Write(archive.Record{Key: apart, ID: "/x", Value: []byte("{}"), Created: 1, Changed: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := aw.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), held(keys, b.Bytes()), w.target(), RestoreOptions{By: somebody}); !errors.Is(err, archive.ErrDamaged) {
			t.Errorf("%s: %v", apart, err)
		}
	}
}
