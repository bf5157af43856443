package main

import (
	"context"
	"fmt"
	"io"

	"github.com/sallyport/sallyport/cmd/sallyport/memory"
	"github.com/sallyport/sallyport/cmd/sallyport/site"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// openSite begins to serve the portal of this process; nil where it has none.
func (s *plane) openSite(ctx context.Context) (*site.Site, error) {
	if !s.o.site.Wanted(s.o.fleet.Role) {
		return nil, nil //nolint:nilnil // A nil Site is none.
	}
	process := s.p.sitePart(s.o)
	process.Weight, process.Own, process.TLS = telemetry.Advice, s.certificate, s.p.hosts.Management
	opened, err := site.Open(ctx, &s.o.site, process)
	if err == nil {
		s.p.observers = append(s.p.observers, opened.Observe)
	}
	return opened, err
}

// sitePart is what a portal needs of the process.
func (p *process) sitePart(o *serveOptions) *site.Process {
	return &site.Process{
		Service: string(o.installation.Names.ID()), Clock: p.clock, Log: p.log.Logger, Metrics: p.metrics, Health: p.health, Access: p.access,
	}
}

// runPortal runs a portal whose management plane is elsewhere, until ctx ends.
func runPortal(ctx context.Context, o *serveOptions, out, stderr io.Writer) error {
	memory.Limit()
	p := &process{clock: clock.System(), health: telemetry.NewHealth()}
	if err := p.startSignals(&o.gatewayOptions, stderr); err != nil {
		return err
	}
	defer p.closeSignals()
	o.warn(p)
	process := p.sitePart(o)
	process.Weight = telemetry.Readiness
	f := &o.fleet
	s, err := site.OpenRemote(ctx, &o.site, process, &site.Control{
		URLs: f.Control, CA: f.CA, Cert: f.Cert, Key: f.Key, Insecure: f.Insecure, SkipVerify: f.SkipVerify,
	})
	if err != nil {
		return err
	}
	defer s.Close()
	stopAdmin, err := p.serveAdmin(ctx, o.admin)
	if err != nil {
		return err
	}
	defer stopAdmin()
	fmt.Fprintf(out, "\nSallyport %s shows the service %s\n", version, o.installation.Names.Service)
	s.Announce(out)
	fmt.Fprintln(out, "Stop with Ctrl-C.")
	<-ctx.Done()
	p.health.Drain()
	if o.drainDelay > 0 {
		timer := p.clock.NewTimer(o.drainDelay)
		<-timer.C()
	}
	return nil
}

// closeSignals writes what is left of the logs.
func (p *process) closeSignals() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if p.access != nil {
		if err := p.access.Close(ctx); err != nil {
			p.log.Error("closing the access log", "error", err)
		}
	}
	_ = p.log.Close(ctx) // Nobody is left to tell.
}
