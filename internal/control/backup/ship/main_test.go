package ship

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets the tests run this binary as a process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		os.Exit(child(dir))
	}
	goleak.VerifyTestMain(m)
}
