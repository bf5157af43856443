package telemetry

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// MaxListed bounds the values of one label that ListFunc exposes.
const MaxListed = 50

// ListFunc adds a gauge that is 1 for each of a few texts, which are read when
// the metrics are: what is wrong right now, for one. Of more than MaxListed the
// first are exposed.
func (m *Metrics) ListFunc(name, help, label string, f func() []string) error {
	return m.add(name, &listCollector{prometheus.NewDesc(name, help, []string{label}, nil), f})
}

type listCollector struct {
	desc *prometheus.Desc
	list func() []string
}

// Describe implements prometheus.Collector.
func (c *listCollector) Describe(out chan<- *prometheus.Desc) { out <- c.desc }

// Collect implements prometheus.Collector.
func (c *listCollector) Collect(out chan<- prometheus.Metric) {
	list := slices.Clone(c.list())
	slices.Sort(list)
	list = slices.Compact(list)
	for _, text := range list[:min(len(list), MaxListed)] {
		metric, err := prometheus.NewConstMetric(c.desc, prometheus.GaugeValue, 1, text)
		if err != nil {
			metric = prometheus.NewInvalidMetric(c.desc, err)
		}
		out <- metric
	}
}
