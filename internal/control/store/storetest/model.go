package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sallyport/sallyport/internal/control/store"
)

const (
	// modelRuns is how many stores the model test fills, which is how often
	// rapid checks a property unless a flag says otherwise.
	modelRuns = 100
	// modelSteps is the number of steps on each.
	modelSteps = 100
)

// step is one update, then one read.
type step struct {
	Writes  []modelWrite
	Fail    bool // The function of the update returns an error.
	Audited bool
	Read    modelRead
}

// modelWrite puts, or deletes where it says so.
type modelWrite struct {
	ID     string
	Value  string
	Delete bool
}

// modelRead is a read of each kind.
type modelRead struct {
	Back   int // Revisions before the latest; below 0 in the future.
	Key    store.Key
	Page   store.Page
	After  store.Revision
	Before store.Revision
	Entry  int64
	Limit  int
}

// The names are such that their order, and what lies within what, is easily
// got wrong.
func ids() *rapid.Generator[string] {
	segment := rapid.SampledFrom([]string{"a", "A", "a-b", "a.b", "ab", "B", "é", "%"})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(segment, 1, 4).Draw(t, "segments"), "/")
	})
}

func steps() *rapid.Generator[[]step] {
	write := rapid.Custom(func(t *rapid.T) modelWrite {
		return modelWrite{
			ID:     ids().Draw(t, "id"),
			Value:  rapid.SampledFrom([]string{"", "1", "2", "\x00", "ü"}).Draw(t, "value"),
			Delete: rapid.IntRange(0, 3).Draw(t, "delete") == 0,
		}
	})
	one := rapid.Custom(func(t *rapid.T) step {
		return step{
			Writes:  rapid.SliceOfN(write, 0, 6).Draw(t, "writes"),
			Fail:    rapid.IntRange(0, 9).Draw(t, "fail") == 0,
			Audited: rapid.IntRange(0, 9).Draw(t, "audited") > 0,
			Read:    reads().Draw(t, "read"),
		}
	})
	return rapid.SliceOfN(one, modelSteps, modelSteps)
}

func reads() *rapid.Generator[modelRead] {
	return rapid.Custom(func(t *rapid.T) modelRead {
		return modelRead{
			Back: rapid.IntRange(-1, 20).Draw(t, "back"),
			Key:  store.KeyOf(rapid.OneOf(ids(), rapid.Just("")).Draw(t, "key")),
			Page: store.Page{
				After: rapid.SampledFrom([]string{"", "", "a", "a-", "b", "é"}).Draw(t, "after name"),
				Skip:  rapid.IntRange(-1, 3).Draw(t, "skip"),
				Limit: rapid.IntRange(0, 10).Draw(t, "page limit"),
			},
			After:  store.Revision(rapid.IntRange(0, 60).Draw(t, "after")),
			Before: store.Revision(rapid.IntRange(0, 60).Draw(t, "before")),
			Entry:  rapid.Int64Range(-20, 60).Draw(t, "entry"),
			Limit:  rapid.IntRange(0, 10).Draw(t, "limit"),
		}
	})
}

// testModel makes the same random steps on stores and on the reference.
func (s *suite) testModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		if err := s.agrees(t, steps().Draw(rt, "steps")); err != nil {
			rt.Fatal(err)
		}
	})
}

// modelRejects says whether the model test finds out a store that is wrong.
func (s *suite) modelRejects(t *testing.T) bool {
	for seed := range modelRuns {
		if err := s.agrees(t, steps().Example(seed)); err != nil {
			t.Logf("as expected: the model test: %v", err)
			return true
		}
	}
	return false
}

// agrees makes the steps on a new store and on the reference, and says where
// they part.
func (s *suite) agrees(t *testing.T, program []step) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	st, m := s.open(t), newReference()
	defer func() {
		if closing := st.Close(); err == nil && closing != nil {
			err = closing
		}
	}()
	for i, step := range program {
		if err := step.run(ctx, st, m); err != nil {
			return fmt.Errorf("step %d (%+v): %w", i+1, step, err)
		}
	}
	for revision := range m.latest() + 1 {
		if err := agreesAt(ctx, st, m, revision, modelRead{Page: all(), Limit: store.MaxListLimit}); err != nil {
			return fmt.Errorf("at the end: %w", err)
		}
	}
	return nil
}

