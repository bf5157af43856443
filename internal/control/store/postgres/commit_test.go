package postgres_test

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

// cut is how many commits of each test lose their connection.
const cut = 12

// sequence makes commits fail in each way, one after the other; those count too
// with which the store finds out what happened.
func sequence(faults ...fault) func() fault {
	var n atomic.Int64
	return func() fault { return faults[int(n.Add(1)-1)%len(faults)] }
}

// increment adds one to a number in the store.
func increment(ctx context.Context, s store.Store) (store.Revision, error) {
	return s.Update(ctx, add)
}

func add(tx store.Tx) error {
	n := 0
	found, err := tx.Get("n")
	if err == nil {
		if n, err = strconv.Atoi(string(found.Value)); err != nil {
			return err
		}
	}
	if err := tx.Put("n", "n", []byte(strconv.Itoa(n+1))); err != nil {
		return err
	}
	_, err = tx.Audit([]byte(strconv.Itoa(n + 1)))
	return err
}

// TestCommitIsNotGuessed breaks connections before, during and after commits. An
// update happens once in every case, and is told to have happened.
func TestCommitIsNotGuessed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults []fault
	}{
		{"the commit is lost", []fault{before, none, none}},
		{"the answer is lost", []fault{after, none}},
		{"the commit comes late", []fault{late, none}},
		{"everything", []fault{none, before, none, after, none, before, before, after}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, throughProxy(t, postgrestest.Database(t), sequenceAfterOpen(t, tt.faults)))
			defer closing(t, s)
			for want := range store.Revision(cut) {
				got, err := increment(t.Context(), s)
				if err != nil || got != want+1 {
					t.Fatalf("update %d returned %d, %v", want+1, got, err)
				}
			}
			wantNumber(t, s, cut)
		})
	}
}

// sequenceAfterOpen leaves the commits of the migrations alone: one for each, and
// the one that finds nothing left to do.
func sequenceAfterOpen(t *testing.T, faults []fault) func() fault {
	t.Helper()
	next, n, opening := sequence(faults...), 0, len(postgres.Migrations(t))+1
	return func() fault {
		if n++; n <= opening {
			return none
		}
		return next()
	}
}

// wantNumber demands that a store is as it is after so many increments.
func wantNumber(t *testing.T, s store.Store, want int) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) error {
		if r.Revision() != store.Revision(want) {
			t.Errorf("the revision is %d, want %d", r.Revision(), want)
		}
		found, err := r.Get("n")
		if err != nil || string(found.Value) != strconv.Itoa(want) {
			t.Errorf("the number is %s, %v; want %d", found.Value, err, want)
		}
		entries, err := r.AuditLog(0, store.MaxListLimit)
		if err != nil || len(entries) != want {
			t.Errorf("%d audit entries, %v; want %d", len(entries), err, want)
		}
		for i, e := range entries {
			if string(e.Data) != strconv.Itoa(i+1) || e.Sequence != uint64(i+1) || e.Revision != store.Revision(i+1) {
				t.Errorf("the audit entry %d is %v", i+1, e)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// opened opens a store until the test ends.
func opened(tb testing.TB, address string) store.Store {
	tb.Helper()
	s := open(tb, address)
	tb.Cleanup(func() { closing(tb, s) })
	return s
}

func closing(tb testing.TB, s store.Store) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Errorf("Close: %v", err)
	}
}

// TestCommitIsNotGuessed_NegativeControl has a client that takes a lost
// connection for a commit that did not happen: it does some things twice.
func TestCommitIsNotGuessed_NegativeControl(t *testing.T) {
	address := postgrestest.Database(t)
	if err := postgrestest.Run(t.Context(), address, "CREATE TABLE n AS SELECT 0 AS n"); err != nil {
		t.Fatal(err)
	}
	broken := throughProxy(t, address, sequence(after, none))
	for range cut {
		for guess(t.Context(), broken) != nil {
			continue
		}
	}
	n := 0
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(t.Context(), "SELECT n FROM n").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n != 2*cut {
		t.Errorf("a client that guesses did %d things as %d, want each of them twice", cut, n)
	}
}

func guess(ctx context.Context, address string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE n SET n = n + 1")
		return err
	})
}
