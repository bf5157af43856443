package postgres

import "testing"

// FirstMigration is the text of the first migration.
func FirstMigration(tb testing.TB) string {
	tb.Helper()
	text, err := migrationFiles.ReadFile("migrations/" + migrations[0].file)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
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
