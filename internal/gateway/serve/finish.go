package serve

import (
	"log/slog"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// finish notes what has become of a request. The recorder keeps nothing of the
// record, so that its strings may be the engine's.
func (s *Server) finish(x *exchange, fault *policy.Fault) {
	c := &x.call
	x.record = telemetry.Record{
		Time: x.begin, RequestID: c.ID, ClientIP: c.Request.Client.Addr().Unmap(),
		Method: c.Request.Method, Host: c.Original.Host, Path: c.Original.Path,
		Operation: x.handle, Duration: s.services.Clock.Since(x.begin), BytesOut: x.sent.Bytes,
		BackendID: c.Backend.ID, BackendStatus: c.Backend.Status, BackendDuration: c.Backend.Duration,
	}
	if x.sent.HeadSent {
		x.record.Status = x.response.Status
	}
	if x.serving != nil {
		x.record.Revision = x.serving.snapshot.Revision()
	}
	if c.Product != nil {
		x.record.ProductID = c.Product.ID.Name()
	}
	if c.Subscription != nil {
		x.record.SubscriptionID = c.Subscription.ID.Name()
	}
	if fault != nil {
		x.record.ErrorSource, x.record.ErrorReason = fault.Source, fault.Reason
		s.logFault(c, fault)
	}
	s.recorder.Finished(&x.record)
}

// logFault logs failures that are not the caller's: for those the access log
// has all there is.
func (s *Server) logFault(c *policy.Call, f *policy.Fault) {
	if f.Status < 500 {
		return
	}
	s.log.Error("request failed", slog.String("requestId", c.ID), slog.String("source", f.Source),
		slog.String("reason", f.Reason), slog.String("message", f.Message), slog.String("section", f.Section),
		slog.String("scope", f.Scope), slog.String("path", f.Path), slog.Any("error", f.Err))
}
