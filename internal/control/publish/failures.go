package publish

import (
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// tellAgain is how long the same failure is not told again.
const tellAgain = time.Minute

// Failures keeps what is tried again each second from filling the log: the same
// failure is told once a minute. It is used by one goroutine.
type Failures struct {
	clock clock.Clock
	last  string
	told  time.Time
}

// NewFailures returns one that has been told nothing.
func NewFailures(c clock.Clock) *Failures { return &Failures{clock: c} }

// Told says whether a failure was told within the last minute, and need not be
// told now. One that is not the same as the last one always is to be told.
func (f *Failures) Told(err error) bool {
	now := f.clock.Now()
	if text := err.Error(); text != f.last || now.Sub(f.told) >= tellAgain {
		f.last, f.told = text, now
		return false
	}
	return true
}
