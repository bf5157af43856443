package feed

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/traces"
	"github.com/sallyport/sallyport/internal/control/usage"
	"github.com/sallyport/sallyport/internal/problem"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// Options are what a Server needs.
type Options struct {
	Store       store.Store
	Environment *resource.Environment
	// Service is the one that is meant where a request names none.
	Service resource.ID
	// Usage takes what gateways counted of calls; nil takes nothing.
	Usage *usage.Book
	// Traces takes what gateways recorded of calls; nil takes nothing.
	Traces *traces.Book
	// ClientCAs, where it is not nil, are the authorities without a certificate of
	// which no gateway is heard.
	ClientCAs *x509.CertPool
	// Release is the version of the program.
	Release string
	Limits  Limits
	Clock   clock.Clock
	Log     *slog.Logger
}

// Server answers the feed's requests. It is safe for concurrent use.
type Server struct {
	o      Options
	limits Limits
	// notes is nil where the store keeps none.
	notes store.Notebook
	stats counters
	joins *ramp
	beats *meter
	// traced bounds how often instances send traces.
	traced *meter

	checks   chan struct{} // Holds a token for each check that is under way.
	parcels  chan struct{} // The same for parcels of usage.
	traces   chan struct{} // The same for traces.
	feeds    atomic.Int64
	draining chan struct{}
	drain    sync.Once
	leaving  atomic.Int64

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	mu     sync.Mutex
	hubs   map[store.Key]*hub
}

// New makes a server. Close ends it.
func New(o Options) *Server {
	s := &Server{
		o: o, limits: o.Limits.withDefaults(), draining: make(chan struct{}),
		checks: make(chan struct{}, MaxChecks), parcels: make(chan struct{}, MaxParcels),
		traces: make(chan struct{}, MaxTraces), traced: newMeter(o.Clock, TracesPerSecond, TraceBurst),
		hubs: map[store.Key]*hub{}, beats: newMeter(o.Clock, HeartbeatsPerSecond, HeartbeatBurst),
	}
	s.notes, _ = o.Store.(store.Notebook)
	s.joins = &ramp{clock: o.Clock, every: time.Second / time.Duration(s.limits.JoinsPerSecond), burst: s.limits.JoinBurst}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Owns reports whether a path is one of the feed's.
func Owns(path string) bool { return strings.HasPrefix(path, protocol.Prefix) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		s.o.Log.Error("a panic while a gateway was answered", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		panic(http.ErrAbortHandler)
	}()
	method, serve := http.MethodGet, s.configuration
	switch r.URL.Path {
	case protocol.ConfigurationPath:
	case protocol.HeartbeatPath:
		method, serve = http.MethodPost, s.heartbeat
	case protocol.UsagePath:
		method, serve = http.MethodPost, s.usage
	case protocol.TracePath:
		method, serve = http.MethodPost, s.trace
	default:
		s.refuse(w, refused(http.StatusNotFound, problem.CodeNotFound, "The feed has no such path."))
		return
	}
	if r.Method != method {
		w.Header().Set("Allow", method)
		s.refuse(w, refused(http.StatusMethodNotAllowed, "MethodNotAllowed", "The method must be "+method+"."))
		return
	}
	if err := serve(w, r); err != nil {
		s.refuse(w, err)
	}
}

// refusal is a problem with the time after which it is worth another try.
type refusal struct {
	why   *problem.Error
	after time.Duration
}

// Error is the problem's.
func (r *refusal) Error() string { return r.why.Error() }

// Unwrap returns the problem.
func (r *refusal) Unwrap() error { return r.why }

func refused(status int, code, message string) *refusal {
	return &refusal{why: problem.New(status, code, "%s", message)}
}

// later is a refusal for now.
func later(status int, message string, after time.Duration) *refusal {
	return &refusal{why: problem.New(status, problem.CodeUnavailable, "%s", message), after: after}
}

// refuse answers why a request is not served.
func (s *Server) refuse(w http.ResponseWriter, err error) {
	var one *refusal
	if !errors.As(err, &one) {
		known, ok := errors.AsType[*problem.Error](err)
		if !ok {
			s.o.Log.Warn("a gateway could not be answered", slog.Any("error", err))
			known = problem.New(http.StatusServiceUnavailable, problem.CodeUnavailable,
				"The management plane cannot answer now: it does not reach its store.")
		}
		one = &refusal{why: known, after: s.limits.Beat}
	}
	s.stats.refused(one.why.Status)
	h := w.Header()
	if one.why.Status == http.StatusServiceUnavailable || one.why.Status == http.StatusTooManyRequests {
		h.Set("Retry-After", strconv.Itoa(seconds(one.after)))
	}
	if one.why.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", protocol.TokenScheme)
	}
	body, err := json.Marshal(one.why)
	if err != nil {
		body = nil // A problem always encodes.
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(one.why.Status)
	_, _ = w.Write(body) // Who does not read it is not served either.
}

// seconds rounds up, to one at least.
func seconds(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}

// hub returns the hub of a service, which it starts where there is none.
func (s *Server) hub(ctx context.Context, service resource.ID) (*hub, error) {
	s.mu.Lock()
	if err := s.ctx.Err(); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	h := s.hubs[service.Key()]
	if h == nil {
		h = newHub(s, service)
		s.hubs[service.Key()] = h
		s.work.Go(func() { h.run(s.ctx) })
	}
	s.mu.Unlock()
	select {
	case <-h.ready:
		return h, h.failed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// forget takes a hub that has ended out.
func (s *Server) forget(h *hub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hubs[h.service.Key()] == h {
		delete(s.hubs, h.service.Key())
	}
}

// Drain asks all gateways to go, each to come back at its own time, and refuses
// new ones. It does not wait.
func (s *Server) Drain() { s.drain.Do(func() { close(s.draining) }) }

// Close ends all feeds and waits for what follows the store.
func (s *Server) Close() {
	s.Drain()
	s.mu.Lock()
	s.cancel()
	s.mu.Unlock()
	s.work.Wait()
}
