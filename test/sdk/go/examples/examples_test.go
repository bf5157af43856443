package examples

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/test/sdk/go/harness"
	"github.com/sallyport/sallyport/test/sdk/go/rewrite"
)

var (
	only = flag.String("only", "", "a regular expression of the examples to run, as -run of go test reads it")
	keep = flag.String("keep", "", "a folder for the rewritten examples, to read them")
)

const sdk = "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement"

// versions are the versions of the SDK, with the version of the API and the
// number of examples of each.
var versions = []struct {
	name, module, version string
	count                 int
}{
	{"v3.0.0", sdk + "/v3", "2024-05-01", 681},
	{"v2.1.0", sdk + "/v2", "2022-08-01", 450},
	{"v1.1.1", sdk, "2021-08-01", 385},
}

// TestExamples runs each example with a management API of its own in one process.
func TestExamples(t *testing.T) {
	for _, v := range versions {
		t.Run(v.name, func(t *testing.T) { published(t, v.name, v.module, v.version, v.count) })
	}
}

// TestExamplesServed runs the examples of the newest version against a running
// program, which checks that each change compiles before it acknowledges it.
func TestExamplesServed(t *testing.T) {
	t.Setenv(harness.ServeVariable, "1")
	v := versions[0]
	published(t, v.name, v.module, v.version, v.count)
}

// published rewrites the examples of a version and runs them.
func published(t *testing.T, name, module, version string, count int) {
	t.Helper()
	source, found, err := rewrite.Package(folder(t, module), module, version)
	if err != nil {
		t.Fatal(err)
	}
	if found != count {
		t.Errorf("the SDK has %d examples; %d were there", count, found)
	}
	if ran := run(t, name, source); ran != found && *only == "" {
		t.Errorf("%d of %d examples ran", ran, found)
	}
}

// folder is where the module cache has the SDK.
func folder(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("looking for %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}

// run runs the rewritten examples as a test of their own. They are laid over the
// module, in a folder that is not there, so that nothing is written into it. It returns how many
// ran.
func run(t *testing.T, name string, source []byte) int {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if *keep != "" {
		dir = *keep
	}
	file := filepath.Join(dir, name+"_examples_test.go")
	virtual := "published_" + strings.ReplaceAll(name, ".", "_")
	overlay, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(here, virtual, "examples_test.go"): file},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, source, 0o600); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, name+"_overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, name+".test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, "./"+virtual)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the examples: %v\n%s", err, out)
	}
	command := exec.CommandContext(t.Context(), binary, "-test.v")
	if *only != "" {
		command.Args = append(command.Args, "-test.run", "TestExamples/"+*only)
	}
	command.Dir = here
	out, err := command.CombinedOutput()
	if at := strings.Index(string(out), "\npanic: "); at >= 0 {
		t.Errorf("%.3000s", out[at:])
	}
	ran := report(t, string(out))
	if err != nil {
		t.Errorf("%v", err)
	}
	return ran
}

// outcome is what became of the examples about one client.
type outcome struct{ passed, failed, skipped int }

// report says for each client how many of its examples passed, and for each
// example that failed what it did.
func report(t *testing.T, out string) int {
	t.Helper()
	groups := map[string]*outcome{}
	for _, block := range strings.Split(out, "=== RUN ")[1:] {
		name, story, _ := strings.Cut(block, "\n")
		_, example, ok := strings.Cut(name, "/")
		group, _, inner := strings.Cut(example, "/")
		if !ok || !inner {
			continue
		}
		g := groups[group]
		if g == nil {
			g = &outcome{}
			groups[group] = g
		}
		switch {
		case strings.Contains(out, "--- FAIL: "+strings.TrimSpace(name)+" "):
			g.failed++
			t.Errorf("%s\n%s", example, story)
		case strings.Contains(out, "--- SKIP: "+strings.TrimSpace(name)+" "):
			g.skipped++
		default:
			g.passed++
		}
	}
	total := outcome{}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := groups[name]
		t.Logf("%-50s %3d passed, %3d failed, %3d skipped", name, g.passed, g.failed, g.skipped)
		total = outcome{total.passed + g.passed, total.failed + g.failed, total.skipped + g.skipped}
	}
	t.Logf("%-50s %3d passed, %3d failed, %3d skipped", "all", total.passed, total.failed, total.skipped)
	if len(groups) == 0 {
		t.Errorf("no example ran:\n%s", out)
	}
	return total.passed + total.failed + total.skipped
}
