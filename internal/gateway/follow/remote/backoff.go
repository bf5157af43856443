package remote

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// backOff says how long to wait before the next attempt: a random time up to a
// bound that doubles with each failure, so that the gateways that one failure has
// thrown off do not come back all at once.
type backOff struct {
	random func() float64
	bound  time.Duration
	// spread is the time that all gateways of the node need to come back at the
	// rate at which it takes them: the bound is no less.
	spread atomic.Int64
}

// next returns the time to wait after one more failure.
func (b *backOff) next() time.Duration {
	if b.bound == 0 {
		b.bound = feed.BackOffFirst
	}
	d := time.Duration(b.random() * float64(max(b.bound, time.Duration(b.spread.Load()))))
	b.bound = min(2*b.bound, feed.BackOffMost)
	return d
}

// asked returns the time to wait where the other side has asked for one.
func (b *backOff) asked(least time.Duration) time.Duration {
	return min(least, feed.MaxRetryAfter) + time.Duration(b.random()*float64(feed.BackOffFirst))
}

// told takes what a node says of the spread, in seconds. What is no number, or no
// sensible one, changes nothing.
func (b *backOff) told(seconds string) {
	if n, err := strconv.Atoi(seconds); err == nil && n >= 0 {
		b.spread.Store(int64(min(time.Duration(n)*time.Second, feed.MaxSpread)))
	}
}

// reset begins anew.
func (b *backOff) reset() { b.bound = 0 }
