package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/sallyport/sallyport/cmd/sallyport/backups"
	"github.com/sallyport/sallyport/internal/counter"
)

// backUp begins to keep a continuous backup, where one is wanted. A backup that
// cannot be kept stops nothing else.
func (s *plane) backUp(ctx context.Context) {
	running, err := s.o.backup.Start(ctx, backups.Environment{
		Installation: s.in, Options: s.o.installation.Options(io.Discard), Counters: s.counters(), Release: version,
		Metrics: s.p.metrics, Health: s.p.health, Log: s.p.log.Logger, Clock: s.p.clock,
	})
	if err != nil {
		s.p.log.Error("no backup is kept", slog.Any("error", err))
	}
	s.backup = running
}

// counters are the quotas of the gateway of this process, where they can be
// kept.
func (s *plane) counters() counter.Keeper {
	keeper, _ := s.p.policyServices.Counters.(counter.Keeper)
	return keeper
}
