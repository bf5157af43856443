package reference_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policies/reference"
	"github.com/sallyport/sallyport/internal/policy"
)

var update = flag.Bool("update", false, "write docs/policies anew")

// pages is where the reference stands in the tree.
const pages = "../../../docs/policies"

// TestPages compares the pages of the tree with the policies.
func TestPages(t *testing.T) {
	if *update {
		if err := reference.Write(pages, policies.All()); err != nil {
			t.Fatal(err)
		}
	}
	files, err := reference.Files(policies.All())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(pages, name))
		if err != nil {
			t.Errorf("%v; run: make docs", err)
			continue
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what the policies say; run: make docs (-want +got):\n%s", name, diff)
		}
	}
	list, err := os.ReadDir(pages)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range list {
		if files[entry.Name()] == nil {
			t.Errorf("docs/policies/%s belongs to no policy; run: make docs", entry.Name())
		}
	}
}

// TestSpecsAreComplete wants of each policy what its page needs.
func TestSpecsAreComplete(t *testing.T) {
	for _, s := range policies.All().All() {
		if s.Summary == "" || !strings.HasSuffix(s.Summary, ".") {
			t.Errorf("%s: the summary %q is no sentence", s.Name, s.Summary)
		}
		if s.Example == "" || s.Sections == 0 || s.Scopes == 0 || s.Compile == nil {
			t.Errorf("%s: the example, the sections, the scopes or Compile is missing", s.Name)
		}
		checkShape(t, s.Name, &s.Shape)
	}
}

func checkShape(t *testing.T, path string, s *policy.Shape) {
	t.Helper()
	names := map[string]bool{}
	for _, a := range s.Attributes {
		names[a.Name] = true
		if a.Value.Doc == "" {
			t.Errorf("%s: the attribute %s has no documentation", path, a.Name)
		}
		if a.Value.Type == policy.TypeEnum && len(a.Value.Enum) == 0 {
			t.Errorf("%s: the attribute %s has no values", path, a.Name)
		}
	}
	for _, group := range s.OneOf {
		for _, name := range group {
			if !names[name] {
				t.Errorf("%s: OneOf names %s, which is no attribute", path, name)
			}
		}
	}
	for i := range s.Children {
		if k := s.Children[i]; k.Doc == "" && (k.Shape.Text == nil || k.Shape.Text.Doc == "") {
			t.Errorf("%s: the element %s has no documentation", path, s.Children[i].Name)
		}
		checkShape(t, path+"/"+s.Children[i].Name, &s.Children[i].Shape)
	}
}

func TestDescribe(t *testing.T) {
	r := policy.NewRegistry(&policy.Spec{
		Name: "sample", Summary: "Does.", Sections: policy.Inbound | policy.OnError, Scopes: policy.ScopeAPI, Once: true,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "n", Required: true, Value: policy.Value{Type: policy.TypeInteger, Expression: true, Min: 0, Max: 5, Default: "1", Doc: "number | bar"}},
				{Name: "e", Value: policy.Value{Type: policy.TypeEnum, Enum: []string{"a", "b"}}},
			},
			OneOf:    [][]string{{"n", "e"}},
			Children: []policy.Child{{Name: "k", Min: 1, Max: 2, Doc: "kind", Shape: policy.Shape{Text: &policy.Value{Expression: true, Doc: "text"}}}},
			Policies: true, Only: []string{"trace"},
		},
	})
	files, err := reference.Files(r)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version  int
		Policies []struct {
			Name             string
			Sections, Scopes []string
			Once             bool
			OneOf            [][]string
			Attributes       []struct {
				Name, Type, Default  string
				Required, Expression bool
				Min, Max             *int64
				Enum                 []string
			}
			Children []struct {
				Name     string
				Min, Max int
				Text     struct{ Type string }
			}
		}
	}
	//nolint:musttag // Names are matched without regard to case.
	if err := json.Unmarshal(files[reference.DescriptionName], &got); err != nil {
		t.Fatal(err)
	}
	p := got.Policies[0]
	if got.Version != policy.DescriptionVersion || p.Name != "sample" || !p.Once || *p.Attributes[0].Max != 5 || *p.Attributes[0].Min != 0 ||
		p.Attributes[1].Enum[1] != "b" || p.Children[0].Text.Type != "string" || p.Sections[1] != "on-error" || p.OneOf[0][1] != "e" {
		t.Errorf("the description is %s", files[reference.DescriptionName])
	}
	page := string(files["sample.md"])
	for _, want := range []string{
		"| `n` | number \\| bar | integer, 0 to 5 | yes | `1` | yes |", "| `e` |  | one of `a`, `b` | no |  | no |",
		"Exactly one of `n`, `e` must be present.", "| `k` | kind | 1 to 2 |", "`sample` contains policies: `trace`.",
		"The content of `sample/k` is a text: text (string, or an expression).", "- Sections: inbound, on-error", "- At most once",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

// TestWriteIntoFile fails with the reason where the folder cannot be made.
func TestWriteIntoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := reference.Write(filepath.Join(file, "dir"), policies.All()); err == nil || !strings.Contains(err.Error(), "writing the reference") {
		t.Errorf("error %v, want one that says what was being done", err)
	}
}
