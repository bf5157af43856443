// Package reference writes the reference of the policies, a page a policy, from
// their Specs.
package reference

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/sallyport/sallyport/internal/policy"
)

// The files that Write makes besides the pages.
const (
	IndexName       = "README.md"
	DescriptionName = "policies.json"
)

// Files returns the content of the reference by file name: a page for each
// policy, the index, and the JSON description for editors.
func Files(r *policy.Registry) (map[string][]byte, error) {
	description, err := policy.Describe(r)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{IndexName: index(r), DescriptionName: description}
	for _, s := range r.All() {
		files[s.Name+".md"] = page(s)
	}
	return files, nil
}

// Write writes the reference into a folder, which it makes where it is missing.
// Files of the folder that the reference does not have are left alone.
func Write(dir string, r *policy.Registry) error {
	files, err := Files(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // Documentation is for everyone to read.
		return fmt.Errorf("writing the reference: %w", err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil { //nolint:gosec // As above.
			return fmt.Errorf("writing the reference: %w", err)
		}
	}
	return nil
}
