package replica_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	"github.com/sallyport/sallyport/internal/control/store/replica"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// revisions is how many the copied store has.
const revisions = 400

// TestR40_RoundTrip copies a store with a history of everything from SQLite to
// PostgreSQL and back.
func TestR40_RoundTrip(t *testing.T) {
	first, middle, last := inFile(t), inDatabase(t), inFile(t)
	live(t, first)
	count(t, first, 0, 2500)
	count(t, middle, 2400, 2600) // Of a copy that was interrupted.
	copied := 0
	for _, pair := range [][2]store.Store{{first, middle}, {middle, last}} {
		if err := replica.Copy(t.Context(), pair[0], pair[1], func(done, total int) {
			copied++
			if total != revisions || done < 1 || done > total {
				t.Errorf("%d of %d are copied", done, total)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	err := replica.Compare(t.Context(), first, last)
	if err != nil {
		t.Error(err)
	}
	fmt.Printf("R40: SQLite → PostgreSQL → SQLite: %s equal %v (true)\n", described(t, last), err == nil)
	if copied != 2*revisions {
		t.Errorf("progress was told %d times, want %d", copied, 2*revisions)
	}
}

// TestR40_RoundTrip_NegativeControl spoils one thing of a copy at a time.
func TestR40_RoundTrip_NegativeControl(t *testing.T) {
	source := memory.New()
	live(t, source)
	for name, f := range map[string]func(n int, s *spoilt){
		"a value":               func(n int, s *spoilt) { s.value = n%50 == 0 },
		"the spelling of an id": func(n int, s *spoilt) { s.id = n > 0 },
		"a record":              func(n int, s *spoilt) { s.record = n%50 == 0 },
		"an audit entry":        func(n int, s *spoilt) { s.audit = n%50 == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			err := replica.Copy(t.Context(), source, &spoiling{Store: memory.New(), spoil: f}, nil)
			if !errors.Is(err, replica.ErrDifferent) && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the copy is taken for good: %v", err)
			}
		})
	}
}

// TestLedgerIsCompared finds an account that only one store has, or has otherwise.
func TestLedgerIsCompared(t *testing.T) {
	one, other := memory.New(), memory.New()
	count(t, one, 0, 1200)
	for _, tt := range []struct {
		first, last int
		equal       bool
	}{{0, 1199, false}, {1199, 1200, true}, {1200, 1201, false}} {
		count(t, other, tt.first, tt.last)
		if err := replica.Compare(t.Context(), one, other); errors.Is(err, replica.ErrDifferent) == tt.equal {
			t.Errorf("up to %d: %v", tt.last, err)
		}
	}
	if err := one.Post(t.Context(), func(tx store.LedgerTx) error {
		return tx.Set([]store.Account{{Key: "usage/1200", Value: []byte("another")}})
	}); err != nil {
		t.Fatal(err)
	}
	if err := replica.Compare(t.Context(), one, other); !errors.Is(err, replica.ErrDifferent) {
		t.Errorf("another value: %v", err)
	}
}

// count sets accounts.
func count(t *testing.T, s store.Store, first, last int) {
	t.Helper()
	err := s.(store.Ledger).Post(t.Context(), func(tx store.LedgerTx) error {
		var all []store.Account
		for n := first; n < last; n++ {
			all = append(all, store.Account{Key: fmt.Sprintf("usage/%04d", n), Value: fmt.Append(nil, n)})
		}
		return tx.Set(all)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// spoiling is a store that loses something.
type spoiling struct {
	store.Store
	spoil func(n int, s *spoilt)
	n     int
}

// spoilt is an update that does not do what it is told.
type spoilt struct {
	store.Tx
	of                       *spoiling
	value, id, record, audit bool
}

func (s *spoiling) Update(ctx context.Context, f func(store.Tx) error) (store.Revision, error) {
	return s.Store.Update(ctx, func(tx store.Tx) error { return f(&spoilt{Tx: tx, of: s}) })
}

func (s *spoilt) next() {
	s.of.n++
	s.of.spoil(s.of.n, s)
}

func (s *spoilt) Put(key store.Key, id string, value []byte) error {
	s.next()
	switch {
	case s.record:
		return nil
	case s.value:
		value = append([]byte("x"), value...)
	case s.id:
		id = strings.ToLower(id)
	}
	return s.Tx.Put(key, id, value)
}

func (s *spoilt) Audit(data []byte) (uint64, error) {
	s.next()
	if s.audit {
		data = append([]byte("x"), data...)
	}
	return s.Tx.Audit(data)
}

func TestCopyGoesOn(t *testing.T) {
	from, to := memory.New(), inDatabase(t)
	live(t, from)
	ctx, cancel := context.WithCancel(t.Context())
	err := replica.Copy(ctx, from, to, func(done, _ int) {
		if done == revisions/3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the copy that was interrupted returned %v", err)
	}
	again := 0
	if err := replica.Copy(t.Context(), from, to, func(int, int) { again++ }); err != nil {
		t.Fatal(err)
	}
	if want := revisions - revisions/3; again != want {
		t.Errorf("%d revisions were copied in the second attempt, want %d", again, want)
	}
}

func TestCopyRefusesAnotherStore(t *testing.T) {
	from, to := memory.New(), memory.New()
	live(t, from)
	if _, err := to.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Audit([]byte("mine"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]store.Store{"another": {from, to}, "a longer one": {memory.New(), to}} {
		if err := replica.Copy(t.Context(), pair[0], pair[1], nil); !errors.Is(err, replica.ErrDifferent) {
			t.Errorf("%s: the destination is not refused: %v", name, err)
		}
	}
}

func inFile(t *testing.T) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return closed(t, s)
}

func inDatabase(t *testing.T) store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Options{URL: postgrestest.Database(t)})
	if err != nil {
		t.Fatal(err)
	}
	return closed(t, s)
}

func closed(t *testing.T, s store.Store) store.Store {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// live gives a store a history: records that come, change, go, come back in
// another spelling, some of it in one update; and revisions of the audit log
// only.
func live(t *testing.T, s store.Store) {
	t.Helper()
	random := rand.New(rand.NewPCG(40, 40))
	for n := 1; n <= revisions; n++ {
		revision, err := s.Update(t.Context(), func(tx store.Tx) error {
			for range random.IntN(4) {
				if err := change(tx, random); err != nil {
					return err
				}
			}
			for i := range 1 + random.IntN(3) {
				if _, err := tx.Audit(fmt.Appendf(nil, "%d of %d", i, n)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || revision != store.Revision(n) {
			t.Fatalf("update %d returned %d, %v", n, revision, err)
		}
	}
}

func change(tx store.Tx, random *rand.Rand) error {
	id := fmt.Sprintf("APIs/Echo%d/Operations/Ünder-%d", random.IntN(4), random.IntN(9))
	if random.IntN(2) == 0 {
		id = "/" + strings.ToUpper(id)
	}
	key := store.KeyOf(id)
	if dice := random.IntN(6); dice < 2 {
		if err := tx.Delete(key); dice == 0 || err != nil {
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			return err
		}
	}
	value := make([]byte, random.IntN(100))
	for i := range value {
		value[i] = byte(random.IntN(256))
	}
	return tx.Put(key, id, value)
}

// described says what is in a store.
func described(t *testing.T, s store.Store) string {
	t.Helper()
	records, versions, entries := 0, 0, 0
	err := s.View(t.Context(), func(r store.Reader) error {
		for _, err := range r.Tree("") {
			if err != nil {
				return err
			}
			records++
		}
		changes, err := r.Changes(0, store.MaxListLimit)
		for _, c := range changes {
			versions += len(c.Versions)
		}
		if err != nil {
			return err
		}
		audit, err := r.AuditLog(0, store.MaxListLimit)
		entries = len(audit)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return fmt.Sprintf("%d revisions, %d records, %d versions, %d audit entries", revisions, records, versions, entries)
}
