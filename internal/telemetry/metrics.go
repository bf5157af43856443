package telemetry

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sallyport/sallyport/internal/clock"
)

// maxErrorLabels bounds the pairs of source and reason of LastError that are
// counted by name.
const maxErrorLabels = 300

// The bounds of the buckets of the durations.
var (
	requestBuckets = []time.Duration{
		time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
		50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
		time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute,
	}
	gatewayBuckets = []time.Duration{
		50 * time.Microsecond, 100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond, time.Millisecond,
		2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 100 * time.Millisecond, time.Second,
	}
)

// Metrics is what Sallyport counts, to be read in the form of Prometheus. All
// methods are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	clock    clock.Clock
	inFlight atomic.Int64

	operations *bounded[*operationSeries]
	apis       *bounded[*apiSeries]
	backends   *bounded[*Backend]
	failures   *bounded[prometheus.Counter] // Of backends.
	errors     *bounded[prometheus.Counter] // Of requests.
	gateway    *histogram
	snapshot   snapshotState
	unmatched  *Operation
}

// NewMetrics returns metrics of which nothing is counted yet, with those of the
// Go runtime and of the process. A nil clock is that of the machine.
func NewMetrics(c clock.Clock) (*Metrics, error) {
	if c == nil {
		c = clock.System()
	}
	m := &Metrics{registry: prometheus.NewRegistry(), clock: c}
	m.unmatched = m.Operation(noLabel, noLabel)
	err := errors.Join(
		m.register(
			collectors.NewGoCollector(),
			collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
			collectors.NewBuildInfoCollector(),
		),
		m.addRequests(),
		m.addBackends(),
		m.addSnapshot(),
	)
	if err != nil {
		return nil, fmt.Errorf("registering metrics: %w", err)
	}
	return m, nil
}

func (m *Metrics) register(cs ...prometheus.Collector) error {
	var errs []error
	for _, c := range cs {
		errs = append(errs, m.registry.Register(c))
	}
	return errors.Join(errs...)
}

func (m *Metrics) addRequests() error {
	failed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sallyport_request_errors_total",
		Help: "Requests that ended with an error, by the source and reason of context.LastError; limits that were hit are among them.",
	}, []string{"source", "reason"})
	m.gateway = newHistogram(gatewayBuckets)
	inFlight := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sallyport_requests_in_flight",
		Help: "Requests that are being served.",
	}, func() float64 { return float64(m.inFlight.Load()) })

	m.apis = newBounded(MaxAPILabels, func(l labels) *apiSeries {
		return &apiSeries{name: l[0], duration: newHistogram(requestBuckets)}
	}, allOther)
	m.operations = newBounded(MaxOperationLabels, func(l labels) *operationSeries {
		return &operationSeries{api: m.apis.get(labels{l[0]})}
	}, func(l labels) labels { return labels{l[0], otherLabel} })
	m.errors = newBounded(maxErrorLabels, func(l labels) prometheus.Counter {
		return failed.WithLabelValues(l[0], l[1])
	}, allOther)
	return m.register(m.durations(), m.gatewayDurations(), m.bytes(), failed, inFlight, m.requestsByOperation())
}

// durations exposes how long requests took, by API.
func (m *Metrics) durations() prometheus.Collector {
	return &histogramCollector{
		desc: prometheus.NewDesc("sallyport_request_duration_seconds",
			"Time from a request's head until its response was sent.", []string{"api"}, nil),
		each: func(f func(*histogram, ...string)) {
			m.apis.each(func(_ labels, s *apiSeries) { f(s.duration, s.name) })
		},
	}
}

// gatewayDurations exposes how much of that was the gateway's.
func (m *Metrics) gatewayDurations() prometheus.Collector {
	return &histogramCollector{
		desc: prometheus.NewDesc("sallyport_gateway_duration_seconds",
			"Time of a request that was not spent waiting for backends.", nil, nil),
		each: func(f func(*histogram, ...string)) { f(m.gateway) },
	}
}

// bytes exposes the bytes of bodies, by API.
func (m *Metrics) bytes() prometheus.Collector {
	return &byteCollector{
		desc: prometheus.NewDesc("sallyport_request_bytes_total",
			"Bytes of bodies read from clients (in) and sent to them (out).", []string{"api", "direction"}, nil),
		each: func(f func(*apiSeries)) {
			m.apis.each(func(_ labels, s *apiSeries) { f(s) })
		},
	}
}

// requestsByOperation exposes what the handles of operations have counted.
func (m *Metrics) requestsByOperation() prometheus.Collector {
	return &classCollector{
		desc: prometheus.NewDesc("sallyport_requests_total",
			"Finished requests, by the class of their status.", []string{"api", "operation", "status"}, nil),
		each: func(f func(*classCounts, ...string)) {
			m.operations.each(func(l labels, s *operationSeries) { f(&s.classes, l[0], l[1]) })
		},
	}
}

// Operation returns a handle to count the requests to an operation of an API.
func (m *Metrics) Operation(api, operation string) *Operation {
	return &Operation{metrics: m, api: api, id: operation}
}

// count counts a finished request.
func (m *Metrics) count(r *Record) {
	o := r.Operation
	if o == nil {
		o = m.unmatched
	}
	s := o.resolve()
	s.classes.add(r.Status)
	s.api.duration.observe(r.Duration)
	if r.BytesIn > 0 {
		s.api.bytesIn.Add(uint64(r.BytesIn))
	}
	if r.BytesOut > 0 {
		s.api.bytesOut.Add(uint64(r.BytesOut))
	}
	m.gateway.observe(r.GatewayDuration())
	if r.ErrorSource != "" || r.ErrorReason != "" {
		m.errors.get(labels{r.ErrorSource, r.ErrorReason}).Inc()
	}
}

