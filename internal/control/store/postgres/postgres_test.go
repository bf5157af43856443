package postgres_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	"github.com/sallyport/sallyport/internal/control/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestR13_PostgreSQL runs the suite of the contract on a real PostgreSQL. Its
// cases share a database, which each empties.
func TestR13_PostgreSQL(t *testing.T) {
	address := postgrestest.Database(t)
	again := func(t *testing.T, _ store.Store) store.Store {
		t.Helper()
		return open(t, address)
	}
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		s := open(t, address)
		empty(t, address)
		return s
	}, storetest.WithReopen(again), storetest.WithNode(again), storetest.WithNotes(true), storetest.WithLedger())
}

func open(tb testing.TB, address string) *postgres.Store {
	tb.Helper()
	s, err := postgres.Open(context.Background(), postgres.Options{URL: address})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// empty makes a store as it was in the beginning.
func empty(tb testing.TB, address string) {
	tb.Helper()
	err := postgrestest.Run(context.Background(), address, "DELETE FROM revisions; DELETE FROM versions; DELETE FROM records; DELETE FROM counts; DELETE FROM audit; DELETE FROM notes; DELETE FROM ledger")
	if err != nil {
		tb.Fatal(err)
	}
}
