package protocols

import (
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	code := m.Run()
	// The engine keeps a broken connection of HTTP/2 for a second, so that its
	// client can read why. Each look takes up to half a second.
	var err error
	for range 10 {
		if err = goleak.Find(); err == nil {
			break
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// patience is how long a test waits for what must happen. It is measured by no
// test.
const patience = 20 * time.Second

var discard = slog.New(slog.DiscardHandler)
