package serve

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// end does what is left when the answer has been sent, or will never be.
func (s *Server) end(x *exchange) {
	if x.sending {
		// A panic is on its way through here. Its stack is still below.
		x.fault = &policy.Fault{Status: 500, Source: "gateway", Reason: policy.ReasonInternal, Message: "sending the answer panicked"}
		s.log.Error("sending an answer panicked; this is a fault of the gateway, please report it",
			slog.String("requestId", x.call.ID), slog.String("stack", x.redact(string(debug.Stack()))))
	}
	s.containAll(x, func() { x.call.Release(x.sent) })
	s.traces.Finish(x.trace, &x.call, x.sent.Bytes, x.fault)
	s.fillRecord(x)
	if x.fault != nil {
		x.record.ErrorSource, x.record.ErrorReason = x.fault.Source, x.fault.Reason
		s.logFault(x, x.fault)
	}
	s.recorder.Finished(&x.record)
}

// fillRecord notes what has become of a request. The recorder keeps nothing of
// the record, so that its strings may be the engine's.
func (s *Server) fillRecord(x *exchange) {
	c, r := &x.call, &x.record // It has the product and the subscription, from authorise.
	r.Time, r.Duration = x.begin, s.services.Clock.Since(x.begin)
	r.RequestID, r.ClientIP = c.ID, c.Request.Client.Addr().Unmap()
	r.Method, r.Host, r.Path = x.method, c.Original.Host, c.Original.Path
	r.Operation, r.BytesOut = x.handle, x.sent.Bytes
	r.BackendID, r.BackendStatus, r.BackendDuration = c.Backend.ID, c.Backend.Status, c.Backend.Duration
	if x.body != nil {
		r.BytesIn = x.body.BytesRead()
	}
	if x.sent.HeadSent {
		r.Status = x.response.Status
	}
	if x.serving != nil {
		r.Revision = x.serving.snapshot.Revision()
	}
	if c.User != nil {
		r.UserID = c.User.ID.Name()
	}
	switch c.Cached {
	case policy.CacheHit:
		r.Cached = usage.CacheHit
	case policy.CacheMiss:
		r.Cached = usage.CacheMiss
	case policy.CacheNotAsked:
	}
}

// logFault logs failures that are not the caller's: for those the access log
// has all there is.
func (s *Server) logFault(x *exchange, f *policy.Fault) {
	if f.Status < 500 {
		return
	}
	cause := ""
	if f.Err != nil {
		cause = x.redact(fmt.Sprint(f.Err))
	}
	level := slog.LevelError
	if f.Reason == "ConfigurationMissing" || f.Reason == "CountersUnavailable" {
		// The state of the gateway, which the log told when it began: a line for
		// each call would hide the rest.
		level = slog.LevelDebug
	}
	s.log.Log(context.Background(), level, "request failed", slog.String("requestId", x.call.ID), slog.String("source", f.Source),
		slog.String("reason", f.Reason), slog.String("message", x.redact(f.Message)), slog.String("section", f.Section),
		slog.String("scope", f.Scope), slog.String("path", f.Path), slog.String("error", cause))
}

// redacted stands in the log for a subscription key.
const redacted = "[subscription key]"

// redact takes the subscription key out of a text for the log: an error of the
// HTTP engine may quote the URL that was called.
func (x *exchange) redact(text string) string {
	if x.key == "" {
		return text
	}
	text = strings.ReplaceAll(text, x.key, redacted)
	return strings.ReplaceAll(text, url.QueryEscape(x.key), redacted)
}
