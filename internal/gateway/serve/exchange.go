package serve

import (
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/gateway/tracing"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/route"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// exchange is one request with everything that is reused from one to the next.
type exchange struct {
	call     policy.Call
	response message.Response
	match    route.Match
	record   telemetry.Record
	begin    time.Time
	method   string // as the client sent it
	serving  *serving
	handle   *telemetry.Operation
	api      *snapshot.API
	// announced says that the operation is the one that a preflight request
	// announces, not one that it calls.
	announced bool
	// subscription is what expressions see, with the key that was presented.
	subscription host.Subscription
	key          string // that was presented, whether it is good for anything or not
	body         message.Metered
	sent         message.Sent
	fault        *policy.Fault     // that happened, or nil
	trace        *tracing.Recorder // nil for nearly every call
	sending      bool              // the engine is sending the answer
	// panicked says that something has panicked: the exchange is not used again.
	panicked bool
}

// Serve answers one request.
func (s *Server) Serve(r *message.Request, w message.Responder) {
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	if r.URL.Path == StatusPath {
		s.answerStatus(r, w)
		return
	}
	x := s.exchanges.Get().(*exchange) //nolint:forcetypeassert // The pool makes nothing else.
	s.prepare(x, r)
	x.call.Interim.To = w
	s.recorder.Started()
	s.run(x, w)
	if x.panicked {
		return // What it holds may be broken.
	}
	x.reset()
	s.exchanges.Put(x)
}

// run decides the answer and sends it. The end is deferred, because a panic of
// the engine, or of a body while it is sent, goes on to the engine, which breaks
// the exchange off.
func (s *Server) run(x *exchange, w message.Responder) {
	defer s.end(x)
	s.decide(x)
	s.send(x, w)
}

// prepare fills the call with what is known before anything is decided.
func (s *Server) prepare(x *exchange, r *message.Request) {
	x.begin, x.method, x.serving = s.now(), r.Method, s.current.Load()
	x.body = r.Body.Meter()
	x.match.Outcome = route.NoAPI
	c := &x.call
	c.Request, c.Response, c.Services, c.Begin = r, &x.response, s.services, x.begin
	if s.forwarded {
		forwardedScheme(r)
	}
	c.Original = r.URL
	c.Expr.Now, c.Expr.Timestamp = s.now, x.begin
	c.Expr.RequestID = requestID()
	c.ID = c.Arena.End(appendID(c.Arena.Begin(), c.Expr.RequestID))
}

// forwardedScheme takes the scheme that what ends TLS says the client has used.
func forwardedScheme(r *message.Request) {
	switch proto, _ := r.Header.Get(message.XForwardedProto); {
	case strings.EqualFold(proto, "https"):
		r.URL.Scheme = "https"
	case strings.EqualFold(proto, "http"):
		r.URL.Scheme = "http"
	}
}

// newExchange makes an exchange that is as empty as reset leaves one.
func newExchange() *exchange {
	x := &exchange{}
	x.call.Reset()
	return x
}

// reset empties the exchange and keeps its memory. What it was matched to is
// overwritten by the next request.
func (x *exchange) reset() {
	if x.fault != nil && x.call.Backend.ID != "" {
		// What called the backend may not have noticed yet that the exchange is
		// over, and still write what it was given.
		x.call.Arena = message.Arena{}
	}
	x.call.Reset()
	x.response.Reset()
	x.record, x.begin, x.method, x.key, x.body = telemetry.Record{}, time.Time{}, "", "", nil
	x.serving, x.handle, x.api, x.announced, x.fault = nil, nil, nil, false, nil
	x.subscription, x.sent, x.trace = host.Subscription{}, message.Sent{}, nil
}

// decide runs everything up to the answer.
func (s *Server) decide(x *exchange) {
	defer s.recovered(x)
	if fault := s.route(x); fault != nil {
		s.refuse(x, fault)
		return
	}
	x.trace = s.traces.Begin(&x.call)
	denied := s.authorise(x)
	x.trace.Authorised(&x.call, x.key, denied)
	if isPreflight(x.call.Request) && s.preflight(x) {
		return
	}
	if denied != nil {
		s.refuse(x, denied)
		return
	}
	x.fault = x.call.Run()
}

// refuse answers a failure outside the pipeline.
func (s *Server) refuse(x *exchange, fault *policy.Fault) {
	x.fault = fault
	x.call.Fail(fault)
	x.call.Finish()
}
