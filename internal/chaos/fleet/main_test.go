package fleet

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/chaos/binary"
)

var (
	long    = flag.Bool("long", false, "run the long forms")
	program = flag.String("gateway", "", "the sallyport binary; empty builds it")
)

// patience is how long a test waits for what must happen.
const patience = 3 * time.Minute

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(binary.Test(m, program, nil))
}

// size chooses between the short form of a test and the long one.
func size[T any](short, longer T) T {
	if *long {
		return longer
	}
	return short
}
