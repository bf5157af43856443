package archtest

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// machinePaths are folders of one machine, which mean nothing on another.
// They are written in two parts so that this file does not hold them.
var machinePaths = []string{"/wo" + "rk/", "/ro" + "ot/"}

// maxTextBytes is the size above which a file counts as data and is not read
// for words: a public OpenAPI document, for example.
const maxTextBytes = 1 << 20

// textFile is a file of the tree, read.
type textFile struct {
	Path    string
	Content []byte
}

// isText says whether a file is worth reading for words.
func (f textFile) isText() bool {
	head := f.Content[:min(len(f.Content), 1024)]
	return len(f.Content) <= maxTextBytes && !bytes.ContainsRune(head, 0)
}

// checkWords reports absolute paths of a machine in any text file. A path
// counts only where it begins: not inside a longer path or an address.
func checkWords(f textFile) []string {
	if !f.isText() || path.Base(f.Path) == "go.sum" {
		return nil
	}
	var found []string
	for number, line := range bytes.Split(f.Content, []byte("\n")) {
		for _, word := range machinePaths {
			if beginsPath(string(line), word) {
				found = append(found, fmt.Sprintf("%s:%d: %s is a path of one machine", f.Path, number+1, word))
			}
		}
	}
	return found
}

// beginsPath says whether word stands in the line where a path would begin.
func beginsPath(line, word string) bool {
	for {
		i := strings.Index(line, word)
		if i < 0 {
			return false
		}
		if i == 0 || strings.ContainsRune(" \t\"'`(=:,<>[", rune(line[i-1])) {
			return true
		}
		line = line[i+len(word):]
	}
}

var markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// checkLinks reports relative links of a Markdown page to files that are not
// in the tree.
func checkLinks(f textFile, tree fileSet) []string {
	if path.Ext(f.Path) != ".md" || strings.Contains(f.Path, "testdata/") {
		return nil
	}
	var found []string
	for _, match := range markdownLink.FindAllSubmatch(f.Content, -1) {
		target, _, _ := strings.Cut(string(match[1]), "#")
		if target == "" || strings.Contains(target, ":") || strings.ContainsAny(target, "@{") {
			continue
		}
		full := path.Join(path.Dir(f.Path), target)
		if !tree[full] && !hasFolder(tree, full) {
			found = append(found, fmt.Sprintf("%s: the link to %s leads nowhere", f.Path, target))
		}
	}
	return found
}

func hasFolder(tree fileSet, folder string) bool {
	for name := range tree {
		if strings.HasPrefix(name, folder+"/") {
			return true
		}
	}
	return false
}

var requirement = regexp.MustCompile(`(?m)^(?:require)?\s+([^\s()/]+\.[^\s()/]+(?:/\S+)?) v\S+$`)

// directModules are the modules that go.mod requires for ourselves, not for
// another module.
func directModules(goMod string) []string {
	var list []string
	for _, match := range requirement.FindAllStringSubmatch(goMod, -1) {
		list = append(list, match[1])
	}
	return list
}

var toolLine = regexp.MustCompile(`(?m)^(?:tool)?\s+([^\s()/]+\.[^\s()/]+/[^\s()]+)$`)

// toolPackages are the programs that tools/go.mod names.
func toolPackages(goMod string) []string {
	var list []string
	for _, match := range toolLine.FindAllStringSubmatch(goMod, -1) {
		list = append(list, match[1])
	}
	return list
}

// checkDependencies compares modules and tools with docs/dependencies.md, both
// ways.
func checkDependencies(modules []string, page string) []string {
	listed := map[string]bool{}
	for line := range strings.Lines(page) {
		first, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
		if names := codeSpans(first); strings.HasPrefix(line, "|") && len(names) == 1 {
			listed[names[0]] = true
		}
	}
	var found []string
	for _, module := range modules {
		if !listed[module] {
			found = append(found, module+": has no row in docs/dependencies.md: what it does for us, what was the alternative")
		}
		delete(listed, module)
	}
	for _, module := range slices.Sorted(maps.Keys(listed)) {
		found = append(found, module+": docs/dependencies.md has a row, neither go.mod nor tools/go.mod requires it")
	}
	return found
}

// mustSay are sentences that a page may not lose: what we promise to those who
// report a weakness, and what we say that we do not promise.
var mustSay = map[string][]string{
	"SECURITY.md":          {"1 working day", "90 days"},
	"docs/threat-model.md": {"## Not promised"},
}

// checkSentences reports pages that lost what they must say.
func checkSentences(pages map[string]string) []string {
	var found []string
	for _, name := range []string{"SECURITY.md", "docs/threat-model.md"} {
		for _, sentence := range mustSay[name] {
			if !strings.Contains(pages[name], sentence) {
				found = append(found, fmt.Sprintf("%s: does not say %q", name, sentence))
			}
		}
	}
	return found
}
