package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// MaxBackendLabels bounds the backends that are counted by name.
	MaxBackendLabels = 500
	// maxFailureLabels bounds the pairs of backend and reason.
	maxFailureLabels = 2000
)

// Backend is the handle under which calls to one backend are counted. Each
// attempt is a call of its own.
type Backend struct {
	metrics  *Metrics
	name     string
	classes  classCounts
	duration *histogram
	open     prometheus.Gauge
	trips    prometheus.Counter
}

// Backend returns the handle of a backend. Equal ids share one.
func (m *Metrics) Backend(id string) *Backend { return m.backends.get(labels{id}) }

// Answered counts a call that was answered, and the time until the response's
// head was there.
func (b *Backend) Answered(status int, d time.Duration) {
	b.classes.add(status)
	b.duration.observe(d)
}

// Failed counts a call that was not answered. The reason is one of a few words,
// such as that of LastError.
func (b *Backend) Failed(reason string, d time.Duration) {
	b.duration.observe(d)
	b.metrics.failures.get(labels{b.name, reason}).Inc()
}

// SetBreaker notes whether the backend's circuit breaker is open. Opening it
// counts as a trip.
func (b *Backend) SetBreaker(open bool) {
	if !open {
		b.open.Set(0)
		return
	}
	b.open.Set(1)
	b.trips.Inc()
}

func (m *Metrics) addBackends() error {
	byBackend := []string{"backend"}
	duration := &histogramCollector{
		desc: prometheus.NewDesc("sallyport_backend_duration_seconds",
			"Time until a backend had answered with a head, or the call had failed.", byBackend, nil),
		each: func(f func(*histogram, ...string)) {
			m.backends.each(func(l labels, b *Backend) { f(b.duration, l[0]) })
		},
	}
	open := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "sallyport_backend_breaker_open",
		Help: "1 while the circuit breaker of a backend is open.",
	}, byBackend)
	trips := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sallyport_backend_breaker_trips_total",
		Help: "Times that the circuit breaker of a backend has opened.",
	}, byBackend)
	failures := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sallyport_backend_errors_total",
		Help: "Calls that a backend has not answered.",
	}, []string{"backend", "reason"})

	m.backends = newBounded(MaxBackendLabels, func(l labels) *Backend {
		return &Backend{
			metrics:  m,
			name:     l[0],
			duration: newHistogram(requestBuckets),
			open:     open.WithLabelValues(l[0]),
			trips:    trips.WithLabelValues(l[0]),
		}
	}, allOther)
	m.failures = newBounded(maxFailureLabels, func(l labels) prometheus.Counter {
		return failures.WithLabelValues(l[0], l[1])
	}, allOther)
	answers := &classCollector{
		desc: prometheus.NewDesc("sallyport_backend_responses_total",
			"Calls that a backend has answered, by the class of the status.", []string{"backend", "status"}, nil),
		each: func(f func(*classCounts, ...string)) {
			m.backends.each(func(l labels, b *Backend) { f(&b.classes, l[0]) })
		},
	}
	return m.register(duration, open, trips, failures, answers)
}
