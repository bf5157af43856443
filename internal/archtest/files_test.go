package archtest

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFiles(t *testing.T) {
	folder := root(t)
	names := treeFiles(t, folder)
	tree := setOf(names)
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			t.Fatalf("reading %s: %v", name, err)
		}
		file := textFile{Path: name, Content: content}
		report(t, checkWords(file))
		report(t, checkLinks(file, tree))
	}
}

func TestDependencies(t *testing.T) {
	modules := directModules(readPage(t, "go.mod"))
	if len(modules) == 0 {
		t.Fatal("go.mod requires nothing directly: the rule would check nothing")
	}
	tools := toolPackages(readPage(t, "tools/go.mod"))
	if len(tools) == 0 {
		t.Fatal("tools/go.mod names no tool: the rule would check nothing")
	}
	report(t, checkDependencies(slices.Concat(modules, tools), readPage(t, "docs/dependencies.md")))
}

func TestSentences(t *testing.T) {
	pages := map[string]string{}
	for name := range mustSay {
		pages[name] = readPage(t, name)
	}
	report(t, checkSentences(pages))
}

func TestCheckWords(t *testing.T) {
	path := machinePaths[0] + "gate"
	tests := []struct {
		name string
		file textFile
		want []string
	}{
		{"a path", textFile{"a.md", []byte("one\nsee `" + path + "`\n")}, []string{"a.md:2: " + machinePaths[0] + " is a path of one machine"}},
		{"at the start of a line", textFile{"a.sh", []byte(path)}, []string{"a.sh:1: " + machinePaths[0] + " is a path of one machine"}},
		{"part of an address", textFile{"a.md", []byte("https://example.org" + path)}, nil},
		{"binary", textFile{"a.bin", append([]byte{0}, path...)}, nil},
		{"too large", textFile{"a.json", append(bytes.Repeat([]byte(" "), maxTextBytes), path...)}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, checkWords(test.file)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckLinks(t *testing.T) {
	file := textFile{"docs/a.md", []byte("[b](b.md) [up](../README.md#run) [folder](policies/) [gone](gone.md) [web](https://example.org/x.md) [here](#here)\n")}
	got := checkLinks(file, setOf([]string{"docs/b.md", "README.md", "docs/policies/cors.md"}))
	want := []string{"docs/a.md: the link to gone.md leads nowhere"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckDependencies(t *testing.T) {
	modules := directModules("module example.org/gate\n\ngo 1.26\n\nrequire example.org/one v1.0.0\n\n" +
		"require (\n\texample.org/two v2.0.0\n\texample.org/three v3.0.0 // indirect\n)\n")
	if diff := cmp.Diff([]string{"example.org/one", "example.org/two"}, modules); diff != "" {
		t.Fatalf("direct modules (-want +got):\n%s", diff)
	}
	tools := toolPackages("module example.org/gate/tools\n\ntool (\n\texample.org/lint/cmd/lint\n)\n\nrequire (\n\texample.org/lint v1.0.0\n)\n")
	if diff := cmp.Diff([]string{"example.org/lint/cmd/lint"}, tools); diff != "" {
		t.Fatalf("tools (-want +got):\n%s", diff)
	}
	got := checkDependencies(modules, "| module | for |\n|---|---|\n| `example.org/one` | it |\n| `example.org/old` | `x` |\n")
	want := []string{
		"example.org/two: has no row in docs/dependencies.md: what it does for us, what was the alternative",
		"example.org/old: docs/dependencies.md has a row, neither go.mod nor tools/go.mod requires it",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckSentences(t *testing.T) {
	got := checkSentences(map[string]string{"SECURITY.md": "We reply in 1 working day.", "docs/threat-model.md": "## Not promised\n"})
	want := []string{`SECURITY.md: does not say "90 days"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
