package asset

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// list is vendored/libraries.txt, read: digests by file, and libraries.
type list struct {
	digests   map[string]string
	libraries []string
	licences  map[string]bool
}

// readList reads the list. A line that begins with "library" says what follows,
// others have a digest and a file.
func readList(t *testing.T, text string) list {
	t.Helper()
	l := list{digests: map[string]string{}, licences: map[string]bool{}}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || fields[0] == "#":
		case fields[0] == "library" && len(fields) == 5:
			l.libraries = append(l.libraries, fields[1])
		case len(fields) == 2 && len(fields[0]) == sha256.Size*2:
			l.digests[fields[1]] = fields[0]
			l.licences[strings.SplitN(fields[1], "/", 2)[0]] = l.licences[strings.SplitN(fields[1], "/", 2)[0]] || strings.HasSuffix(fields[1], "/LICENSE")
		default:
			t.Errorf("libraries.txt: %q is neither a library (name, version, licence, source) nor a digest and a file", line)
		}
	}
	return l
}

// compare reports files that differ from the list, both ways.
func compare(files fs.FS, l list) []string {
	var found []string
	seen := map[string]bool{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "libraries.txt" {
			return err
		}
		content, err := fs.ReadFile(files, name)
		sum := sha256.Sum256(content)
		seen[name] = true
		if l.digests[name] != hex.EncodeToString(sum[:]) {
			found = append(found, name+": is not what the list says")
		}
		return err
	})
	if err != nil {
		found = append(found, err.Error())
	}
	for name := range l.digests {
		if !seen[name] {
			found = append(found, name+": is missing")
		}
	}
	return found
}

func TestVendored(t *testing.T) {
	text, err := vendored.ReadFile("vendored/libraries.txt")
	if err != nil {
		t.Fatal(err)
	}
	l := readList(t, string(text))
	for _, finding := range compare(below(vendored, "vendored"), l) {
		t.Error(finding)
	}
	if diff := cmp.Diff([]string{"highlight", "uplot"}, l.libraries); diff != "" {
		t.Errorf("libraries (-want +got):\n%s", diff)
	}
	page, err := os.ReadFile("../../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range l.libraries {
		if !l.licences[name] {
			t.Errorf("%s comes without its licence", name)
		}
		if !strings.Contains(string(page), "vendored/"+name) {
			t.Errorf("docs/dependencies.md has no row of %s", name)
		}
	}
}

func TestVendored_Finds(t *testing.T) {
	l := readList(t, "library a 1 MIT x\n"+strings.Repeat("0", 64)+" highlight/LICENSE\n"+strings.Repeat("0", 64)+" gone.js\n")
	if len(compare(below(vendored, "vendored"), l)) < 3 {
		t.Error("a list that is wrong was not found to be")
	}
}

// TestCode_NamesLanguages compares what the module loads with what is there.
func TestCode_NamesLanguages(t *testing.T) {
	module, err := code.ReadFile("code/code.js")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := vendored.ReadDir("vendored/highlight/languages")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".min.js"); !strings.Contains(string(module), `"`+name+`"`) {
			t.Errorf("code.js does not know the language %s", name)
		}
	}
}
