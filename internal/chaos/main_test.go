package chaos

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/chaos/binary"
)

var (
	long    = flag.Bool("long", false, "run the long forms, as make robustness does")
	soakFor = flag.Duration("soak", 0, "how long to soak, as make soak does; 0 for the short form")
	rate    = flag.Float64("rate", 0, "requests per second of the soak; 0 for 60 % of what the gateway can do here")
	program = flag.String("gateway", "", "the sallyport binary; empty builds it")
)

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

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

// mib is a number of bytes in MiB.
func mib(n int64) float64 { return float64(n) / (1 << 20) }
