package postgres

import "testing"

// FirstMigration is the text of the first migration.
func FirstMigration(t testing.TB) string {
	t.Helper()
	text, err := migrationFiles.ReadFile("migrations/" + migrations[0].file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Setting is what the sessions of a store have for a setting.
func (s *Store) Setting(t testing.TB, name string) string {
	t.Helper()
	value := ""
	if err := s.pool.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
