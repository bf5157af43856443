package archtest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPages(t *testing.T) {
	names := treeFiles(t, root(t))
	report(t, checkGlossary(readPage(t, "docs/glossary.md")))
	report(t, checkRecords(setOf(names), readPage(t, "docs/decisions/README.md")))
	for _, name := range names {
		if strings.HasPrefix(name, "changelog/unreleased/") {
			report(t, checkChange(name, readPage(t, name)))
		}
	}
}

func TestCheckGlossary(t *testing.T) {
	tests := []struct {
		name string
		page string
		want []string
	}{
		{"good", "# Glossary\n\n**API**: A set.\nMore.\n*Avoid:* service.\n", nil},
		{"nothing to avoid", "**API**: A set.\n\n**Tag**: A label.\n*Avoid:* label.\n", []string{"docs/glossary.md: API has no line *Avoid:*"}},
		{"twice", "**API**: A.\n*Avoid:* b.\n\n**API**: C.\n*Avoid:* d.\n", []string{"docs/glossary.md: API stands twice"}},
		{"another form", "API - a set\n", []string{"docs/glossary.md: has no entries of the form **Term**: ..."}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, checkGlossary(test.page)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckChange(t *testing.T) {
	if got := checkChange("a.md", "Kind: fixed\n\nIt works.\n"); got != nil {
		t.Errorf("a good entry: %v", got)
	}
	got := checkChange("a.md", "Fixed it.\n")
	want := []string{`a.md: the first line is "Fixed it.", want Kind: one of added, changed, fixed, removed, security`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckRecords(t *testing.T) {
	tree := setOf([]string{"docs/decisions/0001-a.md", "docs/decisions/0002-b.md", "docs/decisions/README.md", "docs/decisions/template.md"})
	got := checkRecords(tree, "| [0001](0001-a.md) | a |\n")
	want := []string{"docs/decisions/0002-b.md: is not in the list of docs/decisions/README.md"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
