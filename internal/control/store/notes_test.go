package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

// TestMemoryNotes fills a notebook: one more is refused until the time of the
// others has come.
func TestMemoryNotes(t *testing.T) {
	c := clock.NewFake(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC))
	n := &store.MemoryNotes{Clock: c}
	put := func(key string) error {
		return n.PutNote(t.Context(), store.KeyOf(key), []byte("v"), time.Minute)
	}
	for i := range store.MaxNotes {
		if err := put(fmt.Sprintf("n/%05d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := put("another"); !errors.Is(err, store.ErrNotesFull) {
		t.Errorf("a note too many: %v", err)
	}
	if err := put("n/00000"); err != nil {
		t.Errorf("a note that is replaced: %v", err)
	}
	c.Advance(30 * time.Second)
	found, err := n.Notes(t.Context(), "n/00001", 1)
	if err != nil || len(found) != 1 || found[0].Age != 30*time.Second {
		t.Errorf("%+v, %v", found, err)
	}
	c.Advance(time.Minute)
	if err := put("another"); err != nil {
		t.Errorf("a note after the others: %v", err)
	}
	if found, err = n.Notes(t.Context(), "", store.MaxListLimit); err != nil || len(found) != 1 {
		t.Errorf("%d notes are left (%v)", len(found), err)
	}
}
