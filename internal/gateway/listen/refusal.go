package listen

import (
	"net/http"

	"github.com/sallyport/sallyport/internal/gateway/http1"
)

// sendRefusal answers a refusal through the engine, and closes the connection.
func sendRefusal(r *http1.Refusal, w http.ResponseWriter) {
	h := w.Header()
	h["Connection"] = []string{"close"}
	h["Content-Type"] = []string{"application/json"}
	if r.Status == http.StatusMethodNotAllowed {
		h["Allow"] = []string{http1.AllowedMethods}
	}
	w.WriteHeader(r.Status)
	// The client is told what is wrong if it still listens.
	_, _ = w.Write(r.Body()) //nolint:gosec // The text is ours, and JSON.
}
