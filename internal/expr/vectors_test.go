package expr_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/vectors"
)

// sharedFile returns the content of a shared test file, or skips the test where there is none.
func sharedFile(tb testing.TB, name string) []byte {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("no go.mod above the package")
		}
		dir = filepath.Dir(dir)
	}
	data, err := os.ReadFile(filepath.Join(dir, "..", "shared", name))
	if err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatal(err)
		}
		tb.Skip("SKIPPED: ../shared is not beside the checkout")
	}
	return data
}

// tally is the outcome of the vectors of one category.
type tally struct {
	passed, failed, unsupported int
}

// TestVectors runs every expression vector and holds the results against testdata/vectors.ratchet: a category
// may fail and lack no more than is written there. With VECTORS=verbose it prints each vector that does not
// pass, with VECTORS=update it writes the ratchet anew.
func TestVectors(t *testing.T) {
	contexts, err := vectors.ReadContexts(sharedFile(t, "vectors/contexts.json"))
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	runner := vectors.NewRunner(compiler, contexts)
	tallies := map[string]*tally{}
	mode := os.Getenv("VECTORS")
	err = vectors.Read(bytes.NewReader(sharedFile(t, "vectors/expressions.jsonl")), func(v *vectors.Vector) error {
		one := tallies[v.Category]
		if one == nil {
			one = &tally{}
			tallies[v.Category] = one
		}
		out := runner.Run(v)
		switch out.Status {
		case vectors.Passed:
			one.passed++
			return nil
		case vectors.Failed:
			one.failed++
		case vectors.Unsupported:
			one.unsupported++
		}
		if mode == "verbose" {
			t.Logf("%s %s %s\n\tcode %q\n\tgot  %s\n\twant %s", out.Status, v.Category, v.ID, v.Code, out.Got, out.Want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	report(t, tallies)
	if mode == "update" {
		writeRatchet(t, tallies)
		return
	}
	checkRatchet(t, tallies)
}

// TestVectorsOfTheNetFramework runs every expression vector with the answers of the .NET Framework. Those that the
// runtimes answer differently must fail where .NET's answer is expected.
func TestVectorsOfTheNetFramework(t *testing.T) {
	contexts, err := vectors.ReadContexts(sharedFile(t, "vectors/contexts.json"))
	if err != nil {
		t.Fatal(err)
	}
	framework, err := expr.NewCompilerFor(expr.NetFramework)
	if err != nil {
		t.Fatal(err)
	}
	runner := vectors.NewRunner(framework, contexts)
	differ := 0
	err = vectors.Read(bytes.NewReader(sharedFile(t, "vectors/expressions.jsonl")), func(v *vectors.Vector) error {
		if out := runner.Run(v); out.Status != vectors.Passed {
			t.Errorf("%s: got %s, want %s", v.ID, out.Got, out.Want)
		}
		if v.Net10 == nil {
			return nil
		}
		differ++
		if v.Net10.Value != nil {
			v.Expected.Value = v.Net10.Value
		}
		if v.Net10.Str != nil {
			v.Expected.Str = v.Net10.Str
		}
		if out := runner.Run(v); out.Status == vectors.Passed {
			t.Errorf("%s: %s is the answer of both runtimes", v.ID, out.Got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d vectors differ between the runtimes", differ)
}

const ratchetFile = "testdata/vectors.ratchet"

func categories(tallies map[string]*tally) []string {
	var names []string
	for name := range tallies {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func report(t *testing.T, tallies map[string]*tally) {
	t.Helper()
	var sum tally
	for _, name := range categories(tallies) {
		one := tallies[name]
		t.Logf("%-20s %5d passed %5d failed %5d unsupported", name, one.passed, one.failed, one.unsupported)
		sum.passed += one.passed
		sum.failed += one.failed
		sum.unsupported += one.unsupported
	}
	t.Logf("%-20s %5d passed %5d failed %5d unsupported", "all", sum.passed, sum.failed, sum.unsupported)
}

func writeRatchet(t *testing.T, tallies map[string]*tally) {
	t.Helper()
	var b strings.Builder
	b.WriteString("# category, vectors that fail, vectors that are not supported. The numbers may only fall.\n")
	for _, name := range categories(tallies) {
		fmt.Fprintf(&b, "%s %d %d\n", name, tallies[name].failed, tallies[name].unsupported)
	}
	if err := os.WriteFile(ratchetFile, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func checkRatchet(t *testing.T, tallies map[string]*tally) {
	t.Helper()
	data, err := os.ReadFile(ratchetFile)
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string][2]int{}
	for line := range strings.SplitSeq(string(data), "\n") {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		failed, err1 := strconv.Atoi(f[1])
		unsupported, err2 := strconv.Atoi(f[2])
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: line %q", ratchetFile, line)
		}
		allowed[f[0]] = [2]int{failed, unsupported}
	}
	for name, one := range tallies {
		a := allowed[name]
		if one.failed > a[0] || one.failed+one.unsupported > a[0]+a[1] {
			t.Errorf("%s: %d failed and %d unsupported; the ratchet allows %d and %d", name, one.failed, one.unsupported, a[0], a[1])
		}
		if one.failed < a[0] || one.failed+one.unsupported < a[0]+a[1] {
			t.Logf("%s is better than the ratchet: VECTORS=update writes it anew", name)
		}
	}
}
