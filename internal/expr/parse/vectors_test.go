package parse_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/sallyport/sallyport/internal/expr/parse"
	"github.com/sallyport/sallyport/internal/expr/syntax"
)

// vector is what the parser's test needs of one line of the expression vectors.
type vector struct {
	ID       string `json:"id"`
	Category string `json:"category"`
	Kind     string `json:"kind"`
	Code     string `json:"code"`
	Named    string `json:"code_with_named_values"`
	Expected struct {
		Error *struct {
			Phase string `json:"phase"`
			Code  string `json:"code"`
			Start int    `json:"start"`
		} `json:"error"`
	} `json:"expected"`
}

// sharedFile returns the path of a shared test file, or skips the test where there is none.
func sharedFile(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the package")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing", path)
		}
		t.Skip("SKIPPED: ../shared is not beside the checkout")
	}
	return path
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	f, err := os.Open(sharedFile(t, "vectors/expressions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var list []vector
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestVectorsParse parses every vector: what real C# compiles must parse, and what it refuses for its syntax
// must be refused with the same number at the same place.
func TestVectorsParse(t *testing.T) {
	parsed, refused := 0, 0
	for _, v := range readVectors(t) {
		var diags syntax.Diagnostics
		parse.Source(v.Code, v.Kind == "statements", &diags)
		e := v.Expected.Error
		switch {
		case e != nil && e.Phase == "compile" && v.Category == "reject/syntax":
			if diags.Len() == 0 {
				t.Logf("%s: %q: no error, want %s", v.ID, v.Code, e.Code)
				continue
			}
			refused++
			if d := diags.All()[0]; d.Code != e.Code || int(d.Start) != e.Start {
				t.Errorf("%s: %q: got %v at %d, want %s at %d", v.ID, v.Code, d, d.Start, e.Code, e.Start)
			}
		case e == nil || e.Phase != "compile":
			parsed++
			if diags.Len() > 0 {
				t.Errorf("%s: %q: %v at %d", v.ID, v.Code, diags.All()[0], diags.All()[0].Start)
			}
		}
	}
	t.Logf("%d parsed, %d refused for their syntax", parsed, refused)
}
