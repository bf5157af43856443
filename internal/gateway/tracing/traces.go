package tracing

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// Limits of one trace.
const (
	// maxEntries and maxBytes bound one trace; what is beyond is left out, and
	// the trace says so.
	maxEntries = 500
	maxBytes   = 256 << 10
	// maxMessage bounds one message of a trace policy, in bytes.
	maxMessage = 4 << 10
)

// Times of reading the keys of tokens.
const (
	// keysLife is how long keys are used before they are read again, after
	// success and after failure alike.
	keysLife = 5 * time.Second
	// keysTimeout bounds reading them.
	keysTimeout = time.Second
)

// Fields of requests and answers.
var (
	debugAuthorization = message.NameOf("Apim-Debug-Authorization")
	debugExpired       = message.NameOf("Apim-Debug-Authorization-Expired")
	debugWrongAPI      = message.NameOf("Apim-Debug-Authorization-WrongAPI")
	traceID            = message.NameOf("Apim-Trace-Id")
)

// Traces records calls, and sends what it recorded to the management plane. A nil
// Traces records none. It is safe for concurrent use.
type Traces struct {
	clock clock.Clock

	keysMu sync.Mutex
	source func(context.Context) ([]string, error)
	keys   []string
	read   time.Time

	queue    *queue
	shipping sync.Once
	sender   sender
}

// New makes a Traces that knows no key, and so records nothing.
func New(c clock.Clock) *Traces { return &Traces{clock: c, queue: newQueue()} }

// Use gives the keys that sign debug tokens. They are read when a call has what
// looks like a token, at most every few seconds.
func (t *Traces) Use(source func(context.Context) ([]string, error)) {
	if t == nil {
		return
	}
	t.keysMu.Lock()
	defer t.keysMu.Unlock()
	t.source, t.keys, t.read = source, nil, time.Time{}
}

// Know gives the keys that sign debug tokens from now on, in the place of what Use
// said.
func (t *Traces) Know(keys []string) {
	if t == nil {
		return
	}
	t.keysMu.Lock()
	defer t.keysMu.Unlock()
	t.source, t.keys = nil, slices.Clone(keys)
}

// current are the keys now, read again where they are old. A failure leaves what
// was known.
func (t *Traces) current(ctx context.Context, now time.Time) []string {
	t.keysMu.Lock()
	defer t.keysMu.Unlock()
	if t.source == nil || !t.read.IsZero() && now.Sub(t.read) < keysLife {
		return t.keys
	}
	t.read = now
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysTimeout)
	defer cancel()
	if keys, err := t.source(ctx); err == nil {
		t.keys = keys
	}
	return t.keys
}

// Begin records the call from now on, where its request has a good debug token
// for its API, and returns the recorder, which is otherwise nil. The token goes
// no further. The answer says what came of it.
func (t *Traces) Begin(c *policy.Call) *Recorder {
	if t == nil {
		return nil
	}
	text, ok := c.Request.Header.Get(debugAuthorization)
	if !ok {
		return nil
	}
	c.Request.Header.Delete(debugAuthorization)
	read, ok := readToken(text)
	if !ok || c.API == nil {
		return nil
	}
	ctx, now := c.Request.Context, t.clock.Now()
	if ctx == nil {
		ctx = context.Background()
	}
	switch read.verify(t.current(ctx, now), c.API.ID.Qualified(), now) {
	case unknown:
	case expired:
		c.Pending.Set(debugExpired, "true")
	case otherAPI:
		c.Pending.Set(debugWrongAPI, "true")
	case good:
		// The trace outlives the call, whose strings do not.
		r := newRecorder(c, t.clock)
		c.Pending.Set(traceID, c.ID)
		return r
	}
	return nil
}
