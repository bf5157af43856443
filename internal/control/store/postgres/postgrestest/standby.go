package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Standby runs a second server that follows this one, until the test ends.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	other := &Server{t: t, programs: s.programs, port: freePort(t), owner: s.owner}
	// Beside the primary's data, which go when the test ends.
	other.data = filepath.Join(filepath.Dir(s.data), "standby-"+strconv.Itoa(other.port))
	copied := s.command("pg_basebackup", "-D", other.data, "-R", "-X", "stream", "-c", "fast",
		"-d", fmt.Sprintf("host=127.0.0.1 port=%d user=sallyport", s.port))
	if out, err := copied.CombinedOutput(); err != nil {
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	other.Restart()
	t.Cleanup(other.Kill)
	s.await(t, "SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'")
	return other
}

// WaitForStandbys makes the server acknowledge commits only when a standby has
// them on its disk too.
func (s *Server) WaitForStandbys(t testing.TB) {
	t.Helper()
	run(t, s.URL("postgres"), "ALTER SYSTEM SET synchronous_standby_names = '*'")
	run(t, s.URL("postgres"), "SELECT pg_reload_conf()")
	s.await(t, "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
}

// Promote makes a standby the primary.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	run(t, s.URL("postgres"), "SELECT pg_promote()")
}

// StopFollowing makes a standby take nothing more from its primary.
func (s *Server) StopFollowing(t testing.TB) {
	t.Helper()
	run(t, s.URL("postgres"), "ALTER SYSTEM SET primary_conninfo = ''")
	run(t, s.URL("postgres"), "SELECT pg_reload_conf()")
	s.await(t, "SELECT count(*) = 0 FROM pg_stat_wal_receiver")
}

// Together is the URL of a database that several servers may hold.
func Together(database string, servers ...*Server) string {
	u := url.URL{Scheme: "postgres", User: url.User("sallyport"), Path: "/" + database}
	for i, s := range servers {
		if i > 0 {
			u.Host += ","
		}
		u.Host += fmt.Sprintf("127.0.0.1:%d", s.port)
	}
	return u.String()
}

// await asks until the answer is true.
func (s *Server) await(t testing.TB, question string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		n, err := s.number("SELECT CASE WHEN (" + question + ") THEN 1 ELSE 0 END")
		if err == nil && n == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still not so: %s: %v", question, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// number asks for a number.
func (s *Server) number(question string) (n int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return 0, fmt.Errorf("connecting: %w", err)
	}
	err = conn.QueryRow(ctx, question).Scan(&n)
	return n, errors.Join(err, conn.Close(ctx))
}
