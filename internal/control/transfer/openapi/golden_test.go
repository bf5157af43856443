package openapi

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

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

// describe writes an import as text: problems, head, operations, schemas.
func describe(t *testing.T, in *Import, problems problem.Problems) string {
	t.Helper()
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
	}
	fmt.Fprintf(&b, "version %q, title %q, service %q\n", in.Version, in.Title, in.ServiceURL)
	for _, tag := range in.Tags {
		fmt.Fprintf(&b, "tag %q, %q: %q\n", tag.Name, tag.Description, tag.Operations)
	}
	write := func(r model.Resource) {
		properties, err := model.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		at := in.Positions[r.ResourceID().Key()]
		fmt.Fprintf(&b, "%s (%d:%d)\n  %s\n", r.ResourceID().Name(), at.Line, at.Column, properties)
		if p := model.Validate(r); p.HasErrors() {
			t.Errorf("%s is not valid: %v", r.ResourceID(), p)
		}
	}
	for _, o := range in.Operations {
		write(o)
	}
	if in.Schema != nil {
		write(in.Schema)
	}
	return b.String()
}

// TestGolden imports the first file of each archive and compares with the
// second. A comment "query" in the first line of the archive keeps required
// query parameters out of templates.
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
			in, problems := Read("apis/a", a.Files[0].Data, Options{File: a.Files[0].Name, QueryStaysQuery: strings.HasPrefix(string(a.Comment), "query")})
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
