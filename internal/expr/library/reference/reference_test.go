package reference_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/library/reference"
)

var update = flag.Bool("update", false, "write docs/expressions anew")

// pages is where the reference stands in the tree.
const pages = "../../../../docs/expressions"

// TestPages compares the pages of the tree with the tables.
func TestPages(t *testing.T) {
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := reference.Write(pages, compiler.Library()); err != nil {
			t.Fatal(err)
		}
	}
	files := reference.Files(compiler.Library())
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(pages, name))
		if err != nil {
			t.Errorf("%v; run: make docs", err)
			continue
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what the tables say; run: make docs (-want +got):\n%s", name, diff)
		}
	}
	list, err := os.ReadDir(pages)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range list {
		if files[entry.Name()] == nil {
			t.Errorf("docs/expressions/%s belongs to no namespace; run: make docs", entry.Name())
		}
	}
}
