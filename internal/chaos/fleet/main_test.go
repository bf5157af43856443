package fleet

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	long    = flag.Bool("long", false, "run the long forms")
	program = flag.String("gateway", "", "the sallyport binary; empty builds it")
)

// patience is how long a test waits for what must happen.
const patience = 3 * time.Minute

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

// runTests runs the tests on the program.
func runTests(m *testing.M) (code int, err error) {
	if *program == "" {
		dir, err := os.MkdirTemp("", "sallyport-fleet-")
		if err != nil {
			return 1, err
		}
		defer os.RemoveAll(dir)
		*program = filepath.Join(dir, "sallyport")
		build := exec.Command("go", "build", "-o", *program, "github.com/sallyport/sallyport/cmd/sallyport")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return 1, fmt.Errorf("building the program: %w", err)
		}
	}
	if code = m.Run(); code == 0 {
		err = goleak.Find()
	}
	return code, err
}

// size chooses between the short form of a test and the long one.
func size[T any](short, longer T) T {
	if *long {
		return longer
	}
	return short
}
