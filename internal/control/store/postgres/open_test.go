package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/postgres"
	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

func TestNodesStartAtTheSameTime(t *testing.T) {
	address := postgrestest.Database(t)
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			s, err := postgres.Open(t.Context(), postgres.Options{URL: address, MaxConnections: 2})
			if err != nil {
				t.Error(err)
				return
			}
			closing(t, s)
		})
	}
	wait.Wait()
}

func TestErrorsNameThePlaceAndNotThePassword(t *testing.T) {
	const secret = "tr0ub4dor"
	good, err := url.Parse(postgrestest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func(u *url.URL)) string {
		u := *good
		u.User = url.UserPassword(good.User.Username(), secret)
		change(&u)
		return u.String()
	}
	right := func(u *url.URL) { u.User = good.User }
	for _, tt := range []struct {
		name, address string
		want          []string
	}{
		{"a wrong password", changed(func(*url.URL) {}), []string{good.Host, strings.Trim(good.Path, "/"), "check the user and the password"}},
		{"no such database", changed(func(u *url.URL) { right(u); u.Path = "/nothing" }), []string{`database "nothing"`, "CREATE DATABASE"}},
		{"no server", changed(func(u *url.URL) { u.Host = "127.0.0.1:1" }), []string{"127.0.0.1:1", "check that the server runs"}},
		{"no URL", "postgres://me:" + secret + "@:::/%zz", []string{"it must look like"}},
		{"nothing", "", []string{"it must look like"}},
		{"a setting that there is not", changed(func(u *url.URL) { u.RawQuery = "sslmode=" + secret }), []string{"it must look like"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := postgres.Open(t.Context(), postgres.Options{URL: tt.address})
			if err == nil {
				closing(t, s)
				t.Fatal("it was opened")
			}
			password, _ := good.User.Password()
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), password) {
				t.Errorf("the error holds the password: %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
		})
	}
}

// TestR14_PostgreSQL stops each step of the schema after each of its statements,
// as a node that dies does: the next one makes it whole.
func TestR14_PostgreSQL(t *testing.T) {
	address, stops := postgrestest.Database(t), 0
	for before, step := range postgres.Migrations(t) {
		statements := strings.SplitAfter(step, ";\n")
		for n := range statements {
			const anew = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
			if err := postgrestest.Run(t.Context(), address, anew); err != nil {
				t.Fatal(err)
			}
			if before > 0 {
				postgres.MakeRelease(t, address, before)
			}
			interrupt(t, address, "BEGIN;"+strings.Join(statements[:n], ""))
			wantWorking(t, address)
			stops++
		}
	}
	fmt.Printf("R14: PostgreSQL: the schema was made whole after each of %d statements (all)\n", stops)
}

// TestR14_PostgreSQL_NegativeControl takes the transaction away: what was half
// made is in the way.
func TestR14_PostgreSQL_NegativeControl(t *testing.T) {
	address := postgrestest.Database(t)
	interrupt(t, address, strings.SplitAfter(postgres.Migrations(t)[0], ";\n")[0])
	if s, err := postgres.Open(t.Context(), postgres.Options{URL: address}); err == nil {
		closing(t, s)
		t.Error("half a schema does no harm")
	}
}

// interrupt executes statements and goes away.
func interrupt(t *testing.T, address, statements string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
	_ = conn.PgConn().Conn().Close() // Without a word, as a process that was killed.
}

func wantWorking(t *testing.T, address string) {
	t.Helper()
	s := open(t, address)
	defer closing(t, s)
	if _, err := increment(t.Context(), s); err != nil {
		t.Error(err)
	}
	wantNumber(t, s, 1)
}

// TestSchemaOfALaterRelease has a program find what a later one left.
func TestSchemaOfALaterRelease(t *testing.T) {
	address := postgrestest.Database(t)
	wantWorking(t, address)
	const later = "INSERT INTO schema_migrations (version, file, oldest) VALUES (%d, 'later.sql', %d)"
	if err := postgrestest.Run(t.Context(), address, fmt.Sprintf(later, 1001, 1)); err != nil {
		t.Fatal(err)
	}
	s := open(t, address) // The release before works on.
	closing(t, s)
	if err := postgrestest.Run(t.Context(), address, fmt.Sprintf(later, 1002, 1002)); err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Open(t.Context(), postgres.Options{URL: address})
	if err == nil {
		closing(t, s)
		t.Fatal("a schema that is too new was opened")
	}
	if !strings.Contains(err.Error(), "use a newer release") {
		t.Errorf("the error does not say what to do: %v", err)
	}
}

func TestEncodingMustBeUTF8(t *testing.T) {
	server := postgrestest.Start(t)
	const create = "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
	if err := postgrestest.Run(t.Context(), server.URL("postgres"), create); err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Open(t.Context(), postgres.Options{URL: server.URL("latin")})
	if err == nil {
		closing(t, s)
		t.Fatal("a database that cannot hold all ids was opened")
	}
	if !strings.Contains(err.Error(), "LATIN1") || !strings.Contains(err.Error(), "ENCODING 'UTF8'") {
		t.Errorf("the error does not say what to do: %v", err)
	}
}

// TestServerRestarts kills the server while clients write: it comes back with
// all that was acknowledged, and the clients go on.
func TestServerRestarts(t *testing.T) {
	server := postgrestest.Start(t)
	s := open(t, server.URL("postgres"))
	defer closing(t, s)
	const clients, updates, restarts = 4, 50, 3
	reached := make(chan struct{}, clients*updates)
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			for n := 0; n < updates; {
				// An error promises that nothing happened.
				if _, err := increment(context.Background(), s); err == nil {
					n++
					reached <- struct{}{}
				}
			}
		})
	}
	for range restarts {
		for range clients * updates / (restarts + 1) {
			<-reached
		}
		server.Kill()
		server.Restart()
	}
	wait.Wait()
	wantNumber(t, s, clients*updates)
}

// TestUnavailable has the database refuse connections: what is asked of the store
// says that it cannot be reached, so that clients are told to try again.
func TestUnavailable(t *testing.T) {
	address := postgrestest.Database(t)
	s := open(t, address)
	defer closing(t, s)
	other, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Trim(other.Path, "/")
	other.Path = "/postgres"
	for _, statement := range []string{
		"ALTER DATABASE " + name + " ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'",
	} {
		if err := postgrestest.Run(t.Context(), other.String(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := increment(t.Context(), s); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("writing fails with %v, want ErrUnavailable", err)
	}
	if err := s.View(t.Context(), func(store.Reader) error { return nil }); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("reading fails with %v, want ErrUnavailable", err)
	}
	if err := postgrestest.Run(t.Context(), other.String(), "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true"); err != nil {
		t.Fatal(err)
	}
	if _, err := increment(t.Context(), s); err != nil {
		t.Errorf("it does not come back: %v", err)
	}
}
