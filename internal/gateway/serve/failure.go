package serve

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// recovered makes a panic of the policies the request's failure, and no one
// else's. on-error handles it as it does any other; where that panics too, or
// what runs at the end does, the answer is the gateway's own.
func (s *Server) recovered(x *exchange) {
	p := recover()
	if p == nil {
		return
	}
	s.notePanic(x, p)
	c := &x.call
	x.fault = &policy.Fault{
		Status: 500, Source: "gateway", Reason: policy.ReasonInternal, Section: c.Section().String(),
		Message: "a policy has panicked", Err: fmt.Errorf("panic: %v", p),
	}
	if s.contain(x, func() { c.Fail(x.fault) }) && s.contain(x, c.Finish) {
		return
	}
	_ = c.Answer(x.fault.Status, policy.ContentTypeJSON, x.fault.Body(c.ID)) // The body that is closed is of no use.
	s.containAll(x, c.Finish)
}

// contain runs f and reports whether it came to its end. A panic is logged and
// goes no further.
func (s *Server) contain(x *exchange, f func()) (ended bool) {
	defer func() {
		if p := recover(); p != nil {
			s.notePanic(x, p)
		}
	}()
	f()
	return true
}

// containAll runs f until it comes to its end: each time it goes on behind what
// has panicked, as Finish and Release of a call do.
func (s *Server) containAll(x *exchange, f func()) {
	for {
		if s.contain(x, f) {
			return
		}
	}
}

// notePanic logs a panic with its stack. The exchange is not used again.
func (s *Server) notePanic(x *exchange, p any) {
	x.panicked = true
	s.log.Error("a policy panicked; this is a fault of the gateway, please report it", slog.String("requestId", x.call.ID),
		slog.String("panic", x.redact(fmt.Sprint(p))), slog.String("stack", x.redact(string(debug.Stack()))))
}

// send sends the answer. Where its body fails before anything has been sent, the
// failure is answered instead. To a client that has gone nothing is sent.
func (s *Server) send(x *exchange, w message.Responder) {
	s.checkStatus(x)
	if clientGone(x.fault) {
		_ = x.response.Discard() // Nobody waits for it.
		return
	}
	err := s.respond(x, w)
	if err == nil {
		return
	}
	x.fault = sendFault(err)
	if x.sent.HeadSent || clientGone(x.fault) {
		return
	}
	s.answerAgain(x)
	if err := s.respond(x, w); err != nil {
		s.log.Error("the answer to a failure could not be sent", slog.String("requestId", x.call.ID), slog.Any("error", err))
	}
}

// respond hands the answer to the engine.
func (s *Server) respond(x *exchange, w message.Responder) (err error) {
	x.sending = true
	x.sent, err = w.Respond(&x.response)
	x.sending = false
	return err
}

// answerAgain replaces an answer that could not be sent.
func (s *Server) answerAgain(x *exchange) {
	defer s.recovered(x)
	s.refuse(x, x.fault)
}

// checkStatus replaces an answer that no HTTP engine can send: one whose status
// is not that of a final answer.
func (s *Server) checkStatus(x *exchange) {
	r := &x.response
	if (r.Status >= 200 && r.Status <= 999) || (r.Status == 101 && r.Upgraded != nil) {
		return
	}
	x.fault = &policy.Fault{Status: 500, Source: "gateway", Reason: policy.ReasonInternal,
		Message: fmt.Sprintf("the response has the status %d, which is not that of an answer", r.Status)}
	_ = x.call.Answer(x.fault.Status, policy.ContentTypeJSON, x.fault.Body(x.call.ID)) // The body that is closed is of no use.
}

// sendFault classifies what went wrong while an answer was sent: the client has
// gone or sent something malformed, or the backend's body broke off.
func sendFault(err error) *policy.Fault {
	if client, ok := errors.AsType[*message.ClientError](err); ok {
		f := policy.NewFault(client.Status, "forward-request", policy.ReasonClientConnectionFailure, client.Error())
		f.Err = err
		return f.Telling("The request could not be read.")
	}
	return &policy.Fault{Status: 500, Source: "forward-request", Reason: policy.ReasonBackendConnectionFailure,
		Message: "the backend's answer broke off", Err: err}
}

// clientGone reports whether a failure is that the client has gone.
func clientGone(f *policy.Fault) bool {
	if f == nil || f.Reason != policy.ReasonClientConnectionFailure {
		return false
	}
	client, ok := errors.AsType[*message.ClientError](f.Err)
	return ok && client.Status == 0
}
