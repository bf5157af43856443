package feed

import (
	"net/http"
	"time"

	"github.com/sallyport/sallyport/internal/problem"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// traceRetry is what a gateway is asked to wait for whose traces come too fast, or
// of whom others are being taken.
const traceRetry = 2 * time.Second

// trace takes what a gateway recorded of a call. The answer says that it is kept:
// a gateway that does not get it sends the trace again.
func (s *Server) trace(w http.ResponseWriter, r *http.Request) error {
	c, err := s.identify(r)
	if err != nil {
		return err
	}
	if s.o.Traces == nil {
		return later(http.StatusServiceUnavailable, "The store of this management plane keeps no traces.", fullRetry)
	}
	if ok, _ := s.traced.take(string(c.service.Key()) + "/" + c.token.Gateway + "/" + c.instance); !ok {
		return later(http.StatusTooManyRequests, "Traces come too often.", traceRetry)
	}
	select {
	case s.traces <- struct{}{}:
		defer func() { <-s.traces }()
	default:
		return later(http.StatusServiceUnavailable, "Traces of MaxTraces gateways are being taken.", traceRetry)
	}
	if r.ContentLength > protocol.MaxTrace {
		return refused(http.StatusRequestEntityTooLarge, problem.CodeTooLarge, "The trace has more than MaxTrace bytes.")
	}
	t, err := protocol.DecodeTrace(http.MaxBytesReader(w, r.Body, protocol.MaxTrace+1))
	if err != nil {
		return refused(http.StatusBadRequest, problem.CodeValidation, err.Error()+".")
	}
	if t.Instance != c.instance {
		return refused(http.StatusBadRequest, problem.CodeValidation, "The trace is another instance's than its request.")
	}
	if err := s.o.Traces.Take(r.Context(), string(c.service), c.token.Gateway, t); err != nil {
		return err
	}
	s.stats.traces.Add(1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// tracing is the frame that says which debug tokens the gateway is to believe.
func (f *stream) tracing(keys []string) ([]byte, error) {
	frame, err := protocol.TracingFrame(protocol.Tracing{Keys: keys})
	if err != nil {
		return nil, err
	}
	return protocol.Encode(frame)
}
