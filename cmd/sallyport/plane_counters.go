package main

import (
	"github.com/sallyport/sallyport/cmd/sallyport/fleet"
	"github.com/sallyport/sallyport/internal/counter"
)

// inspector has the counters that the management API shows and sets: those that
// gateways share with it, or those of the gateway in the same process. A
// management plane without either cannot reach any, and there is none.
func (s *plane) inspector() counter.Inspector {
	if s.o.fleet.Role == fleet.RoleControl && !s.p.counters.Shared() {
		return nil
	}
	return s.p.counters.Store
}
