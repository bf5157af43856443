package page

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// passwordFields are the fields for passwords, as Go and templates write them.
var passwordFields = []*regexp.Regexp{
	regexp.MustCompile(`Name: "(\w+)"[^{}]*Type: "password"`),
	regexp.MustCompile(`"Name" "(\w+)"[^()]*"Type" "password"`),
	regexp.MustCompile(`"Type" "password"[^()]*"Name" "(\w+)"`),
	regexp.MustCompile(`<input[^>]* name="(\w+)"[^>]* type="password"`),
}

// TestPasswordsAreNotKept finds every field for a password in the portal: no page
// that offers to send a form again may hold what was typed there.
func TestPasswordsAreNotKept(t *testing.T) {
	found := map[string]bool{}
	portal := os.DirFS("..")
	err := fs.WalkDir(portal, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".html") {
			return err
		}
		text, err := fs.ReadFile(portal, name)
		for _, pattern := range passwordFields {
			for _, match := range pattern.FindAllStringSubmatch(string(text), -1) {
				found[match[1]] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range found {
		if !slices.Contains(unkept, strings.ToLower(name)) {
			t.Errorf("the field %q is for a password, and a page may keep it: add it to unkept", name)
		}
	}
	for _, name := range []string{"password", "validationKey", "clientSecret"} {
		if !found[name] {
			t.Errorf("the field %q was not found: the patterns no longer fit", name)
		}
	}
}
