package backup

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/store"
)

// chain is a base, changes after it, and what every revision looked like.
type chain struct {
	base    []byte
	changes [][]byte
	states  map[store.Revision]archive.Digests
	times   map[store.Revision]time.Time
	first   store.Revision
	last    store.Revision
}

func (w *world) chain(t *testing.T, key *archive.Key, archives, revisions int) chain {
	t.Helper()
	base, summary := w.taken(t, key)
	c := chain{base: base, states: map[store.Revision]archive.Digests{}, times: map[store.Revision]time.Time{}, first: summary.Header.Revision}
	note := func() {
		var digests archive.Digests
		digests, _ = w.digestOf(t)
		c.states[c.last], c.times[c.last] = digests, w.clock.Now()
	}
	c.last = c.first
	note()
	position, n := summary.Position, 0
	for range archives {
		for range revisions {
			n++
			c.last = w.update(t, func(tx store.Tx) error {
				key, id := nameOf(n * 7 % 50)
				if n%4 == 0 {
					if err := tx.Delete(key); err == nil {
						return nil
					}
				}
				return tx.Put(key, id, w.bodyOf(t, key, n*5, n))
			})
			note()
		}
		var b bytes.Buffer
		s, err := TakeChanges(t.Context(), w.source(), position, &b, TakeOptions{Key: key})
		if err != nil {
			t.Fatal(err)
		}
		position = s.Position
		c.changes = append(c.changes, b.Bytes())
	}
	if _, err := TakeChanges(t.Context(), w.source(), position, &bytes.Buffer{}, TakeOptions{Key: key}); !errors.Is(err, ErrNoChanges) {
		t.Errorf("nothing was changed: %v", err)
	}
	return c
}

// TestPointInTime restores every revision of a chain, by number and by time.
func TestPointInTime(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 30, 1)
	key, keys := backupKey(t)
	w.counters = nil
	c := w.chainWithoutCounters(t, key)
	for revision := c.first; revision <= c.last; revision++ {
		for _, until := range []Point{{Revision: revision}, {Time: c.times[revision].Add(time.Millisecond)}} {
			a := held(keys, c.base, c.changes...)
			a.Until = until
			to := &world{store: databases[0].fresh(t), key: w.key, clock: w.clock, counters: &keeper{}}
			dry, err := Restore(t.Context(), a, to.target(), RestoreOptions{DryRun: true, By: somebody})
			if err != nil || (dry.Records != dry.Made.Count && dry.Records != 0) || (dry.Digest == "") != (dry.Records == 0) {
				t.Errorf("%+v: a dry run: %d records, %d made, digest %q, %v", until, dry.Records, dry.Made.Count, dry.Digest, err)
			}
			report, err := Restore(t.Context(), a, to.target(), RestoreOptions{By: somebody})
			if err != nil {
				t.Fatalf("%+v: %v", until, err)
			}
			to.open(t)
			if got, _ := to.digestOf(t); got.Records != c.states[revision].Records || report.Revision != revision {
				t.Errorf("%+v: revision %d, got %+v; want %+v", until, report.Revision, got, c.states[revision])
			}
			auditWhole(t, to.store)
			verified, err := Verify(t.Context(), a, VerifyOptions{Clock: w.clock})
			if err != nil || verified.Digest != report.Digest {
				t.Errorf("%+v: verified %s, restored %s: %v", until, verified.Digest, report.Digest, err)
			}
		}
	}
}

func (w *world) chainWithoutCounters(t *testing.T, key *archive.Key) chain {
	t.Helper()
	w.counters = &keeper{}
	return w.chain(t, key, 4, 5)
}

// TestSequenceIsHeld refuses archives that do not belong together, and changes
// nothing.
func TestSequenceIsHeld(t *testing.T) {
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 30, 1)
	key, keys := backupKey(t)
	c := w.chainWithoutCounters(t, key)
	other := newWorld(t, databases[0].fresh(t))
	other.fill(t, 0, 30, 1)
	foreign := other.chainWithoutCounters(t, key)
	tests := []struct {
		name  string
		from  Archives
		until Point
		want  error
	}{
		{"one is missing", held(keys, c.base, c.changes[0], c.changes[2]), Point{}, ErrSequence},
		{"the first is missing", held(keys, c.base, c.changes[1]), Point{}, ErrSequence},
		{"of another store", held(keys, c.base, foreign.changes[0]), Point{}, ErrSequence},
		{"a base in place of changes", held(keys, c.base, c.base), Point{}, ErrSequence},
		{"changes in place of the base", held(keys, c.changes[0]), Point{}, ErrSequence},
		{"a revision before the base", held(keys, c.base), Point{Revision: c.first - 1}, ErrTooEarly},
		{"a time before the base", held(keys, c.base), Point{Time: noon.Add(-time.Hour)}, ErrTooEarly},
		{"a revision after the end", held(keys, c.base, c.changes...), Point{Revision: c.last + 1}, ErrNotReached},
		{"one twice", held(keys, c.base, c.changes[0], c.changes[0], c.changes[1]), Point{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to := newWorld(t, databases[0].fresh(t))
			tt.from.Until = tt.until
			before, _ := to.digestOf(t)
			_, err := Restore(t.Context(), tt.from, to.target(), RestoreOptions{By: somebody})
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v; want %v", err, tt.want)
			}
			if after, _ := to.digestOf(t); tt.want != nil && after != before {
				t.Error("something was changed")
			}
		})
	}
	if _, err := TakeChanges(t.Context(), other.source(), Position{Lineage: "x"}, &bytes.Buffer{}, TakeOptions{Key: key}); !errors.Is(err, ErrSequence) {
		t.Errorf("changes of another lineage: %v", err)
	}
}
