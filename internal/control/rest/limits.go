package rest

import (
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/clock"
)

// Limits bound what is asked of the API. A zero field is no bound.
type Limits struct {
	// Concurrent is how many requests are served at once, of all callers.
	Concurrent int
	// Requests is how often one principal may ask, Failures how many wrong tokens
	// may come from one address.
	Requests, Failures Rate
}

// DefaultLimits are the limits of an API that is given none.
func DefaultLimits() Limits {
	return Limits{
		Concurrent: maxConcurrent,
		Requests:   Rate{PerSecond: requestsPerSecond, Burst: requestsBurst},
		Failures:   Rate{PerSecond: failuresPerSecond, Burst: failuresBurst},
	}
}

// limits are the limits of one server, with what was used of them.
type limits struct {
	slots              slots
	requests, failures *rateLimit
}

func newLimits(c clock.Clock, l *Limits) *limits {
	if l == nil {
		l = new(DefaultLimits())
	}
	return &limits{
		slots: newSlots(l.Concurrent), requests: newRateLimit(c, l.Requests), failures: newRateLimit(c, l.Failures),
	}
}

// Share serves another handler under the limits of this one: the two share the
// slots, and what is known of addresses that guess. It answers 500 where the
// other panics.
func (s *Server) Share(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := s.exchange(w, r)
		x.path = strings.Trim(r.URL.Path, "/")
		defer x.recovered()
		if err := x.share(next); err != nil {
			x.fail(err)
		}
	})
}

func (x *exchange) share(next http.Handler) error {
	release, err := x.slot()
	if err != nil {
		return err
	}
	defer release()
	if err := x.trusted(); err != nil {
		return err
	}
	watched := &watchedWriter{ResponseWriter: x.w}
	next.ServeHTTP(watched, x.r)
	x.distrust(watched.status)
	return nil
}

// watchedWriter keeps the status of the answer.
type watchedWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader writes the head.
func (w *watchedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
