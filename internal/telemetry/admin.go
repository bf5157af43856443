package telemetry

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// maxScrapes bounds the readings of metrics at one time.
const maxScrapes = 4

// Admin returns the handler of the admin listener: GET /metrics in the form of
// Prometheus, and GET /healthz (live) and /readyz (ready), which answer 200 or
// 503 with a Report as JSON, and profiles of the process.
func Admin(m *Metrics, h *Health) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		// One metric that cannot be read must not hide the others.
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: maxScrapes,
	}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		r := h.Report()
		writeReport(w, r, r.Live)
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		r := h.Report()
		writeReport(w, r, r.Ready)
	})
	addProfiles(mux)
	return mux
}

// addProfiles adds what tells where processor time, memory and goroutines go
// (GET /debug/pprof/profile, heap and goroutine). The command line, which the
// library would show as well, is left out: it may hold a secret.
func addProfiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	for _, name := range [...]string{"heap", "goroutine"} {
		mux.Handle("GET /debug/pprof/"+name, pprof.Handler(name))
	}
}

func writeReport(w http.ResponseWriter, r Report, ok bool) {
	body, err := json.Marshal(r)
	if err != nil {
		http.Error(w, "the report cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !ok {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// The client may have gone; there is nobody to tell.
	_, _ = w.Write(append(body, '\n'))
}
