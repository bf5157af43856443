package lineage_test

import (
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/lineage"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

var now = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)

func TestLineage(t *testing.T) {
	st := memory.New()
	of := func() string {
		t.Helper()
		id, err := lineage.Of(t.Context(), st, now)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if err := st.View(t.Context(), func(r store.Reader) error {
		_, err := lineage.In(r)
		if !lineage.Missing(err) {
			t.Errorf("an empty store: %v", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	first := of()
	if len(first) != 32 || of() != first {
		t.Errorf("the lineage is %q, then %q", first, of())
	}
	var second string
	if _, err := st.Update(t.Context(), func(tx store.Tx) (err error) {
		second, err = lineage.Renew(tx, now)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if second == first || of() != second {
		t.Errorf("%q was renewed to %q, and is %q", first, second, of())
	}
	if err := st.View(t.Context(), func(r store.Reader) error {
		entries, err := audit.Verify(t.Context(), r)
		if err != nil || entries != 2 {
			t.Errorf("the audit log has %d entries: %v", entries, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedRecord(t *testing.T) {
	st := memory.New()
	if _, err := st.Update(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Audit(nil); err != nil {
			return err
		}
		return tx.Put(lineage.Key, string(lineage.Key), []byte(`{"id":""}`))
	}); err != nil {
		t.Fatal(err)
	}
	if id, err := lineage.Of(t.Context(), st, now); err == nil {
		t.Errorf("the lineage is %q", id)
	}
}
