package serve

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// Serve answers one request.
func (s *Server) Serve(r *message.Request, w message.Responder) {
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	if r.URL.Path == StatusPath {
		s.answerStatus(r, w)
		return
	}
	x := s.exchanges.Get().(*exchange) //nolint:forcetypeassert // The pool makes nothing else.
	x.begin = s.services.Clock.Now()
	s.recorder.Started()
	s.prepare(x, r)
	fault := s.answer(x, w)
	s.finish(x, fault)
	x.call.Reset()
	x.response.Reset()
	x.serving, x.handle, x.api, x.announced = nil, nil, nil, false
	x.subscription = host.Subscription{}
	s.exchanges.Put(x)
}

// prepare fills the call with what is known before anything is decided.
func (s *Server) prepare(x *exchange, r *message.Request) {
	c := &x.call
	c.Reset()
	x.response.Reset()
	c.Request, c.Response, c.Services, c.Begin = r, &x.response, s.services, x.begin
	c.Original = r.URL
	c.Expr.Now, c.Expr.Timestamp = s.services.Clock.Now, x.begin
	id := requestID()
	c.Expr.RequestID = id
	c.ID = formatID(id)
	x.serving = s.current.Load()
}

// answer decides the answer and sends it. A panic of a policy is that request's
// failure and no one else's.
func (s *Server) answer(x *exchange, w message.Responder) *policy.Fault {
	fault := s.decide(x)
	sent, err := w.Respond(&x.response)
	x.sent = sent
	x.call.Release(sent)
	if err == nil {
		return fault
	}
	return s.sendFailed(x, w, err)
}

// decide runs everything up to the answer.
func (s *Server) decide(x *exchange) (fault *policy.Fault) {
	defer func() {
		if p := recover(); p != nil {
			fault = s.panicked(x, p)
		}
	}()
	if fault := s.route(x); fault != nil {
		x.call.Fail(fault)
		x.call.Finish()
		return fault
	}
	answered, err := s.preflight(x)
	switch {
	case answered || err != nil:
		return s.failed(x, err)
	case x.announced:
		return s.failed(x, notFound())
	}
	if fault := s.authorise(x); fault != nil {
		x.call.Fail(fault)
		x.call.Finish()
		return fault
	}
	return x.call.Run()
}

// failed answers a failure outside the pipeline.
func (s *Server) failed(x *exchange, err error) *policy.Fault {
	if err == nil {
		x.call.Finish()
		return nil
	}
	fault := &policy.Fault{Status: 500, Source: "gateway", Reason: policy.ReasonInternal, Message: err.Error(), Err: err}
	var known *policy.Fault
	if errors.As(err, &known) {
		fault = known
	}
	x.call.Fail(fault)
	x.call.Finish()
	return fault
}

// panicked makes a panic the request's failure, with the stack in the log.
func (s *Server) panicked(x *exchange, p any) *policy.Fault {
	s.log.Error("a policy panicked; this is a fault of the gateway, please report it",
		slog.Any("panic", p), slog.String("requestId", x.call.ID), slog.String("stack", string(debug.Stack())))
	fault := &policy.Fault{Status: 500, Source: "gateway", Reason: "Panic", Message: "a policy panicked", Err: fmt.Errorf("panic: %v", p)}
	_ = x.response.Body.Close() // The panic is what is reported.
	x.response.Reset()
	x.response.Status = fault.Status
	x.response.Header.Set(message.ContentType, policy.ContentTypeJSON)
	_ = x.response.Body.SetBytes(fault.Body(x.call.ID))
	return fault
}

// sendFailed answers a failure while sending: the body could not be read to its
// end, or the client went away.
func (s *Server) sendFailed(x *exchange, w message.Responder, err error) *policy.Fault {
	fault := &policy.Fault{Status: 500, Source: "forward-request", Reason: policy.ReasonBackendConnectionFailure,
		Message: "the backend's answer broke off", Err: err}
	var client *message.ClientError
	if errors.As(err, &client) {
		fault.Reason, fault.Message, fault.Status = policy.ReasonClientConnectionFailure, client.Error(), client.Status
	}
	if x.sent.HeadSent || fault.Status == 0 {
		return fault
	}
	x.call.Fail(fault)
	x.sent, _ = w.Respond(&x.response) // There is no third answer.
	return fault
}

// requestID makes a random id of a request (a version 4 UUID). It names the
// request and protects nothing.
func requestID() (id [16]byte) {
	hi, lo := rand.Uint64(), rand.Uint64() //nolint:gosec // See above.
	for i := range 8 {
		id[i], id[8+i] = byte(hi>>(8*i)), byte(lo>>(8*i))
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// formatID writes an id as UUIDs are written.
func formatID(id [16]byte) string {
	var b [36]byte
	hex.Encode(b[:8], id[:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:], id[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}
