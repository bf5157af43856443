// Package postgrestest gives tests databases of a real PostgreSQL: a fresh one
// on the server that scripts/services.sh starts, or a server of the test's own,
// which it may kill.
package postgrestest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Variable names the environment variable that holds the URL of a server to be
// used instead of the one that scripts/services.sh starts. Its user must be
// allowed to create databases.
const Variable = "SALLYPORT_TEST_POSTGRES"

// patience bounds each thing that is asked of a server.
const patience = time.Minute

// Database makes an empty database on the server of the tests, and returns its
// URL. It is removed when the test ends, with all connections to it.
func Database(t testing.TB) string {
	t.Helper()
	server := serverURL(t)
	name := "test_" + random(t)
	run(t, server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'")
	t.Cleanup(func() { run(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return withDatabase(t, server, name)
}

// serverURL says where the server of the tests is.
func serverURL(t testing.TB) string {
	t.Helper()
	if found := os.Getenv(Variable); found != "" {
		return found
	}
	file := filepath.Join(root(t), ".cache", "services", "postgres.url")
	found, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("SKIPPED-REQUIRED: no PostgreSQL server: run scripts/services.sh, or set %s: %v", Variable, err)
	}
	return strings.TrimSpace(string(found))
}

// root is the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("there is no go.mod above the test's folder")
		}
		folder = parent
	}
}

// Run executes a statement with a connection of its own.
func Run(ctx context.Context, address, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	_, err = conn.Exec(ctx, statement)
	if closing := conn.Close(ctx); err == nil {
		err = closing
	}
	return err
}

func run(t testing.TB, address, statement string) {
	t.Helper()
	if err := Run(context.Background(), address, statement); err != nil {
		t.Fatalf("SKIPPED-REQUIRED: the PostgreSQL server of the tests does not answer: run scripts/services.sh: %s: %v", statement, err)
	}
}

func withDatabase(t testing.TB, server, name string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("the URL of the server is none: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

func random(t testing.TB) string {
	t.Helper()
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b[:])
}
