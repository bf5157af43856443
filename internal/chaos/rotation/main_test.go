package rotation

import (
	"flag"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/chaos/binary"
)

var (
	long    = flag.Bool("long", false, "run the long forms, as make robustness does")
	program = flag.String("gateway", "", "the sallyport binary; empty builds it")
)

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(binary.Test(m, program, http.DefaultClient.CloseIdleConnections))
}
