package policytest

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/policy"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// maxExchanges bounds the exchanges of one golden file.
const maxExchanges = 50

// Run runs every golden file that matches the pattern.
func Run(t *testing.T, pattern string, registry *policy.Registry) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden file matches %s (%v)", pattern, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { runFile(t, path, registry) })
	}
}

// runFile runs one golden file.
func runFile(t *testing.T, path string, registry *policy.Registry) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := &archiveFiles{archive: archive}
	results := play(t, files, registry)
	if *update {
		files.replaceResults(results)
		if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range resultNames(files, results) {
		want, _ := files.get(name)
		if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(results[name])); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", path, name, diff)
		}
	}
}

// play compiles the documents and plays all exchanges.
func play(t *testing.T, files *archiveFiles, registry *policy.Registry) map[string]string {
	t.Helper()
	results := map[string]string{}
	b, problems := newBench(t, files, registry)
	if len(problems) > 0 {
		problems.Sort()
		results["errors"] = problems.String() + "\n"
		return results
	}
	for n := 1; n <= maxExchanges; n++ {
		suffix := ""
		if n > 1 {
			suffix = " " + strconv.Itoa(n)
		}
		request, ok := files.get("request" + suffix)
		if !ok {
			break
		}
		b.exchange(t, request, suffix, results)
	}
	return results
}

// archiveFiles finds files of an archive by name.
type archiveFiles struct{ archive *txtar.Archive }

func (f *archiveFiles) get(name string) (string, bool) {
	for _, file := range f.archive.Files {
		if file.Name == name {
			return string(file.Data), true
		}
	}
	return "", false
}

// isResult reports whether a file holds what is expected.
func isResult(name string) bool {
	base, _, _ := strings.Cut(name, " ")
	switch base {
	case "forwarded", "waits", "response", "fault", "errors", "trace":
		return true
	}
	return false
}

// resultNames returns the names of all results, expected and had.
func resultNames(files *archiveFiles, results map[string]string) []string {
	var names []string
	for _, f := range files.archive.Files {
		if isResult(f.Name) {
			names = append(names, f.Name)
		}
	}
	for name := range results {
		if _, ok := files.get(name); !ok {
			names = append(names, name)
		}
	}
	return names
}

// replaceResults puts results in the place of those that are expected, each
// behind its request.
func (f *archiveFiles) replaceResults(results map[string]string) {
	var out []txtar.File
	for _, file := range f.archive.Files {
		if !isResult(file.Name) {
			out = append(out, file)
		}
	}
	for _, kind := range []string{"forwarded", "waits", "response", "fault", "trace", "errors"} {
		for n := 1; n <= maxExchanges; n++ {
			name := kind
			if n > 1 {
				name += " " + strconv.Itoa(n)
			}
			if text, ok := results[name]; ok {
				out = append(out, txtar.File{Name: name, Data: []byte(text)})
			}
		}
	}
	f.archive.Files = out
}
