package ship

import (
	"context"

	"github.com/sallyport/sallyport/internal/clock"
)

// countUsage lets the usage that has changed be shipped every usageEvery, until ctx
// ends.
func (s *Shipper) countUsage(ctx context.Context) {
	for clock.Sleep(ctx, s.o.Clock, usageEvery) == nil {
		s.dueUsage()
		s.wake()
	}
}

// dueUsage says that it is time to ship usage.
func (s *Shipper) dueUsage() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usageDue = true
}

// takeUsageDue reports whether it is time to ship usage, and leaves it to be so no
// more. It comes before the view that is shipped: what comes due while that is
// written was counted behind the view.
func (s *Shipper) takeUsageDue() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.usageDue
	s.usageDue = false
	return due
}
