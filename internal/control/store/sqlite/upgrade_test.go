package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/control/store"
)

var update = flag.Bool("update", false, "write the golden file of the latest schema anew")

// upgraded is the number of updates in a store that is upgraded.
const upgraded = 7

// next are steps as a later release may have them: the first of them leaves
// what the release before reads, the second does not.
func next() fs.FS {
	files := fstest.MapFS{
		"migrations/0003_more.sql": {Data: []byte(`-- least: 1
ALTER TABLE audit ADD COLUMN who TEXT NOT NULL DEFAULT '';
UPDATE audit SET who = 'user ' || sequence;
CREATE INDEX audit_by_who ON audit (who);
`)},
		"migrations/0004_other.sql": {Data: []byte(`-- least: 4
-- The records are copied to another table, as a change of a column needs.
CREATE TABLE copies (number INTEGER NOT NULL PRIMARY KEY, key TEXT NOT NULL UNIQUE,
	collection INTEGER NOT NULL, name TEXT NOT NULL, version INTEGER) STRICT;
INSERT INTO copies SELECT number, key, collection, name, version FROM records;
DROP TABLE records;
ALTER TABLE copies RENAME TO records;
CREATE INDEX records_by_collection ON records (collection, name, version);
`)},
	}
	names, err := fs.Glob(released, "migrations/*.sql")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(released, name)
		if err != nil {
			panic(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

func withMigrations(files fs.FS) Option { return func(o *options) { o.migrations = files } }

// interrupted are the steps with a statement that cannot run in place of one.
func interrupted(t *testing.T, step, statement int) fs.FS {
	t.Helper()
	files := next().(fstest.MapFS)
	steps, err := migrations(files)
	if err != nil {
		t.Fatal(err)
	}
	s := steps[step]
	statements := append(slices.Clone(s.statements[:statement]), "the process ends here;")
	name := fmt.Sprintf("migrations/%04d_%s.sql", s.number, s.name)
	text := fmt.Sprintf("-- least: %d\n%s\n", s.least, strings.Join(statements, "\n"))
	files[name] = &fstest.MapFile{Data: []byte(text)}
	return files
}

// TestR14_SQLiteUpgradeInterrupted ends an upgrade at each of its statements.
func TestR14_SQLiteUpgradeInterrupted(t *testing.T) {
	steps, err := migrations(next())
	if err != nil {
		t.Fatal(err)
	}
	ours, err := migrations(released)
	if err != nil {
		t.Fatal(err)
	}
	places, known := 0, len(ours)
	for i, step := range steps {
		for statement := range step.statements {
			dir := memoryFolder(t)
			least := 0
			if i >= known { // What was released makes the store.
				makeWorked(t, opened(t, dir), upgraded, nil)
				least = upgraded
			}
			if _, err := Open(t.Context(), dir, withMigrations(interrupted(t, i, statement))); err == nil {
				t.Fatalf("step %d ran past its statement %d", i+1, statement+1)
			}
			if err := checkNext(t.Context(), dir, least); err != nil {
				t.Errorf("step %d, ended at its statement %d: %v", i+1, statement+1, err)
			}
			places++
		}
	}
	fmt.Printf("R14: SQLite: an upgrade ended at each of %d statements goes on to the end, with every record equal\n", places)
}

// TestR14_SQLiteUpgradePowerCut cuts the power at each operation of an upgrade.
func TestR14_SQLiteUpgradePowerCut(t *testing.T) {
	d, dir := &disk{}, memoryFolder(t)
	name := onDisk(t, d)
	makeWorked(t, opened(t, dir, onto(name, "FULL")), upgraded, nil)
	before := len(d.log)
	if err := opened(t, dir, onto(name, "FULL"), withMigrations(next())).Close(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(14, 14))
	for at := before; at <= len(d.log); at++ {
		dir := memoryFolder(t)
		d.at(at).cut(t, dir, []float64{0, 0.5, 0.9}[at%3], random)
		if err := checkNext(t.Context(), dir, upgraded); err != nil {
			t.Errorf("cut at operation %d of %d: %v", at-before, len(d.log)-before, err)
		}
	}
	fmt.Printf("R14: SQLite: the power cut at each of %d operations of an upgrade: every record equal\n", len(d.log)-before+1)
}

// TestR14_SQLiteUpgrade_NegativeControl shows that a step that loses something
// is found out.
func TestR14_SQLiteUpgrade_NegativeControl(t *testing.T) {
	dir := memoryFolder(t)
	makeWorked(t, opened(t, dir), upgraded, nil)
	files := next().(fstest.MapFS)
	files["migrations/0003_more.sql"] = &fstest.MapFile{Data: []byte("-- least: 1\nDELETE FROM audit WHERE sequence = 3;\n")}
	s := opened(t, dir, withMigrations(files))
	err := checkWork(t.Context(), s, upgraded, upgraded)
	if err == nil {
		t.Error("a step that loses an audit entry was not found out")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	fmt.Printf("R14: SQLite: a step that loses an audit entry is found out: %v\n", err)
}

// checkNext upgrades what a folder holds, and checks it.
func checkNext(ctx context.Context, dir string, n int) (err error) {
	s, err := Open(ctx, dir, withMigrations(next()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(), integrity(ctx, dir)) }()
	if err := checkWork(ctx, s, n, n); err != nil {
		return err
	}
	_, err = s.Update(ctx, work(n+1))
	return err
}

// makeWorked makes updates, and closes the store.
func makeWorked(t *testing.T, s *Store, updates int, f func(n int) func(store.Tx) error) {
	t.Helper()
	if f == nil {
		f = work
	}
	for n := range updates {
		if _, err := s.Update(t.Context(), f(n+1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestOlderRelease opens a store after a newer release.
func TestOlderRelease(t *testing.T) {
	tests := []struct {
		name  string
		steps int
		want  string
	}{
		{"after a step that it need not know", 3, ""},
		{"after a step that it must know", 4, "newer release"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, files := memoryFolder(t), next().(fstest.MapFS)
			if tt.steps < 4 {
				delete(files, "migrations/0004_other.sql")
			}
			makeWorked(t, opened(t, dir, withMigrations(files)), upgraded, nil)
			s, err := Open(t.Context(), dir)
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(checkWork(t.Context(), s, upgraded, upgraded), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestForeignFile refuses the database of something else.
func TestForeignFile(t *testing.T) {
	dir := memoryFolder(t)
	load(t, dir, "CREATE TABLE theirs (a);")
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "something else") {
		t.Errorf("the error is %v", err)
	}
}

// load runs SQL on the file of a store that is not open.
func load(t *testing.T, dir, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestR14_SQLiteUpgrade upgrades a store of every released schema.
func TestR14_SQLiteUpgrade(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	names, err := filepath.Glob("testdata/released/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := migrations(released)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != len(steps) {
		t.Errorf("there are %d schemas, and stores of %d", len(steps), len(names))
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		dir := memoryFolder(t)
		load(t, dir, string(archive.Files[0].Data))
		s := opened(t, dir)
		if diff := cmp.Diff(string(archive.Files[1].Data), told(t, s)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if err := errors.Join(s.Close(), integrity(t.Context(), dir)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	fmt.Printf("R14: SQLite: stores of %d released schemas upgraded, every record, version and audit entry equal\n", len(names))
}
