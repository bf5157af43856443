package issuer

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
)

// maxBuckets bounds the number of sources that are counted one by one. Where
// there are more they share one.
const maxBuckets = 10_000

// sweepInterval is the least time between two sweeps, which look at every
// bucket.
const sweepInterval = time.Second

// rate is how often something may happen.
type rate struct {
	burst float64
	// every is the time in which one more becomes possible.
	every time.Duration
}

// Rates, each for one address.
var (
	// tokenRate bounds the work of signing, which takes a millisecond.
	tokenRate = rate{burst: 200, every: 50 * time.Millisecond}
	// failureRate bounds wrong secrets of one client. Those that this program
	// makes cannot be guessed; this is for the log and the processor.
	failureRate = rate{burst: 20, every: 3 * time.Second}
	// deviceRate bounds new device codes, userCodeRate the codes that somebody
	// tries on the page.
	deviceRate   = rate{burst: 20, every: 3 * time.Second}
	userCodeRate = rate{burst: 10, every: 6 * time.Second}
)

// limiter counts by name, in buckets that fill up again.
type limiter struct {
	clock clock.Clock

	mu      sync.Mutex
	buckets map[string]bucket
	swept   time.Time
}

type bucket struct {
	level float64
	at    time.Time
	rate  rate
}

func newLimiter(c clock.Clock) *limiter {
	return &limiter{clock: c, buckets: map[string]bucket{}}
}

// allow takes one from a bucket, and reports whether there was one.
func (l *limiter) allow(name string, r rate) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	name, b := l.bucket(name, r)
	if b.level < 1 {
		return false
	}
	b.level--
	l.buckets[name] = b
	return true
}

// spent reports whether a bucket is empty.
func (l *limiter) spent(name string, r rate) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, b := l.bucket(name, r)
	return b.level < 1
}

// bucket returns a bucket as it is now, and its name. The caller holds mu.
func (l *limiter) bucket(name string, r rate) (string, bucket) {
	now := l.clock.Now()
	if _, there := l.buckets[name]; !there && len(l.buckets) >= maxBuckets {
		if now.Sub(l.swept) >= sweepInterval {
			l.sweep(now)
			l.swept = now
		}
		if len(l.buckets) >= maxBuckets {
			name = ""
		}
	}
	b, there := l.buckets[name]
	if !there {
		return name, bucket{level: r.burst, at: now, rate: r}
	}
	return name, b.now(now)
}

// now is the bucket with what has come in since.
func (b bucket) now(now time.Time) bucket {
	b.level = min(b.rate.burst, b.level+float64(now.Sub(b.at))/float64(b.rate.every))
	b.at = now
	return b
}

// sweep forgets the buckets that are full again.
func (l *limiter) sweep(now time.Time) {
	for name, b := range l.buckets {
		if b.now(now).level >= b.rate.burst {
			delete(l.buckets, name)
		}
	}
}

// tooMany answers that the client asks too often.
func tooMany(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "3")
	fail(w, http.StatusTooManyRequests, "temporarily_unavailable",
		"There were too many requests from this address. Try again in a few seconds.")
}

// unavailable answers where what is asked for could not be done, for a reason
// that is not the caller's.
func (i *Issuer) unavailable(w http.ResponseWriter, err error) {
	i.config.Log.Error("a request for a token could not be answered", slog.Any("error", err))
	w.Header().Set("Retry-After", "3")
	fail(w, http.StatusServiceUnavailable, "temporarily_unavailable",
		"The request could not be answered at the moment. Try again in a few seconds.")
}
