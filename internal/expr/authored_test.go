package expr_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/vectors"
)

// TestAuthored runs the expressions of testdata/authored, which are written like the shared vectors: with the
// value or the exception's type that .NET gives.
func TestAuthored(t *testing.T) {
	contexts, err := vectors.ReadContexts([]byte(`{"default":{"now":"2024-03-15T10:30:46.5Z"}}`))
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	runner := vectors.NewRunner(compiler, contexts)
	files, err := filepath.Glob("testdata/authored/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of expressions: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) { runAuthored(t, runner, name) })
	}
}

func runAuthored(t *testing.T, runner *vectors.Runner, name string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	err = vectors.Read(f, func(v *vectors.Vector) error {
		if out := runner.Run(v); out.Status != vectors.Passed {
			t.Errorf("%s %s\n\tcode %q\n\tgot  %s\n\twant %s", out.Status, v.ID, v.Code, out.Got, out.Want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
