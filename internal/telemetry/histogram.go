package telemetry

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// histogram counts durations in buckets. It costs two additions for each, where
// the library's costs four and a comparison of floats for each bucket.
type histogram struct {
	bounds []time.Duration // the upper bounds of the buckets; a last one has none
	counts []atomic.Uint64
	sum    atomic.Int64 // nanoseconds
}

func newHistogram(bounds []time.Duration) *histogram {
	return &histogram{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
}

// observe counts a duration.
func (h *histogram) observe(d time.Duration) {
	i := 0
	for i < len(h.bounds) && d > h.bounds[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// metric returns what has been counted, for Prometheus.
func (h *histogram) metric(desc *prometheus.Desc, labels ...string) prometheus.Metric {
	var total uint64
	buckets := make(map[float64]uint64, len(h.bounds))
	for i := range h.counts {
		total += h.counts[i].Load()
		if i < len(h.bounds) {
			buckets[h.bounds[i].Seconds()] = total
		}
	}
	m, err := prometheus.NewConstHistogram(desc, total, time.Duration(h.sum.Load()).Seconds(), buckets, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}

// histogramCollector exposes histograms that are told apart by labels.
type histogramCollector struct {
	desc *prometheus.Desc
	each func(func(*histogram, ...string))
}

// Describe implements prometheus.Collector.
func (c *histogramCollector) Describe(out chan<- *prometheus.Desc) { out <- c.desc }

// Collect implements prometheus.Collector.
func (c *histogramCollector) Collect(out chan<- prometheus.Metric) {
	c.each(func(h *histogram, labels ...string) { out <- h.metric(c.desc, labels...) })
}

// byteCollector exposes the bytes of bodies.
type byteCollector struct {
	desc *prometheus.Desc
	each func(func(*apiSeries))
}

// Describe implements prometheus.Collector.
func (c *byteCollector) Describe(out chan<- *prometheus.Desc) { out <- c.desc }

// Collect implements prometheus.Collector.
func (c *byteCollector) Collect(out chan<- prometheus.Metric) {
	c.each(func(s *apiSeries) {
		out <- c.metric(s, "in", s.bytesIn.Load())
		out <- c.metric(s, "out", s.bytesOut.Load())
	})
}

func (c *byteCollector) metric(s *apiSeries, direction string, n uint64) prometheus.Metric {
	m, err := prometheus.NewConstMetric(c.desc, prometheus.CounterValue, float64(n), s.name, direction)
	if err != nil {
		return prometheus.NewInvalidMetric(c.desc, err)
	}
	return m
}
