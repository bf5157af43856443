// Package reference writes the reference of the expression library, a page a .NET namespace, from the tables that
// declare it: what the pages do not name does not exist.
package reference

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/sallyport/sallyport/internal/expr/types"
)

// IndexName is the file that lists all types.
const IndexName = "README.md"

// Files returns the content of the reference by file name: the index, and a page for each namespace.
func Files(lib *types.Library) map[string][]byte {
	pages := map[string][]*types.Definition{}
	for _, d := range lib.Definitions() {
		pages[d.Namespace] = append(pages[d.Namespace], d)
	}
	files := map[string][]byte{IndexName: index(pages)}
	for namespace, list := range pages {
		files[fileName(namespace)] = page(namespace, list)
	}
	return files
}

// Write writes the reference into a folder, which it makes where it is missing. Files of the folder that the
// reference does not have are left alone.
func Write(dir string, lib *types.Library) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // Documentation is for everyone to read.
		return fmt.Errorf("writing the reference: %w", err)
	}
	for name, content := range Files(lib) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil { //nolint:gosec // As above.
			return fmt.Errorf("writing the reference: %w", err)
		}
	}
	return nil
}
