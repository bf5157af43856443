// Package binary builds the program for tests that look at it as a running
// process, and runs them.
package binary

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

// Test runs the tests of a package on the program at a path, which is built and
// noted there where it is empty. closing, which may be nil, is called after the
// tests and before goroutines are counted. It returns the exit code.
func Test(m *testing.M, path *string, closing func()) int {
	code, err := run(m, path, closing)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func run(m *testing.M, path *string, closing func()) (code int, err error) {
	if *path == "" {
		dir, failed := os.MkdirTemp("", "sallyport-program-")
		if failed != nil {
			return 1, fmt.Errorf("making a folder for the program: %w", failed)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		*path = filepath.Join(dir, "sallyport")
		// #nosec G204 -- The path is the test's own.
		build := exec.CommandContext(context.Background(), "go", "build", "-o", *path,
			"github.com/sallyport/sallyport/cmd/sallyport")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return 1, fmt.Errorf("building the program: %w", err)
		}
	}
	code = m.Run()
	if closing != nil {
		closing()
	}
	if code == 0 {
		err = goleak.Find()
	}
	return code, err
}
