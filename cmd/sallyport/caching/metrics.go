package caching

import (
	"errors"

	"github.com/sallyport/sallyport/internal/telemetry"
)

// The values of the label cache.
var (
	ofInternal = telemetry.Label{Name: "cache", Value: "internal"}
	ofExternal = telemetry.Label{Name: "cache", Value: "external"}
)

// show adds what the caches do to the metrics.
func (c *Caches) show(m *telemetry.Metrics) error {
	const (
		hits, hitsHelp     = "sallyport_cache_hits_total", "Look-ups that found an entry."
		misses, missesHelp = "sallyport_cache_misses_total", "Look-ups that found none."
	)

	return errors.Join(
		m.CounterFunc(hits, hitsHelp, func() float64 { return float64(c.pool.Stats().Hits) }, ofInternal),
		m.CounterFunc(hits, hitsHelp, func() float64 { return float64(c.stats().Hits) }, ofExternal),
		m.CounterFunc(misses, missesHelp, func() float64 { return float64(c.pool.Stats().Misses) }, ofInternal),
		m.CounterFunc(misses, missesHelp, func() float64 { return float64(c.stats().Misses) }, ofExternal),
		c.showInternal(m), c.showExternal(m), c.showFlights(m),
	)
}

func (c *Caches) showInternal(m *telemetry.Metrics) error {
	return errors.Join(
		m.GaugeFunc("sallyport_cache_bytes", "Bytes that the internal cache holds.",
			func() float64 { return float64(c.pool.Stats().Bytes) }, ofInternal),
		m.GaugeFunc("sallyport_cache_limit_bytes", "Bytes that the internal cache may hold.",
			func() float64 { return float64(c.options.Flags.Size) }, ofInternal),
		m.GaugeFunc("sallyport_cache_entries", "Entries that the internal cache holds.",
			func() float64 { return float64(c.pool.Stats().Entries) }, ofInternal),
		m.CounterFunc("sallyport_cache_evictions_total",
			"Entries that the internal cache has removed, because they had expired or for want of room.",
			func() float64 { return float64(c.pool.Stats().Evictions) }, ofInternal),
	)
}

func (c *Caches) showExternal(m *telemetry.Metrics) error {
	return errors.Join(
		m.CounterFunc("sallyport_cache_failed_total", "Look-ups that the external cache did not answer in time.",
			func() float64 { return float64(c.stats().Failed) }, ofExternal),
		m.CounterFunc("sallyport_cache_skipped_total", "Look-ups that were not made, because the external cache does not answer.",
			func() float64 { return float64(c.stats().Skipped) }, ofExternal),
		m.CounterFunc("sallyport_cache_unreadable_total", "Entries of the external cache that are not in the format of this release.",
			func() float64 { return float64(c.stats().Unreadable) }, ofExternal),
		m.CounterFunc("sallyport_cache_dropped_total", "Writes to the external cache that were dropped, for want of room or of an answer.",
			func() float64 { return float64(c.stats().Dropped) }, ofExternal),
		m.GaugeFunc("sallyport_cache_queued_bytes", "Bytes of entries that wait to be written to the external cache.",
			func() float64 { return float64(c.stats().QueuedBytes) }, ofExternal),
		m.GaugeFunc("sallyport_cache_unavailable", "1 while the external cache, or a part of it, is passed over because it does not answer.",
			func() float64 {
				if c.stats().Open {
					return 1
				}
				return 0
			}, ofExternal),
	)
}

func (c *Caches) showFlights(m *telemetry.Metrics) error {
	return errors.Join(
		m.CounterFunc("sallyport_cache_waits_total", "Requests that waited for the answer to an equal one.",
			func() float64 { return float64(c.flights.Stats().Waited) }),
		m.CounterFunc("sallyport_cache_waits_overdue_total", "Those of them that waited in vain for as long as they may.",
			func() float64 { return float64(c.flights.Stats().Overdue) }),
	)
}
