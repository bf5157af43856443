package durabilitytest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
	"github.com/sallyport/sallyport/internal/control/store/sqlite"
)

var long = flag.Bool("long", false, "run the long forms, as make durability does")

// size chooses between the short form of a test and the long one.
func size(short, longer int) int {
	if *long {
		return longer
	}
	return short
}

// TestMain is the process that is killed, too, where the environment says so.
func TestMain(m *testing.M) {
	flag.Parse()
	if task := os.Getenv(childVariable); task != "" {
		if err := child(task); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// database is a kind of store that keeps data.
type database struct {
	name string
	// nodes is how many processes may use it at once.
	nodes int
	// fresh makes an empty one and returns where it is.
	fresh func(t *testing.T) string
	open  func(ctx context.Context, address string) (store.Store, error)
	// kill kills a connection to it, where there are connections.
	kill func(ctx context.Context, address string) error
}

// databases are all of them.
var databases = []database{
	{
		name: "SQLite", nodes: 1,
		fresh: func(t *testing.T) string { return t.TempDir() },
		open: func(ctx context.Context, address string) (store.Store, error) {
			return sqlite.Open(ctx, address)
		},
	},
	{
		name: "PostgreSQL", nodes: 2,
		fresh: func(t *testing.T) string { return postgrestest.Database(t) },
		open: func(ctx context.Context, address string) (store.Store, error) {
			return postgres.Open(ctx, postgres.Options{URL: address})
		},
		kill: func(ctx context.Context, address string) error {
			return postgrestest.Run(ctx, address, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1`)
		},
	},
}

// opened opens a store that is closed when the test ends.
func (d database) opened(t *testing.T, address string) store.Store {
	t.Helper()
	s, err := d.open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}
