package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// sourceFile is one parsed Go file; Path is relative to the module's root and
// has slashes.
type sourceFile struct {
	Path  string
	Lines int
	Test  bool
	File  *ast.File
	Set   *token.FileSet
}

// Folder is the file's folder, relative to the module's root.
func (f sourceFile) Folder() string {
	if i := strings.LastIndexByte(f.Path, '/'); i >= 0 {
		return f.Path[:i]
	}
	return "."
}

// parseSource parses Go source under a path; it is what the tests of the
// rules make their input with.
func parseSource(path string, source []byte) (sourceFile, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return sourceFile{}, fmt.Errorf("parsing %s: %w", path, err)
	}
	return sourceFile{
		Path:  path,
		Lines: bytes.Count(source, []byte("\n")),
		Test:  strings.HasSuffix(path, "_test.go"),
		File:  file,
		Set:   set,
	}, nil
}

// root is the folder of go.mod above this package.
func root(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatalf("finding the working directory: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("there is no go.mod above this package")
		}
		folder = parent
	}
}

// leftOut are folders that are no part of the source tree.
var leftOut = []string{".git", ".cache", "bin", "data", "node_modules"}

// treeFiles lists the files of the tree: those that git tracks or would track
// where there is a repository, else all that are not in leftOut.
func treeFiles(t *testing.T, folder string) []string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, ".git")); err == nil {
		command := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
		command.Dir = folder
		if out, err := command.Output(); err == nil {
			return existing(folder, strings.Split(strings.TrimRight(string(out), "\x00"), "\x00"))
		}
	}
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != folder && slices.Contains(leftOut, entry.Name()) {
			return filepath.SkipDir
		}
		if entry.Type().IsRegular() {
			relative, err := filepath.Rel(folder, path)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		t.Fatalf("listing the tree: %v", err)
	}
	return files
}

// existing leaves out what git still lists but a working copy has removed.
func existing(folder string, files []string) []string {
	return slices.DeleteFunc(files, func(name string) bool {
		info, err := os.Stat(filepath.Join(folder, name))
		return err != nil || !info.Mode().IsRegular()
	})
}

var (
	parseOnce   sync.Once
	parsedFiles []sourceFile
)

// sources parses every Go file of the main module once for all tests. Files
// in testdata and in the tools module are not part of it.
func sources(t *testing.T) []sourceFile {
	t.Helper()
	folder := root(t)
	parseOnce.Do(func() {
		for _, name := range treeFiles(t, folder) {
			if !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata/") || strings.HasPrefix(name, "tools/") {
				continue
			}
			content, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatalf("reading %s: %v", name, err)
			}
			file, err := parseSource(name, content)
			if err != nil {
				t.Fatal(err)
			}
			parsedFiles = append(parsedFiles, file)
		}
	})
	if len(parsedFiles) == 0 {
		t.Fatal("no Go file was found or parsed")
	}
	return parsedFiles
}

// listPackages asks the go command for the module's path and its packages.
func listPackages(t *testing.T) (module string, packages []listedPackage) {
	t.Helper()
	folder := root(t)
	run := func(arguments ...string) []byte {
		command := exec.CommandContext(t.Context(), "go", arguments...)
		command.Dir = folder
		out, err := command.Output()
		if err != nil {
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, exit.Stderr)
			}
			t.Fatalf("go %s: %v", strings.Join(arguments, " "), err)
		}
		return out
	}
	module = strings.TrimSpace(string(run("list", "-m")))
	out := run("list", "-e", "-json=ImportPath,Name,Imports,TestImports,XTestImports,Deps", "./...")
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listedPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("reading what go list printed: %v", err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 5 {
		t.Fatalf("go list named %d packages: the rules would check nothing", len(packages))
	}
	return module, packages
}

// report fails the test with one line a finding.
func report(t *testing.T, found []string) {
	t.Helper()
	for _, line := range found {
		t.Error(line)
	}
}
