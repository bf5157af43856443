package listen

import (
	"net/http"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// sendRefusal answers a refusal through the engine. In HTTP/2 the connection is
// closed then; in HTTP/3 there is no field that says so.
func sendRefusal(r *http1.Refusal, w http.ResponseWriter, p message.Protocol) {
	h := w.Header()
	if p == message.HTTP2 {
		h["Connection"] = []string{"close"}
	}
	h["Content-Type"] = []string{"application/json"}
	if r.Status == http.StatusMethodNotAllowed {
		h["Allow"] = []string{http1.AllowedMethods}
	}
	w.WriteHeader(r.Status)
	// The client is told what is wrong if it still listens.
	_, _ = w.Write(r.Body()) //nolint:gosec // The text is ours, and JSON.
}
