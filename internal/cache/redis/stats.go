package redis

import "sync/atomic"

// Stats counts since the store was opened.
type Stats struct {
	// Hits and Misses are look-ups that the server or the queue answered. Skipped
	// were not made, because the server does not answer; Failed were made in vain.
	Hits, Misses, Skipped, Failed uint64
	// Unreadable are entries that are not in the format.
	Unreadable uint64
	// Dropped are writes that were not made, for want of room or of a server.
	Dropped uint64
	// QueuedBytes and Queued are what waits to be written.
	QueuedBytes, Queued int64
	// Open says that look-ups are not made, in all or in a part of a cluster.
	Open bool
}

type counts struct {
	hits, misses, skipped, failed, unreadable, dropped atomic.Uint64
}

func (c *counts) looked(found bool) {
	if found {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
	}
}

// Stats returns the state of the store.
func (s *Store) Stats() Stats {
	c := &s.counts
	all := Stats{
		Hits: c.hits.Load(), Misses: c.misses.Load(), Skipped: c.skipped.Load(), Failed: c.failed.Load(),
		Unreadable: c.unreadable.Load(), Dropped: c.dropped.Load(),
		QueuedBytes: s.queue.bytes.Load(), Queued: s.queue.entries.Load(),
	}
	for _, part := range s.sections {
		all.Open = all.Open || part.breaker.Open()
	}
	return all
}
