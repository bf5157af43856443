package postgres

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// Migrations are the texts of all steps of the schema.
func Migrations(tb testing.TB) []string {
	tb.Helper()
	var texts []string
	for _, m := range migrations {
		text, err := migrationFiles.ReadFile("migrations/" + m.file)
		if err != nil {
			tb.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// MakeRelease makes the schema of an earlier release: its first steps.
func MakeRelease(tb testing.TB, address string, steps int) {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), address)
	if err != nil {
		tb.Fatal(err)
	}
	if err := migrateTo(tb.Context(), conn, migrations[:steps]); err != nil {
		tb.Error(err)
	}
	if err := conn.Close(tb.Context()); err != nil {
		tb.Error(err)
	}
}

// Setting is what the sessions of a store have for a setting.
func (s *Store) Setting(tb testing.TB, name string) string {
	tb.Helper()
	value := ""
	if err := s.pool.QueryRow(tb.Context(), "SELECT current_setting($1)", name).Scan(&value); err != nil {
		tb.Fatal(err)
	}
	return value
}
