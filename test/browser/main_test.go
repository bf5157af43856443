package browser

import (
	"flag"
	"os"
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
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(binary.Test(m, program, nil))
}
