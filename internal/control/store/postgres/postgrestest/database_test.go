package postgrestest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

func TestDatabaseIsFresh(t *testing.T) {
	one, other := postgrestest.Database(t), postgrestest.Database(t)
	for _, address := range []string{one, other} {
		if err := postgrestest.Run(t.Context(), address, "CREATE TABLE t (n int)"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestServerKeepsWhatItAcknowledged(t *testing.T) {
	s := postgrestest.Start(t)
	if err := postgrestest.Run(t.Context(), s.URL("postgres"), "CREATE TABLE t AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := postgrestest.Run(t.Context(), s.URL("postgres"), "SELECT 1"); err == nil {
		t.Error("a server that was killed answers")
	}
	s.Restart()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT n FROM t").Scan(&n); err != nil || n != 7 {
		t.Errorf("n = %d, %v; want 7", n, err)
	}
}
