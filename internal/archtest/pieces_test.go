package archtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readPage reads a file of the tree, by its path from the root.
func readPage(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatalf("reading %s: %v", name, err)
	}
	return string(content)
}

func TestPolicies(t *testing.T) {
	files := sources(t)
	if len(declaredPolicies(files)) == 0 {
		t.Fatalf("no policy was found in %s: the rule would check nothing", policiesFolder)
	}
	report(t, checkPolicies(files, setOf(treeFiles(t, root(t)))))
}

func TestFuzzCorpora(t *testing.T) {
	report(t, checkCorpora(sources(t), setOf(treeFiles(t, root(t)))))
}

func TestGuarantees(t *testing.T) {
	rows := parseGuarantees(readPage(t, "docs/guarantees.md"))
	report(t, checkGuarantees(rows, testFunctions(sources(t), "Test")))
}

func TestCheckPolicies(t *testing.T) {
	files := []sourceFile{
		source(t, "internal/policies/all.go", "package policies\n\nfunc All() []policy.Spec { return []policy.Spec{setHeader(), trace} }\n"),
		source(t, "internal/policies/set_header.go",
			"package policies\n\nfunc setHeader() policy.Spec { return policy.Spec{Name: \"set-header\", Shape: policy.Shape{Name: \"x\"}} }\n"),
		source(t, "internal/policies/trace.go", "package policies\n\nvar trace = policy.Spec{Name: \"trace\"}\n"),
		source(t, "internal/policies/extra.go", "package policies\n\nfunc cors() *policy.Spec { return &policy.Spec{Name: \"cors\"} }\n"),
		source(t, "internal/policies/x_test.go", "package policies\n\nvar fake = policy.Spec{Name: \"fake\"}\n"),
	}
	tree := setOf([]string{
		"internal/policies/testdata/set-header.txtar", "docs/policies/set-header.md",
		"internal/policies/trace_test.go", "docs/policies/trace.md",
	})
	got := checkPolicies(files, tree)
	want := []string{
		"policy cors: its Spec stands in internal/policies/extra.go; its file is internal/policies/cors.go",
		"policy cors: cors is not in internal/policies/all.go, the only list",
		"policy cors: has neither cors_test.go nor a golden file testdata/cors.txtar in internal/policies",
		"policy cors: has no page docs/policies/cors.md; run: make docs",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckCorpora(t *testing.T) {
	files := []sourceFile{
		source(t, "internal/p/p_test.go", "package p\n\nfunc FuzzRead(f *testing.F) {}\n\nfunc FuzzWrite(f *testing.F) {}\n"),
	}
	got := checkCorpora(files, setOf([]string{"internal/p/testdata/fuzz/FuzzRead/empty"}))
	want := []string{"internal/p: the fuzz target FuzzWrite has no corpus in internal/p/testdata/fuzz/FuzzWrite"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckGuarantees(t *testing.T) {
	page := "| id | promise | test | negative control |\n|---|---|---|---|\n" +
		"| R3 | holds | `TestR3_Flips/all` | `TestR3_Flips_NegativeControl` |\n" +
		"| R9 | is missing | `TestR9_Cuts` | `TestR9_Cuts_NegativeControl` |\n" +
		"| S1 | has another's | `TestR3_Flips` | `TestS1_Off` |\n" +
		"| S2 | is bare | soon | soon |\n"
	var tests []testFunction
	for _, name := range []string{"TestR3_Flips", "TestR3_Flips_NegativeControl", "TestS1_Off", "TestS7_Paths", "TestReader"} {
		tests = append(tests, testFunction{Name: name, Folder: "internal/p"})
	}
	got := checkGuarantees(parseGuarantees(page), tests)
	want := []string{
		"R9: there is no test TestR9_Cuts",
		"R9: there is no test TestR9_Cuts_NegativeControl",
		"S1: TestR3_Flips does not carry the row's id: TestS1_...",
		"S1: the negative control TestS1_Off does not end in _NegativeControl",
		"S2: the row names no test or no negative control",
		"TestS7_Paths: proves a promise that docs/guarantees.md does not list",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
