package serve

import "github.com/sallyport/sallyport/internal/message"

// StatusPath is where load balancers ask whether this gateway takes traffic, as
// in Azure API Management. The answer depends on nothing but the gateway
// itself: were it to fail with some dependency, the loss of that one would take
// every gateway out of service at once.
const StatusPath = "/status-0123456789abcdef"

// answerStatus answers 200, or 503 while the gateway drains or has no
// configuration yet.
func (s *Server) answerStatus(r *message.Request, w message.Responder) {
	var answer message.Response
	answer.Status = 200
	if s.draining.Load() || s.current.Load() == nil {
		answer.Status = 503
	}
	answer.Header.Set(message.CacheControl, "no-store")
	_ = r.Body.Close() // Nothing reads it.
	// A prober that has gone away hears nothing, and there is no one else to tell.
	_, _ = w.Respond(&answer)
}
