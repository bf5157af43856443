package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema, forward only. A step that was released
// is never changed.
type migration struct {
	file string
	// oldest is the number of the oldest schema whose programs still work after
	// this step: those of the release before must.
	oldest int
}

// migrations are numbered from 1 by their place.
var migrations = []migration{
	{file: "0001_store.sql", oldest: 1},
	{file: "0002_notes.sql", oldest: 1},
	{file: "0003_ledger.sql", oldest: 1},
	{file: "0004_posters.sql", oldest: 1},
}

// migrationLock is the key of the advisory lock that nodes which start at the
// same time wait for.
const migrationLock = 0x53414c4c59 // "SALLY"

const migrationsSQL = `CREATE TABLE IF NOT EXISTS schema_migrations (
	version integer PRIMARY KEY,
	file    text NOT NULL,
	oldest  integer NOT NULL,
	time    timestamptz NOT NULL DEFAULT clock_timestamp()
)`

// migrate brings the schema up to date. Each step is one transaction together
// with the note that it was done: a node that dies in between leaves the next
// one to go on where it was.
func (s *Store) migrate(ctx context.Context) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return s.explain("connecting", err)
	}
	defer conn.Release()
	if err := checkEncoding(ctx, conn.Conn()); err != nil {
		return s.explain("connecting", err)
	}
	if err := migrateTo(ctx, conn.Conn(), migrations); err != nil {
		return s.explain("bringing the schema up to date", err)
	}
	return nil
}

func checkEncoding(ctx context.Context, conn *pgx.Conn) error {
	var encoding string
	if err := conn.QueryRow(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database has the encoding %s; make one with CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0", encoding)
	}
	return nil
}

func migrateTo(ctx context.Context, conn *pgx.Conn, steps []migration) error {
	for {
		done, err := migrateNext(ctx, conn, steps)
		if err != nil || done {
			return err
		}
	}
}

// migrateNext takes one step, and reports whether none was left.
func migrateNext(ctx context.Context, conn *pgx.Conn, steps []migration) (done bool, err error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, rollback(tx)) }()
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, migrationsSQL); err != nil {
		return false, err
	}
	var version, oldest int
	const latest = "SELECT coalesce(max(version), 0), coalesce(max(oldest), 0) FROM schema_migrations"
	if err := tx.QueryRow(ctx, latest).Scan(&version, &oldest); err != nil {
		return false, err
	}
	if oldest > len(steps) {
		return false, fmt.Errorf("the schema has version %d and needs a program that knows version %d; this one knows %d: use a newer release",
			version, oldest, len(steps))
	}
	if version >= len(steps) {
		return true, tx.Commit(ctx)
	}
	return false, step(ctx, tx, version+1, steps[version])
}

func step(ctx context.Context, tx pgx.Tx, version int, m migration) error {
	text, err := migrationFiles.ReadFile("migrations/" + m.file)
	if err != nil {
		return fmt.Errorf("reading the migration %s: %w", m.file, err)
	}
	if _, err := tx.Exec(ctx, string(text)); err != nil {
		return fmt.Errorf("migration %s: %w", m.file, err)
	}
	const note = "INSERT INTO schema_migrations (version, file, oldest) VALUES ($1, $2, $3)"
	if _, err := tx.Exec(ctx, note, version, m.file, m.oldest); err != nil {
		return fmt.Errorf("noting the migration %s: %w", m.file, err)
	}
	return tx.Commit(ctx)
}
