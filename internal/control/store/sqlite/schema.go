package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var released embed.FS

// migration is one step of the schema. Steps are numbered from 1, go forward
// only, and never change once they were released.
type migration struct {
	number int
	name   string
	// least is the highest step that a program must know to use the store after
	// this one: a program that is older may go on using it where the step before
	// was enough.
	least      int
	statements []string
}

// migrations reads the steps in a folder of "NNNN_name.sql" files. Their first
// line is "-- least: N"; a statement ends with a semicolon at the end of a line.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing the migrations: %w", err)
	}
	slices.Sort(names)
	steps := make([]migration, 0, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading a migration: %w", err)
		}
		step, err := readMigration(strings.TrimPrefix(name, "migrations/"), string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if step.number != i+1 {
			return nil, fmt.Errorf("%s: the number is not %d", name, i+1)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func readMigration(name, text string) (migration, error) {
	number, rest, _ := strings.Cut(strings.TrimSuffix(name, ".sql"), "_")
	step := migration{name: rest}
	var err error
	if step.number, err = strconv.Atoi(number); err != nil {
		return step, fmt.Errorf("the name has no number: %w", err)
	}
	first, text, _ := strings.Cut(text, "\n")
	least, ok := strings.CutPrefix(first, "-- least: ")
	if step.least, err = strconv.Atoi(least); !ok || err != nil || step.least > step.number {
		return step, errors.New(`the first line is not "-- least: N", with no higher N than its own number`)
	}
	for _, statement := range strings.SplitAfter(text, ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			step.statements = append(step.statements, statement)
		}
	}
	return step, nil
}

const (
	makeMigrations = `CREATE TABLE IF NOT EXISTS migrations (
		number INTEGER NOT NULL PRIMARY KEY, least INTEGER NOT NULL, name TEXT NOT NULL) STRICT`
	readMigrations = `SELECT coalesce(max(number), 0), coalesce(max(least), 0) FROM migrations`
	noteMigration  = `INSERT INTO migrations (number, least, name) VALUES (?1, ?2, ?3)`
	readOurs       = `SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)
		OR EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'migrations')`
)

// migrate brings the schema up to date: each step in one transaction, with the
// note that it was made. So a program that is killed within a step finds the
// schema as it was before.
func migrate(ctx context.Context, conn *sql.Conn, steps []migration) error {
	var ours bool
	if err := conn.QueryRowContext(ctx, readOurs).Scan(&ours); err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	if !ours {
		return errors.New("the file is a database of something else")
	}
	for {
		done, err := step(ctx, conn, steps)
		if done || err != nil {
			return err
		}
	}
}

// step makes the next step, if there is one: other processes may make steps
// too, so it looks inside the transaction which it is.
func step(ctx context.Context, conn *sql.Conn, steps []migration) (done bool, err error) {
	if _, err := conn.ExecContext(ctx, beginWriting); err != nil {
		return false, fmt.Errorf("beginning a migration: %w", err)
	}
	defer func() {
		if done || err != nil {
			_, undoing := conn.ExecContext(context.WithoutCancel(ctx), rollback)
			if err == nil {
				err = undoing
			}
		}
	}()
	if _, err := conn.ExecContext(ctx, makeMigrations); err != nil {
		return false, fmt.Errorf("making the table of migrations: %w", err)
	}
	var number, least int
	if err := conn.QueryRowContext(ctx, readMigrations).Scan(&number, &least); err != nil {
		return false, fmt.Errorf("reading the table of migrations: %w", err)
	}
	if least > len(steps) {
		return false, fmt.Errorf("the store has the schema of a newer release, which this one cannot use: "+
			"it needs step %d, this release knows %d", least, len(steps))
	}
	if number >= len(steps) {
		return true, nil
	}
	return false, steps[number].run(ctx, conn)
}

// run makes a step and commits it.
func (m migration) run(ctx context.Context, conn *sql.Conn) error {
	for i, statement := range m.statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("migration %d (%s), statement %d: %w", m.number, m.name, i+1, err)
		}
	}
	if _, err := conn.ExecContext(ctx, noteMigration, m.number, m.least, m.name); err != nil {
		return fmt.Errorf("noting migration %d: %w", m.number, err)
	}
	if _, err := conn.ExecContext(ctx, commit); err != nil {
		return fmt.Errorf("committing migration %d: %w", m.number, err)
	}
	return nil
}
