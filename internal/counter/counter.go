package counter

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"time"
)

const (
	// Unlimited as a limit means that there is none.
	Unlimited int64 = math.MaxInt64
	// Granules is the number of parts into which a sliding window is divided;
	// see the package comment for the accuracy that follows from it.
	Granules = 60
	// MaxKeyBytes is the longest key that is kept as it is. A longer one is
	// replaced by its digest; see BoundedKey.
	MaxKeyBytes = 256
)

// Store hands out counters by name. Handles are cheap, stay valid as long as
// the store, and are meant to be taken once, when a policy is compiled. All
// methods of a store and of its handles are safe for concurrent use. A key may
// be a part of a message, whose memory is used for something else when its
// exchange is over: a store clones the key of a counter that is new to it, and
// keeps no other.
type Store interface {
	// Rate returns the sliding windows under a name, shared as s says.
	Rate(name string, s Sharing) Rate
	// Quota returns the quotas under a name, shared as s says.
	Quota(name string, s Sharing) Quota
}

// Rate counts calls in sliding windows, one for each key and period.
type Rate interface {
	// Take counts n calls of key when the limit allows them, and nothing
	// otherwise.
	Take(key string, limit RateLimit, n int64) RateDecision
	// Peek decides as Take does and counts nothing.
	Peek(key string, limit RateLimit, n int64) RateDecision
	// Add counts n calls of key without asking whether the limit allows them,
	// for calls that are counted after the fact. An n below one counts nothing.
	Add(key string, limit RateLimit, n int64)
}

// RateLimit is a limit as it stands for one request.
type RateLimit struct {
	// Calls is the number of calls that may be made in a period. At zero or
	// less, none may.
	Calls int64
	// Period is the length of the sliding window. It must be positive.
	Period time.Duration
}

// RateDecision is the answer of a rate limit.
type RateDecision struct {
	// Allowed says that the calls are within the limit.
	Allowed bool
	// Unavailable says that nothing is known of the limit: it is one that is
	// Closed when the shared store is lost. Allowed is then false, and
	// RetryAfter the time until the store is asked again.
	Unavailable bool
	// Remaining is the number of calls that could still be made at once, after
	// this one. It is never negative.
	Remaining int64
	// RetryAfter is the time until the same calls will be allowed, if nothing
	// else is counted meanwhile; zero when they are allowed now, and at most
	// the period, also where more calls are asked for than the limit could
	// ever allow.
	RetryAfter time.Duration
}

// Quota counts calls and bytes in fixed windows, one for each key and period.
type Quota interface {
	// Take counts n for key when the limit allows it, and nothing otherwise.
	Take(key string, limit QuotaLimit, n Usage) QuotaDecision
	// Peek decides as Take does and counts nothing.
	Peek(key string, limit QuotaLimit, n Usage) QuotaDecision
	// Add counts n for key without asking whether the limit allows it: the
	// bytes of a response that has been sent, or calls that are counted after
	// the fact. Numbers below zero count as zero.
	Add(key string, limit QuotaLimit, n Usage)
}

// QuotaLimit is a quota as it stands for one request.
type QuotaLimit struct {
	// Calls is the number of calls that may be made in a window, or Unlimited.
	Calls int64
	// Bytes is the number of bytes after which a window admits nothing more,
	// or Unlimited. The call that crosses it is served whole.
	Bytes int64
	// Period is the length of a window, to the millisecond. Zero is one window
	// without end.
	Period time.Duration
	// Start is where one of the windows starts; the others follow from it in
	// both directions. The zero value is APIM's default,
	// 0001-01-01T00:00:00Z.
	Start time.Time
}

// Usage is what a quota counts.
type Usage struct {
	Calls int64
	Bytes int64
}

// Exceeded names the part of a quota that refused a call.
type Exceeded uint8

// The parts of a quota. Where both are used up, the calls are named.
const (
	ExceededNothing Exceeded = iota
	ExceededCalls
	ExceededBytes
)

// QuotaDecision is the answer of a quota.
type QuotaDecision struct {
	// Exceeded is what refuses the call; ExceededNothing allows it, unless
	// Unavailable is set.
	Exceeded Exceeded
	// Unavailable says that nothing is known of the quota: it is one that is
	// Closed when the shared store is lost. ResetAfter is then the time until
	// the store is asked again.
	Unavailable bool
	// Remaining is what is left of the window, after this call. It is never
	// negative, and Unlimited where there is no limit.
	Remaining Usage
	// ResetAfter is the time until the window ends. It is positive, and zero
	// only for a window without end.
	ResetAfter time.Duration
}

// Allowed says that the call is within the quota.
func (d QuotaDecision) Allowed() bool { return d.Exceeded == ExceededNothing && !d.Unavailable }

// Seconds returns d in whole seconds, rounded up and at least one: the form of
// Retry-After.
func Seconds(d time.Duration) int64 {
	if d <= time.Second {
		return 1
	}
	s := int64(d / time.Second)
	if d%time.Second != 0 {
		s++
	}
	return s
}

// BoundedKey returns key, or its SHA-256 digest in hexadecimal after the prefix
// "sha256:" where the key is longer than MaxKeyBytes. Stores keep keys in this
// form, so that what a request brings cannot fill their memory.
func BoundedKey(key string) string {
	if len(key) <= MaxKeyBytes {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:])
}
