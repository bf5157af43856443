package telemetry

import "github.com/sallyport/sallyport/internal/telemetry/usage"

// Recorder takes note of requests. The gateway calls Started and Finished once
// for each; neither waits, and neither allocates. A nil Recorder takes note of
// nothing.
type Recorder struct {
	metrics *Metrics
	access  *AccessLog
	usage   *usage.Collector
}

// NewRecorder returns a recorder that counts in m and logs to access, either of
// which may be nil.
func NewRecorder(m *Metrics, access *AccessLog) *Recorder {
	return &Recorder{metrics: m, access: access}
}

// WithUsage makes the recorder count for the reports of usage as well. It is for
// the wiring, before the first request; nil counts nothing.
func (r *Recorder) WithUsage(c *usage.Collector) *Recorder {
	r.usage = c
	return r
}

// Started notes that a request is being served.
func (r *Recorder) Started() {
	if r != nil && r.metrics != nil {
		r.metrics.inFlight.Add(1)
	}
}

// Finished notes what has become of a request for which Started was called.
// The record, and what it refers to, may be used again at once.
func (r *Recorder) Finished(rec *Record) {
	if r == nil {
		return
	}
	if r.metrics != nil {
		r.metrics.inFlight.Add(-1)
		r.metrics.count(rec)
	}
	if r.usage != nil {
		var c usage.Call
		r.usage.Count(rec.call(&c))
	}
	if r.access != nil {
		r.access.Offer(rec)
	}
}
