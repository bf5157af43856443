package archtest

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

var glossaryEntry = regexp.MustCompile(`^\*\*([^*]+)\*\*: `)

// checkGlossary wants of each entry the words to avoid, and no term twice.
func checkGlossary(page string) []string {
	var found []string
	seen := map[string]bool{}
	for entry := range strings.SplitSeq(page, "\n\n") {
		match := glossaryEntry.FindStringSubmatch(entry)
		if len(match) < 2 {
			continue
		}
		term := match[1]
		if seen[term] {
			found = append(found, fmt.Sprintf("docs/glossary.md: %s stands twice", term))
		}
		seen[term] = true
		if !strings.Contains(entry, "\n*Avoid:* ") {
			found = append(found, fmt.Sprintf("docs/glossary.md: %s has no line *Avoid:*", term))
		}
	}
	if len(seen) == 0 {
		found = append(found, "docs/glossary.md: has no entries of the form **Term**: ...")
	}
	return found
}

// changeKinds are the kinds of changelog entries.
var changeKinds = []string{"added", "changed", "fixed", "removed", "security"}

// checkChange wants a changelog entry to begin with its kind.
func checkChange(name, content string) []string {
	first, _, _ := strings.Cut(content, "\n")
	kind, ok := strings.CutPrefix(first, "Kind: ")
	if !ok || !slices.Contains(changeKinds, kind) {
		return []string{fmt.Sprintf("%s: the first line is %q, want Kind: one of %s", name, first, strings.Join(changeKinds, ", "))}
	}
	return nil
}

// checkRecords wants each decision record in the list of docs/decisions.
func checkRecords(tree fileSet, list string) []string {
	var found []string
	for name := range tree {
		base := path.Base(name)
		if path.Dir(name) == "docs/decisions" && base[0] >= '0' && base[0] <= '9' && !strings.Contains(list, "("+base+")") {
			found = append(found, name+": is not in the list of docs/decisions/README.md")
		}
	}
	slices.Sort(found)
	return found
}
