package browser

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sallyport/sallyport/internal/chaos/binary"
)

var (
	// program is the binary under test; built where it is empty.
	program = flag.String("program", "", "path of the sallyport to test; built where it is empty")
	// long has more looked at, and times asserted.
	long = flag.Bool("long", false, "look at pages in every way, and assert times, on a quiet machine")
	// screens is a folder for pictures of the pages that the tests pass through.
	screens = flag.String("screens", "", "folder for pictures of the pages, at two widths, light and dark")
	// only chooses among them by name.
	only = flag.String("only", "", "regular expression of the names of the pictures that are taken; all where it is empty")
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

// run builds the program, where none is given, as part of its own module.
func run(m *testing.M) int {
	if *program == "" {
		dir, err := os.MkdirTemp("", "sallyport-program-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		*program = filepath.Join(dir, "sallyport")
		build := exec.Command("go", "build", "-o", *program, "./cmd/sallyport")
		build.Dir, build.Stdout, build.Stderr = filepath.Join("..", ".."), os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building the program:", err)
			return 1
		}
	}
	return binary.Test(m, program, nil)
}
