package odata

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

// describe writes an import as text.
func describe(t *testing.T, in *transfer.Import, problems problem.Problems) string {
	t.Helper()
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
	}
	p := in.Properties
	fmt.Fprintf(&b, "type %q, name %q, description %q, service %q\n", p.Type, p.DisplayName, p.Description, p.ServiceURL)
	write := func(r model.Resource) {
		if p := model.Validate(r); p.HasErrors() && !problems.HasErrors() {
			t.Errorf("%s is not valid: %v", r.ResourceID(), p)
		}
		if r.Kind() == model.KindSchema {
			fmt.Fprintf(&b, "%s\n", r.ResourceID().Name())
			return
		}
		properties, err := model.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		at := in.Positions[r.ResourceID().Key()]
		fmt.Fprintf(&b, "%s (%d:%d)\n  %s\n", r.ResourceID().Name(), at.Line, at.Column, properties)
	}
	for _, o := range in.Operations {
		write(o)
	}
	for _, s := range in.Schemas {
		write(s)
	}
	return b.String()
}

// TestGolden imports the first file of each archive and compares with the
// second.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			in, problems := Read("apis/a", a.Files[0].Data, Options{File: a.Files[0].Name})
			got := describe(t, in, problems)
			if *update {
				a.Files = append(slices.Clone(a.Files[:1]), txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if len(a.Files) < 2 {
				t.Fatal("the archive has no second file: run with -update")
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzRead checks that no document makes the importer panic, and that what it
// imports is valid by itself.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`<Edmx xmlns="http://docs.oasis-open.org/odata/ns/edmx"/>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, problems := Read("apis/a", data, Options{})
		if problems.HasErrors() {
			return
		}
		for _, o := range in.Operations {
			for _, p := range model.Validate(o) {
				t.Fatalf("%s: %v", o.ID, p)
			}
			if _, err := model.Encode(o); err != nil {
				t.Fatal(err)
			}
		}
	})
}
