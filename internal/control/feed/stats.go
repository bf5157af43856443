package feed

import (
	"net/http"
	"sync/atomic"
)

// Stats are what a server counts.
type Stats struct {
	// Feeds is how many gateways follow now.
	Feeds int64
	// Frames and Bytes were sent, Documents and Deltas encoded, and Heartbeats taken.
	Frames, Bytes, Documents, Deltas, Heartbeats uint64
	// Parcels of usage were taken.
	Parcels uint64
	// Traces were taken.
	Traces uint64
	// Unproved, Busy and Faulty are requests that were refused: for their token or
	// certificate, for a limit or because the store did not answer, and others.
	Unproved, Busy, Faulty uint64
}

type counters struct {
	frames, bytes, documents, deltas, heartbeats atomic.Uint64
	parcels, traces, unproved, busy, faulty      atomic.Uint64
}

// refused counts an answer that is a refusal.
func (c *counters) refused(status int) {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		c.unproved.Add(1)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		c.busy.Add(1)
	default:
		c.faulty.Add(1)
	}
}

// Stats returns what was counted until now.
func (s *Server) Stats() Stats {
	c := &s.stats
	return Stats{
		Feeds: s.feeds.Load(), Frames: c.frames.Load(), Bytes: c.bytes.Load(), Documents: c.documents.Load(), Deltas: c.deltas.Load(),
		Heartbeats: c.heartbeats.Load(), Parcels: c.parcels.Load(), Traces: c.traces.Load(),
		Unproved: c.unproved.Load(), Busy: c.busy.Load(), Faulty: c.faulty.Load(),
	}
}
