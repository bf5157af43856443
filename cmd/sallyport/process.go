package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/sallyport/sallyport/cmd/sallyport/caching"
	"github.com/sallyport/sallyport/cmd/sallyport/counting"
	"github.com/sallyport/sallyport/cmd/sallyport/fleet"
	"github.com/sallyport/sallyport/cmd/sallyport/hosts"
	"github.com/sallyport/sallyport/cmd/sallyport/memory"
	"github.com/sallyport/sallyport/cmd/sallyport/metering"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/follow"
	"github.com/sallyport/sallyport/internal/gateway/serve"
	"github.com/sallyport/sallyport/internal/gateway/tracing"
	"github.com/sallyport/sallyport/internal/gateway/upstream"
	"github.com/sallyport/sallyport/internal/policies/revocation"
	"github.com/sallyport/sallyport/internal/policies/signingkeys"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// closeTimeout bounds what is written at the end: logs and the newest
// configuration.
const closeTimeout = 5 * time.Second

// process is everything that a running gateway is made of.
type process struct {
	clock    clock.Clock
	log      *telemetry.Log
	access   *telemetry.AccessLog
	metrics  *telemetry.Metrics
	health   *telemetry.Health
	upstream *upstream.Manager
	keys     *signingkeys.Provider
	server   *serve.Server
	traces   *tracing.Traces // of calls with debug tokens
	follower *follow.Follower
	// following is the feed of a management plane elsewhere; nil without one.
	following *fleet.Following
	// policyServices is what policies run with.
	policyServices *policy.Services
	counters       *counting.Counters
	hosts          *hosts.Hosts
	revocations    *revocation.Provider
	caches         *caching.Caches
	// meter counts calls for the management plane; nil without one.
	meter    *metering.Meter
	giveBack *memory.GiveBack
	// observers are shown each snapshot before requests are served from it, so
	// that what it names (caches, certificates) is there.
	observers []func(*snapshot.Snapshot)
}

// use serves requests from a snapshot.
func (p *process) use(next *snapshot.Snapshot) {
	for _, observe := range p.observers {
		observe(next)
	}
	p.server.Use(next)
	p.giveBack.Changed()
}

// newProcess wires a gateway that keeps its state in a folder.
func newProcess(o *gatewayOptions, stderr io.Writer) (*process, error) {
	p := &process{clock: clock.System(), health: telemetry.NewHealth(), traces: tracing.New(clock.System())}
	p.giveBack = memory.NewGiveBack(p.clock, debug.FreeOSMemory)
	if err := p.startSignals(o, stderr); err != nil {
		return nil, err
	}
	if err := p.startHosts(o); err != nil {
		return nil, err
	}
	services, err := p.services(o)
	if err != nil {
		return nil, err
	}
	p.policyServices = services
	p.observers = append(p.observers, func(s *snapshot.Snapshot) { p.upstream.Adopt(s.Hosts(), s.Certificates) })
	if err := p.startMeter(o); err != nil {
		return nil, err
	}
	p.server = serve.New(serve.Options{
		Services: services, Recorder: telemetry.NewRecorder(p.metrics, p.access).WithUsage(p.meter.Collector()),
		Metrics: p.metrics, Log: p.log.Logger,
		EnforceProtocols: p.hosts.Enforces(), // Without HTTPS of its own it stands behind what ends it.
		ForwardedProto:   o.forwarded,
		Traces:           p.traces,
	})
	store, err := openStore(o.data)
	if err != nil {
		return nil, err
	}
	if err := p.counters.Keep(o.data); err != nil {
		return nil, err
	}
	settings, err := settingsFor(services, o)
	if err != nil {
		return nil, err
	}
	p.follower = follow.New(follow.Options{
		Settings: settings, Use: p.use, Store: store, Metrics: p.metrics, Log: p.log.Logger, Clock: p.clock,
	})
	p.health.Add("configuration", telemetry.Readiness, func() error {
		if p.server.Snapshot() == nil {
			return errors.New("no configuration has been applied yet")
		}
		return nil
	})
	return p, nil
}

// startMeter begins to count calls, and traces of them, where a management plane is to know of them.
func (p *process) startMeter(o *gatewayOptions) (err error) {
	if !o.managed {
		return nil
	}
	if err := p.traces.Count(p.metrics); err != nil {
		return err
	}
	if o.data != "" {
		if err := os.MkdirAll(o.data, 0o700); err != nil {
			return fmt.Errorf("making the gateway's folder: %w", err)
		}
	}
	instance, err := fleet.InstanceOf(o.data)
	if err != nil {
		return err
	}
	p.meter, err = metering.Open(metering.Options{
		Data: o.data, Instance: instance, Region: o.region, Metrics: p.metrics, Clock: p.clock, Log: p.log.Logger,
	})
	return err
}

// services makes what policies run with.
func (p *process) services(o *gatewayOptions) (*policy.Services, error) {
	var err error
	p.caches, err = caching.New(caching.Options{
		Flags: o.caches, Region: o.region, Service: o.serviceName, Clock: p.clock, Log: p.log.Logger, Metrics: p.metrics,
	})
	if err != nil {
		return nil, err
	}
	p.observers = append(p.observers, p.caches.Observe)
	p.counters, err = counting.Open(o.counters, counting.Process{
		Service: o.serviceName, Region: o.region, Clock: p.clock, Log: p.log.Logger, Metrics: p.metrics,
	})
	if err != nil {
		return nil, err
	}
	roots, err := backendAuthorities(o.backendCA)
	if err != nil {
		return nil, err
	}
	p.upstream = upstream.New(upstream.Options{Clock: p.clock, Log: p.log.Logger, Metrics: p.metrics, Roots: roots})
	fetcher := p.upstream.Fetcher()
	p.revocations = revocation.New(revocation.Options{Fetcher: fetcher, Clock: p.clock, Log: p.log.Logger})
	p.keys = signingkeys.New(signingkeys.Options{Fetcher: fetcher, Clock: p.clock, Log: p.log.Logger})
	services := &policy.Services{
		Counters: p.counters.Store, Clock: p.clock, Log: p.log.Logger, Concurrency: policy.NewConcurrency(),
		Forwarder: p.upstream, Fetcher: fetcher, SigningKeys: p.keys, Revocations: p.revocations,
	}
	p.caches.Lend(services)
	return services, nil
}

// close ends the process in order: what was to be kept is kept.
func (p *process) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if p.follower != nil {
		if err := p.follower.Close(ctx); err != nil {
			p.log.Error("closing", slog.Any("error", err))
		}
	}
	p.meter.Close()
	p.traces.Close()
	if err := errors.Join(p.hosts.Close(), p.counters.Close(), p.revocations.Close(), p.keys.Close(), p.caches.Close()); err != nil {
		p.log.Error("closing", slog.Any("error", err))
	}
	p.upstream.Close()
	p.giveBack.Close()
	if p.access != nil {
		if err := p.access.Close(ctx); err != nil {
			p.log.Error("closing the access log", slog.Any("error", err))
		}
	}
	if err := p.log.Close(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "sallyport: closing the log: %v\n", err)
	}
}
