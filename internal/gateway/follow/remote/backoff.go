package remote

import (
	"time"

	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// backOff says how long to wait before the next attempt: a random time up to a
// bound that doubles with each failure, so that the gateways that one failure has
// thrown off do not come back all at once.
type backOff struct {
	random func() float64
	bound  time.Duration
}

// next returns the time to wait after one more failure.
func (b *backOff) next() time.Duration {
	if b.bound == 0 {
		b.bound = feed.BackOffFirst
	}
	d := time.Duration(b.random() * float64(b.bound))
	b.bound = min(2*b.bound, feed.BackOffMost)
	return d
}

// asked returns the time to wait where the other side has asked for one.
func (b *backOff) asked(least time.Duration) time.Duration {
	return min(least, feed.MaxRetryAfter) + time.Duration(b.random()*float64(feed.BackOffFirst))
}

// reset begins anew.
func (b *backOff) reset() { b.bound = 0 }