func (st step) run(ctx context.Context, s store.Store, m *reference) error {
	var got, want []string
	gotRevision, gotErr := s.Update(ctx, func(tx store.Tx) error { return st.update(tx, &got) })
	wantRevision, wantErr := m.update(func(tx store.Tx) error { return st.update(tx, &want) })
	if err := differs("the update", strings.Join(got, "\n"), strings.Join(want, "\n")); err != nil {
		return err
	}
	if err := differs("the update's end", kind(gotErr), kind(wantErr)); err != nil {
		return err
	}
	if wantErr == nil && gotRevision != wantRevision {
		return fmt.Errorf("the update returned the revision %d, want %d", gotRevision, wantRevision)
	}
	if st.Read.Back < 0 {
		err := s.ViewAt(ctx, m.latest()+1, func(store.Reader) error { return nil })
		return differs("reading the future", kind(err), "future")
	}
	at := m.latest() - min(m.latest(), store.Revision(st.Read.Back))
	return agreesAt(ctx, s, m, at, st.Read)
}

// update is the function of the update; it notes what it was told.
func (st step) update(tx store.Tx, told *[]string) error {
	*told = (*told)[:0]
	for _, w := range st.Writes {
		key := store.KeyOf(w.ID)
		if w.Delete {
			*told = append(*told, "Delete "+kind(tx.Delete(key)))
		} else {
			*told = append(*told, "Put "+kind(tx.Put(key, w.ID, []byte(w.Value))))
		}
	}
	if st.Audited {
		sequence, err := tx.Audit([]byte(strconv.Itoa(len(st.Writes))))
		*told = append(*told, fmt.Sprintf("Audit %d %s", sequence, kind(err)))
	}
	*told = append(*told, st.Read.tell(tx))
	if st.Fail {
		return errMine
	}
	return nil
}

// agreesAt reads at a revision.
func agreesAt(ctx context.Context, s store.Store, m *reference, at store.Revision, read modelRead) error {
	want, got := read.tell(m.at(at)), ""
	f := func(r store.Reader) error { got = read.tell(r); return nil }
	if err := s.ViewAt(ctx, at, f); err != nil {
		return fmt.Errorf("reading at revision %d: %w", at, err)
	}
	if err := differs(fmt.Sprintf("reading at revision %d", at), got, want); err != nil || at != m.latest() {
		return err
	}
	if err := s.View(ctx, f); err != nil {
		return fmt.Errorf("reading the latest revision: %w", err)
	}
	return differs("reading the latest revision", got, want)
}

// tell is all that a reader answers, as text.
func (m modelRead) tell(r store.Reader) string {
	var b strings.Builder
	fmt.Fprintf(&b, "revision %d\n", r.Revision())
	one, err := r.Get(m.Key)
	fmt.Fprintf(&b, "get %s %s\n", kind(err), spell(one))
	records, err := r.List(m.Key, m.Page)
	fmt.Fprintf(&b, "list %s\n", kind(err))
	for _, one := range records {
		fmt.Fprintf(&b, "  %s\n", spell(one))
	}
	n, err := r.Count(m.Key)
	fmt.Fprintf(&b, "count %s %d\ntree\n", kind(err), n)
	for one, err := range r.Tree(m.Key) {
		fmt.Fprintf(&b, "  %s %s\n", kind(err), spell(one))
	}
	changes, err := r.Changes(m.After, m.Limit)
	fmt.Fprintf(&b, "changes %s\n", kind(err))
	for _, change := range changes {
		fmt.Fprintf(&b, "  %d\n", change.Revision)
		for _, v := range change.Versions {
			fmt.Fprintf(&b, "    %s\n", spellVersion(v))
		}
	}
	history, err := r.History(m.Key, m.Before, m.Limit)
	fmt.Fprintf(&b, "history %s\n", kind(err))
	for _, v := range history {
		fmt.Fprintf(&b, "  %s\n", spellVersion(v))
	}
	entries, err := r.AuditLog(m.Entry, m.Limit)
	fmt.Fprintf(&b, "audit %s\n", kind(err))
	for _, e := range entries {
		fmt.Fprintf(&b, "  %d %d %q\n", e.Sequence, e.Revision, e.Data)
	}
	return b.String()
}

func spell(r store.Record) string {
	return fmt.Sprintf("%q %q %q %d %d", r.Key, r.ID, r.Value, r.Created, r.Changed)
}

// spellVersion leaves out what the contract does not say of a deleted record.
func spellVersion(v store.Version) string {
	if v.Deleted {
		return fmt.Sprintf("%d deleted %q %q %q", v.Revision, v.Key, v.ID, v.Value)
	}
	return fmt.Sprintf("%d %s", v.Revision, spell(v.Record))
}

// kind is the error that the contract names, as text.
func kind(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, store.ErrNotFound):
		return "not found"
	case errors.Is(err, store.ErrInvalid):
		return "invalid"
	case errors.Is(err, store.ErrFutureRevision):
		return "future"
	case errors.Is(err, store.ErrUnaudited):
		return "unaudited"
	case errors.Is(err, errMine):
		return "mine"
	}
	return err.Error()
}

func differs(what, got, want string) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%s told\n%s\nwant\n%s", what, got, want)
}
