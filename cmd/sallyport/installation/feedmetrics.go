package installation

import (
	"errors"

	"github.com/sallyport/sallyport/internal/control/feed"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// CountFeed shows what the feed of separate gateways counts among the metrics.
func (m *Management) CountFeed(metrics *telemetry.Metrics) error {
	stat := func(read func(feed.Stats) float64) func() float64 {
		return func() float64 { return read(m.Feed.Stats()) }
	}
	refused := func(because string, read func(feed.Stats) uint64) error {
		return metrics.CounterFunc("sallyport_feed_refused_total",
			"Requests of separate gateways that were refused: for their token or certificate (unproved), "+
				"because of a limit or the store (busy), or for another fault.",
			stat(func(s feed.Stats) float64 { return float64(read(s)) }), telemetry.Label{Name: "because", Value: because})
	}
	return errors.Join(
		metrics.GaugeFunc("sallyport_feed_gateways", "Separate gateways that follow this node.",
			stat(func(s feed.Stats) float64 { return float64(s.Feeds) })),
		metrics.CounterFunc("sallyport_feed_frames_total", "Frames sent to separate gateways.",
			stat(func(s feed.Stats) float64 { return float64(s.Frames) })),
		metrics.CounterFunc("sallyport_feed_bytes_total", "Bytes sent to separate gateways.",
			stat(func(s feed.Stats) float64 { return float64(s.Bytes) })),
		metrics.CounterFunc("sallyport_feed_documents_total", "Whole documents encoded for separate gateways.",
			stat(func(s feed.Stats) float64 { return float64(s.Documents) })),
		metrics.CounterFunc("sallyport_feed_heartbeats_total", "Heartbeats taken from separate gateways.",
			stat(func(s feed.Stats) float64 { return float64(s.Heartbeats) })),
		refused("unproved", func(s feed.Stats) uint64 { return s.Unproved }),
		refused("busy", func(s feed.Stats) uint64 { return s.Busy }),
		refused("faulty", func(s feed.Stats) uint64 { return s.Faulty }),
	)
}
