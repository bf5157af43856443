package sqlite

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/control/store"
)

// small is update n of the stores in testdata/released.
func small(n int) func(store.Tx) error {
	return func(tx store.Tx) error {
		if _, err := tx.Audit([]byte(fmt.Sprintf("update %d\x00", n))); err != nil || n == 5 {
			return err
		}
		if n%3 == 0 {
			if err := tx.Delete("apis/one"); err != nil {
				return err
			}
		} else if err := tx.Put("apis/one", "Apis/One", []byte(fmt.Sprintf("{\"n\":%d}", n))); err != nil {
			return err
		}
		return tx.Put("apis/ünï", "Apis/ÜNÏ", []byte{0, byte(n)})
	}
}

// writeGolden writes a store of the latest schema: its file as SQL, and what it
// holds.
func writeGolden(t *testing.T) {
	t.Helper()
	dir := memoryFolder(t)
	makeWorked(t, opened(t, dir), upgraded, small)
	s := opened(t, dir)
	holds := told(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	steps, err := migrations(released)
	if err != nil {
		t.Fatal(err)
	}
	archive := &txtar.Archive{
		Comment: []byte("A store of this schema, and what it holds.\n"),
		Files:   []txtar.File{{Name: "store.sql", Data: []byte(dumped(t, dir))}, {Name: "holds", Data: []byte(holds)}},
	}
	name := fmt.Sprintf("testdata/released/%04d.txtar", len(steps))
	if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
		t.Fatal(err)
	}
}

// told is everything that a store holds.
func told(t *testing.T, s *Store) string {
	t.Helper()
	var b strings.Builder
	err := s.View(t.Context(), func(r store.Reader) error {
		fmt.Fprintf(&b, "revision %d\n", r.Revision())
		for record, err := range r.Tree("") {
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "record %s\n", spelled(record))
		}
		n, err := r.Count("apis")
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "count %d\n", n)
		changes, err := r.Changes(0, store.MaxListLimit)
		if err != nil {
			return err
		}
		for _, change := range changes {
			for _, v := range change.Versions {
				fmt.Fprintf(&b, "change %d deleted %v %s\n", v.Revision, v.Deleted, spelled(v.Record))
			}
		}
		entries, err := r.AuditLog(0, store.MaxListLimit)
		for _, e := range entries {
			fmt.Fprintf(&b, "entry %d %d %q\n", e.Sequence, e.Revision, e.Data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func spelled(r store.Record) string {
	return fmt.Sprintf("%q %q %q created %d changed %d", r.Key, r.ID, r.Value, r.Created, r.Changed)
}

// dumped is the file of a store as SQL.
func dumped(t *testing.T, dir string) string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	var b strings.Builder
	b.WriteString("PRAGMA application_id = 0x53616c79;\n")
	for _, row := range column(t, db, `SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid`) {
		b.WriteString(row + "\n")
	}
	for _, table := range column(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`) {
		columns := strings.Join(column(t, db, `SELECT 'quote(' || name || ')' FROM pragma_table_info('`+table+`')`), ` || ', ' || `)
		for _, row := range column(t, db, `SELECT `+columns+` FROM `+table) {
			fmt.Fprintf(&b, "INSERT INTO %s VALUES (%s);\n", table, row)
		}
	}
	return b.String()
}

// column is the only column of a query's rows.
func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	var found []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		found = append(found, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
