package apiops

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSpecialFiles reads folders in which a policy is no regular file: a link to
// nowhere must not be a policy that is not there, and a pipe must not be waited
// for.
func TestSpecialFiles(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, want string
		put        func(file string) error
	}{
		{"link to nowhere", "symbolic link to a file that is not there", func(file string) error { return os.Symlink("/nowhere/at/all", file) }},
		{"pipe", "a device, a pipe or a socket", func(file string) error { return syscall.Mkfifo(file, 0o600) }},
		{"folder", "a folder, not a file", func(file string) error { return os.Mkdir(file, 0o700) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := c.put(filepath.Join(dir, "policy.xml")); err != nil {
				t.Fatal(err)
			}
			_, problems := Read(os.DirFS(dir), Options{})
			if text := problems.String(); !strings.Contains(text, "policy.xml") || !strings.Contains(text, c.want) {
				t.Errorf("the problems do not say %q:\n%s", c.want, text)
			}
		})
	}
}
