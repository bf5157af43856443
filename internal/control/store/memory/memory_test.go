package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/control/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestR13_Memory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memory.New() }, storetest.WithNotes(false), storetest.WithLedger())
}
