package policies

import (
	"testing"

	"github.com/sallyport/sallyport/internal/policies/policytest"
)

// TestGolden runs the golden file of every policy.
func TestGolden(t *testing.T) { policytest.Run(t, "testdata/*.txtar", All()) }
