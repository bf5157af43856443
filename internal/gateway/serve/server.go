package serve

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/tracing"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// Options is what a server is made of.
type Options struct {
	Services *policy.Services
	Recorder *telemetry.Recorder
	Metrics  *telemetry.Metrics
	Log      *slog.Logger
	// EnforceProtocols refuses calls by a scheme that the API does not list. It
	// is for a gateway that ends TLS itself; behind one that does, every call
	// comes in clear text.
	EnforceProtocols bool
	// ForwardedProto takes the scheme of a call from X-Forwarded-Proto, and so
	// enforces protocols behind what ends TLS. It is for a gateway that only that
	// can reach: any client may send the field.
	ForwardedProto bool
	// Traces records calls with a debug token; nil records none.
	Traces *tracing.Traces
}

// Server answers requests from the current snapshot. It is safe for concurrent
// use.
type Server struct {
	services  *policy.Services
	now       func() time.Time
	recorder  *telemetry.Recorder
	metrics   *telemetry.Metrics
	log       *slog.Logger
	protocols bool
	forwarded bool
	traces    *tracing.Traces
	current   atomic.Pointer[serving]
	draining  atomic.Bool
	inFlight  atomic.Int64
	exchanges sync.Pool
}

// serving is a snapshot with the handles under which its operations are
// counted.
type serving struct {
	snapshot *snapshot.Snapshot
	handles  []*telemetry.Operation
}

var _ message.Handler = (*Server)(nil)

// New makes a server that has no snapshot yet.
func New(o Options) *Server {
	s := &Server{
		services: o.Services, now: o.Services.Clock.Now, recorder: o.Recorder, metrics: o.Metrics, log: o.Log,
		protocols: o.EnforceProtocols || o.ForwardedProto, forwarded: o.ForwardedProto,
		traces: o.Traces,
	}
	s.exchanges.New = func() any { return newExchange() }
	return s
}

// Use makes a snapshot the current one. Requests under way keep theirs.
func (s *Server) Use(snap *snapshot.Snapshot) {
	next := &serving{snapshot: snap, handles: make([]*telemetry.Operation, snap.Operations())}
	previous := s.current.Load()
	for i := range next.handles {
		o := snap.Operation(i)
		if previous != nil && i < len(previous.handles) && previous.snapshot.Operation(i) == o {
			next.handles[i] = previous.handles[i]
			continue
		}
		next.handles[i] = s.metrics.Operation(o.API.Model.ID.Qualified(), o.Model.ID.Name())
	}
	s.current.Store(next)
}

// Snapshot returns the current snapshot, or nil.
func (s *Server) Snapshot() *snapshot.Snapshot {
	if now := s.current.Load(); now != nil {
		return now.snapshot
	}
	return nil
}

// Drain makes the status path answer 503, so that traffic goes elsewhere, while
// every other request is served as before.
func (s *Server) Drain() { s.draining.Store(true) }

// InFlight returns how many requests are being served.
func (s *Server) InFlight() int64 { return s.inFlight.Load() }