// Label is one name and value of a metric.
type Label struct{ Name, Value string }

// CounterFunc adds a counter whose value is read when the metrics are: for what
// is counted elsewhere. A metric of the same name and labels must not be there.
func (m *Metrics) CounterFunc(name, help string, f func() float64, ls ...Label) error {
	return m.add(name, prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: name, Help: help, ConstLabels: constLabels(ls),
	}, f))
}

// GaugeFunc adds a gauge whose value is read when the metrics are.
func (m *Metrics) GaugeFunc(name, help string, f func() float64, ls ...Label) error {
	return m.add(name, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: name, Help: help, ConstLabels: constLabels(ls),
	}, f))
}

func (m *Metrics) add(name string, c prometheus.Collector) error {
	if err := m.registry.Register(c); err != nil {
		return fmt.Errorf("registering the metric %q: %w", name, err)
	}
	return nil
}

func constLabels(ls []Label) prometheus.Labels {
	out := make(prometheus.Labels, len(ls))
	for _, l := range ls {
		out[l.Name] = l.Value
	}
	return out
}

// WatchQueue adds the counts of a queue.
func (m *Metrics) WatchQueue(name string, stats func() QueueStats) error {
	label := Label{"queue", name}
	return errors.Join(
		m.CounterFunc("sallyport_queue_delivered_total", "Records that a queue has written.",
			func() float64 { return float64(stats().Delivered) }, label),
		m.CounterFunc("sallyport_queue_dropped_total", "Records that a queue has dropped because its sink did not keep up or failed.",
			func() float64 { return float64(stats().Dropped) }, label),
		m.GaugeFunc("sallyport_queue_pending", "Records that wait to be written.",
			func() float64 { return float64(stats().Pending) }, label),
	)
}

// classCollector exposes counts by class of status. Classes of which nothing
// was counted are left out.
type classCollector struct {
	desc *prometheus.Desc
	each func(func(*classCounts, ...string))
}

// Describe implements prometheus.Collector.
func (c *classCollector) Describe(out chan<- *prometheus.Desc) { out <- c.desc }

// Collect implements prometheus.Collector.
func (c *classCollector) Collect(out chan<- prometheus.Metric) {
	c.each(func(counts *classCounts, values ...string) {
		last := len(values)
		values = append(values, "")
		for class := range counts {
			n := counts[class].Load()
			if n == 0 {
				continue
			}
			values[last] = statusClasses[class]
			metric, err := prometheus.NewConstMetric(c.desc, prometheus.CounterValue, float64(n), values...)
			if err != nil {
				metric = prometheus.NewInvalidMetric(c.desc, err)
			}
			out <- metric
		}
	})
}

// snapshotState is what there is to say about the configuration that is served.
type snapshotState struct {
	revision, operations    atomic.Int64
	applied                 atomic.Int64 // Unix nanoseconds; zero is never.
	refused                 atomic.Bool  // The newest one was refused.
	applications, refusals  atomic.Int64
	lastCompileMicroseconds atomic.Int64
}

// SnapshotApplied notes that a snapshot is served from now on.
func (m *Metrics) SnapshotApplied(revision uint64, operations int, compile time.Duration) {
	s := &m.snapshot
	s.revision.Store(int64(revision))
	s.operations.Store(int64(operations))
	s.lastCompileMicroseconds.Store(compile.Microseconds())
	s.applied.Store(m.clock.Now().UnixNano())
	s.refused.Store(false)
	s.applications.Add(1)
}

// SnapshotRefused notes that a new configuration did not compile, and that the
// old one goes on being served.
func (m *Metrics) SnapshotRefused() {
	m.snapshot.refused.Store(true)
	m.snapshot.refusals.Add(1)
}

func (m *Metrics) addSnapshot() error {
	s := &m.snapshot
	load := func(v *atomic.Int64) func() float64 {
		return func() float64 { return float64(v.Load()) }
	}
	return errors.Join(
		m.GaugeFunc("sallyport_snapshot_revision", "Revision of the configuration that is served.", load(&s.revision)),
		m.GaugeFunc("sallyport_snapshot_operations", "Operations in the configuration that is served.", load(&s.operations)),
		m.GaugeFunc("sallyport_snapshot_age_seconds",
			"Time since the configuration that is served was applied; zero before the first.", m.snapshotAge),
		m.GaugeFunc("sallyport_snapshot_compile_seconds", "Time that compiling the configuration that is served took.",
			func() float64 { return float64(s.lastCompileMicroseconds.Load()) / 1e6 }),
		m.GaugeFunc("sallyport_snapshot_refused", "1 while the newest configuration is not served because it did not compile.", s.refusedNow),
		m.CounterFunc("sallyport_snapshot_applications_total", "Configurations that were applied.", load(&s.applications)),
		m.CounterFunc("sallyport_snapshot_compile_failures_total", "Configurations that did not compile.", load(&s.refusals)),
	)
}

func (m *Metrics) snapshotAge() float64 {
	applied := m.snapshot.applied.Load()
	if applied == 0 {
		return 0
	}
	return m.clock.Since(time.Unix(0, applied)).Seconds()
}

func (s *snapshotState) refusedNow() float64 {
	if s.refused.Load() {
		return 1
	}
	return 0
}
