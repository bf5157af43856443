package backup

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/store"
)

// damaged are archives that were changed: so many flips of a byte, and cuts.
func damaged(data []byte, flips, cuts int) [][]byte {
	random := rand.New(rand.NewPCG(38, 1))
	all := make([][]byte, 0, flips+cuts)
	for range flips {
		d := bytes.Clone(data)
		d[random.IntN(len(d))] ^= byte(1 + random.IntN(255))
		all = append(all, d)
	}
	for range cuts {
		all = append(all, data[:random.IntN(len(data))])
	}
	return all
}

// TestR38_Damage flips bytes of archives and cuts them off: each is found, and
// restoring one changes nothing.
func TestR38_Damage(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 300, 1)
	w.countFor(t, 0, 600, 1)
	w.counters.readings = quotas(20)
	key, keys := backupKey(t)
	w.counters.readings = nil
	c := w.chain(t, key, 2, 3)
	to := newWorld(t, databases[1].fresh(t))
	to.fill(t, 0, 20, 9)
	to.countFor(t, 0, 20, 9)
	before, _ := to.digestOf(t)
	revision := revisionOf(t, to.store)
	flips, cuts := size(200, 1000), size(20, 100)
	found, tried, unchanged := 0, 0, true
	for which, data := range [][]byte{c.base, c.changes[1]} {
		for _, d := range damaged(data, flips/2, cuts/2) {
			a := held(keys, d, c.changes...)
			if which == 1 {
				a = held(keys, c.base, c.changes[0], d)
			}
			tried++
			if _, err := Verify(t.Context(), a, VerifyOptions{Clock: w.clock}); err != nil {
				found++
			}
			if _, err := Restore(t.Context(), a, to.target(), RestoreOptions{By: somebody}); err == nil || revisionOf(t, to.store) != revision {
				unchanged = false
			}
		}
	}
	_, other := backupKey(t)
	if _, err := Verify(t.Context(), held(other, c.base), VerifyOptions{Clock: w.clock}); err == nil {
		t.Error("another key opens it")
	}
	if _, err := Restore(t.Context(), held(other, c.base), to.target(), RestoreOptions{By: somebody}); err == nil {
		t.Error("another key restores it")
	}
	after, _ := to.digestOf(t)
	if found != tried || !unchanged || after != before {
		t.Errorf("%d of %d found, the store unchanged: %v", found, tried, unchanged && after == before)
	}
	fmt.Printf("R38: %d of %d damaged archives found (limit all), and the wrong key; restoring them changed nothing\n", found, tried)
}

func revisionOf(t *testing.T, st store.Store) (revision store.Revision) {
	t.Helper()
	if err := st.View(context.Background(), func(r store.Reader) error {
		revision = r.Revision()
		return nil
	}); err != nil {
		t.Error(err)
	}
	return revision
}

// TestR38_Damage_NegativeControl changes what is archived before anything
// authenticates it: then nothing is found.
func TestR38_Damage_NegativeControl(t *testing.T) {
	key, keys := backupKey(t)
	value := bytes.Repeat([]byte("value "), 20)
	found := 0
	for _, d := range damaged(value, 50, 50) {
		var b bytes.Buffer
		aw, err := archive.NewWriter(&b, archive.Header{Kind: archive.Base, Revision: 1, Created: noon}, key)
		if err != nil {
			t.Fatal(err)
		}
		if err := aw.Write(archive.Record{Key: "a", ID: "/a", Value: d, Created: 1, Changed: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := aw.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(t.Context(), held(keys, b.Bytes()), VerifyOptions{Clock: newWorld(t, databases[0].fresh(t)).clock}); err != nil {
			found++
		}
	}
	fmt.Printf("R38: of 100 changes that nothing authenticates %d are found (limit 0)\n", found)
	if found > 0 {
		t.Error("the control shows nothing")
	}
}
