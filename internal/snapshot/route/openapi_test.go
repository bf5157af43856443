package route

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// description reads a public API description that scripts/testdata.sh fetched.
func description(t *testing.T, file string) map[string]map[string]json.RawMessage {
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
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, ".cache", "testdata", file))
	if errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("CI") != "" {
			t.Fatalf("SKIPPED-REQUIRED: %s is not there: run scripts/testdata.sh", file)
		}
		t.Skipf("SKIPPED: %s is not there: run scripts/testdata.sh", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d.Paths
}

// TestMatch_PublicDescriptions matches a generated request for each operation of
// two large public APIs: it fits that operation and no other.
func TestMatch_PublicDescriptions(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		operations int
	}{
		{"GitHub, OpenAPI 3.0", "github.json", 1223},
		{"Kubernetes, Swagger 2.0", "kubernetes.json", 738},
	} {
		t.Run(tt.name, func(t *testing.T) {
			table, operations := describedTable(t, description(t, tt.file))
			if len(operations) != tt.operations {
				t.Fatalf("%d operations, want %d", len(operations), tt.operations)
			}
			var slow []slowOperation
			for _, o := range operations {
				slow = append(slow, newSlow(o.Method, o.Template, int(o.Index)))
			}
			overlaps := 0
			for _, o := range operations {
				overlaps += checkDescribed(t, table, o, slow)
			}
			t.Logf("%d operations, each matched by its own request and by no other; %d requests fit a less specific template too", len(operations), overlaps)
		})
	}
}

// checkDescribed matches a request that is generated for an operation, and
// returns 1 where it fits the template of another operation as well.
func checkDescribed(t *testing.T, table *Table, o Operation, slow []slowOperation) int {
	t.Helper()
	path, err := Normalize("/api" + generatedPath(o.Template))
	if err != nil {
		t.Fatal(err)
	}
	var m Match
	q := Query{Path: path, Method: o.Method}
	if !table.Match(&q, &m) || m.Operation != o.Index {
		t.Errorf("%s %s: operation %d (outcome %d), want %d", o.Method, path, m.Operation, m.Outcome, o.Index)
	}
	if want := slowMatch(slow, o.Method, path[len("/api"):], ""); want == nil || want.index != int(o.Index) {
		t.Errorf("%s %s: the reference does not pick %s", o.Method, path, o.Template)
	}
	for i, p := range m.Params() {
		if want := generatedValue(i); p.Value != want {
			t.Errorf("%s %s: parameter %s is %q, want %q", o.Method, path, p.Name, p.Value, want)
		}
	}
	fitting := slices.DeleteFunc(table.AtPath(&q, nil), func(a Operation) bool { return a.Method != o.Method })
	if len(fitting) == 0 || fitting[0] != o {
		t.Errorf("%s %s: AtPath begins with %v", o.Method, path, fitting)
	}
	return min(len(fitting)-1, 1)
}

func describedTable(t *testing.T, paths map[string]map[string]json.RawMessage) (*Table, []Operation) {
	t.Helper()
	var b Builder
	api, err := b.AddAPI(API{Name: "described", Path: "api", Revision: "1", Current: true})
	if err != nil {
		t.Fatal(err)
	}
	var operations []Operation
	for _, template := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range slices.Sorted(maps.Keys(paths[template])) {
			switch method {
			case "get", "put", "post", "delete", "options", "head", "patch", "trace":
			default:
				continue
			}
			o := Operation{Method: strings.ToUpper(method), Template: template, Index: int32(len(operations))}
			if err := b.AddOperation(api, method, template, o.Index); err != nil {
				t.Fatal(err)
			}
			operations = append(operations, o)
		}
	}
	table, problems := b.Build()
	for _, p := range problems {
		t.Errorf("problem: %v", p)
	}
	return table, operations
}

// generatedPath fills each parameter of a template with a value of its own.
func generatedPath(template string) string {
	i := -1
	return parameterText.ReplaceAllStringFunc(template, func(string) string {
		i++
		return generatedValue(i)
	})
}

func generatedValue(i int) string { return "Value~" + string(rune('a'+i)) }
