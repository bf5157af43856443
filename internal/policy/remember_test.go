package policy_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/policy"
)

// freed counts how often memory is given back.
type freed struct{ n int }

func (f *freed) Free() { f.n++ }

func TestHold(t *testing.T) {
	var c policy.Call
	c.Reset()
	var first, second freed
	c.Hold(&first)
	c.Hold(&second)
	if first.n+second.n > 0 {
		t.Error("memory was freed while the call held it")
	}
	c.Reset()
	c.Reset()
	if first.n != 1 || second.n != 1 {
		t.Errorf("memory was freed %d and %d times, want once each", first.n, second.n)
	}
}
