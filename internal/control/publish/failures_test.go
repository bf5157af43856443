package publish_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/publish"
)

// TestFailures has something fail each second for two minutes, and in another way
// then.
func TestFailures(t *testing.T) {
	fake := clock.NewFake(time.Unix(0, 0))
	f := publish.NewFailures(fake)
	told := 0
	for range 120 {
		if !f.Told(errors.New("connection refused")) {
			told++
		}
		fake.Advance(time.Second)
	}
	if told != 2 {
		t.Errorf("it is told %d times in two minutes, want 2", told)
	}
	if f.Told(errors.New("the password is wrong")) {
		t.Error("another failure is not told")
	}
}
