package ship

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/counter"
)

// standing are counters as they stood: where they are shared they are read from
// a server, for which neither a view of the store nor a change waits.
type standing []counter.Reading

// Snapshot is what they stood at.
func (s standing) Snapshot() []counter.Reading { return slices.Clone(s) }

// Restore does nothing: they only stood.
func (standing) Restore([]counter.Reading) {}

// count reads the counters every countersEvery, until ctx ends.
func (s *Shipper) count(ctx context.Context) {
	if s.o.Source.Counters == nil {
		return
	}
	for clock.Sleep(ctx, s.o.Clock, countersEvery) == nil {
		read := make(chan []counter.Reading, 1)
		// A server that does not answer is not waited for at the end.
		go func() { read <- s.o.Source.Counters.Snapshot() }()
		select {
		case <-ctx.Done():
			return
		case readings := <-read:
			s.counted(readings)
		}
	}
}

// counted takes what the counters stand at, to be shipped where it is news.
func (s *Shipper) counted(readings []counter.Reading) {
	sum := digest(readings)
	s.mu.Lock()
	news := sum != s.shippedCounters
	if news {
		s.counters = standing(readings)
	}
	s.mu.Unlock()
	if news {
		s.wake()
	}
}

// digest tells whether counters are the same as before.
func digest(readings []counter.Reading) [sha256.Size]byte {
	slices.SortFunc(readings, archive.CompareCounters)
	sum := sha256.New()
	for _, r := range readings {
		fmt.Fprintf(sum, "%d %d %q %q %v %v %+v\n", r.Kind, r.Scope, r.Name, r.Key, r.Period, r.Start.UnixNano(), r.Used)
	}
	return [sha256.Size]byte(sum.Sum(nil))
}
