package policy

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/message"
)

// Services is what the gateway lends to policies. State that must outlive a
// change of configuration (counters, cached responses, open places of
// limit-concurrency, fetched keys) lives behind it, never in a step.
type Services struct {
	Counters counter.Store
	// Responses and Values are the internal caches; External is the place of the
	// external one. ResponsesOf and ValuesOf choose.
	Responses cache.Responses
	Values    cache.Values
	External  *cache.External
	// Flights lets equal requests wait for one of them; nil for not at all.
	Flights     *cache.Flights
	Clock       clock.Clock
	Log         *slog.Logger
	Concurrency *Concurrency
	// Forwarder calls the backend.
	Forwarder Forwarder
	// Fetcher gets documents such as an OpenID configuration.
	Fetcher Fetcher
	// SigningKeys knows the keys that tokens are signed with.
	SigningKeys SigningKeys
	// Revocations knows which certificates have been revoked; nil knows of none.
	Revocations Revocations
	// BufferLimit is the most bytes of a body that a policy may have in memory.
	BufferLimit int64
	// Random returns a number in [0, 1), to spread what would otherwise happen at
	// once; nil for the process's own source.
	Random func() float64
}

// DefaultBufferLimit is the BufferLimit that holds where none is set.
const DefaultBufferLimit = 16 << 20

// Forwarder sends the call's request to its destination and fills c.Response.
// A failure is a *Fault.
type Forwarder interface {
	Forward(c *Call, options *ForwardOptions) error
}

// Fetcher gets a document over HTTP for the gateway itself. It follows no
// redirect to another scheme, and reads at most limit bytes.
type Fetcher interface {
	Fetch(ctx context.Context, url string, limit int64) (Fetched, error)
}

// Fetched is a document that a Fetcher got.
type Fetched struct {
	Status int
	Header message.Header
	Body   []byte
}

// ResponsesOf returns the response cache of a type, or nil.
func (s *Services) ResponsesOf(t cache.Type) cache.Responses {
	return s.External.Choose(t, cache.Pair{Responses: s.Responses}).Responses
}

// ValuesOf returns the value cache of a type, or nil.
func (s *Services) ValuesOf(t cache.Type) cache.Values {
	return s.External.Choose(t, cache.Pair{Values: s.Values}).Values
}

// Forward calls the backend for the call.
func (s *Services) Forward(c *Call, options *ForwardOptions) error {
	return s.Forwarder.Forward(c, options)
}

// Sleep waits, or until the request is given up.
func (s *Services) Sleep(ctx context.Context, d time.Duration) error {
	return clock.Sleep(ctx, s.Clock, d)
}

// Spread returns a number in [0, 1) for the jitter of waiting times.
func (s *Services) Spread() float64 {
	if s.Random != nil {
		return s.Random()
	}
	return rand.Float64() //nolint:gosec // It spreads load and protects nothing.
}

// Finisher is what a step leaves behind to run when the pipeline has ended. A
// step is its own Finisher where it can be, so that nothing is allocated.
type Finisher interface {
	// Finish runs after outbound or on-error. What it counts may depend on the
	// response; header fields can still be added to it.
	Finish(c *Call)
}

// Releaser is what a step leaves behind to run when the answer has been sent
// and the number of its bytes is known.
type Releaser interface {
	// Release runs last; nothing can be sent any more.
	Release(c *Call, sent message.Sent)
}
