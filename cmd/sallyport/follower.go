package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"github.com/sallyport/sallyport/cmd/sallyport/fleet"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/cmd/sallyport/memory"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// runFollower runs a gateway that follows a management plane elsewhere, until ctx
// ends; then it drains.
func runFollower(ctx context.Context, o *serveOptions, stderr io.Writer) error {
	memory.Limit()
	o.managed = true
	name, err := o.fleet.Gateway()
	if err != nil && !o.gatewayIDGiven {
		return err
	}
	if o.gatewayName = name; !o.gatewayIDGiven {
		o.gatewayID = name
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return fmt.Errorf("making the gateway's folder: %w", err)
	}
	p, err := newProcess(&o.gatewayOptions, stderr)
	if err != nil {
		return err
	}
	defer p.close()
	o.warn(p)
	p.following, err = fleet.Open(&o.fleet, &fleet.Process{
		Data: o.data, Release: version, Region: o.region, Follower: p.follower, Health: p.health, Metrics: p.metrics,
		DebugKeys: p.traces.Know, Log: p.log.Logger, Clock: p.clock,
	})
	if err != nil {
		return err
	}
	kept, err := p.follower.Resume()
	if err != nil {
		p.log.Error("the kept configuration cannot be used", slog.Any("error", err))
	}
	if !kept {
		p.log.Warn("there is no configuration yet: calls are answered with 503 until the management plane sends one")
	}
	servers, stopServers, err := p.open(ctx, o)
	if err != nil {
		return err
	}
	defer stopServers()
	p.meter.To(p.following.Client.DeliverUsage)
	p.following.ShipTraces(p.traces, p.log.Logger)
	p.following.Start(ctx)
	defer p.following.Stop()
	failed := servers.wait(ctx)
	return p.drain(servers, &o.gatewayOptions, failed)
}

// managedGateway is the id of a gateway that is given none.
const managedGateway = feed.ManagedGateway

// warn names the settings that have no effect, once.
func (o *serveOptions) warn(p *process) {
	for _, w := range o.warnings {
		p.log.Warn("a setting of the self-hosted gateway has no effect here", slog.String("setting", w.Name), slog.String("reason", w.Reason))
	}
}

// adminHandler is what the admin listener answers.
func (p *process) adminHandler() http.Handler {
	metrics := telemetry.Admin(p.metrics, p.health)
	if p.counters == nil {
		return metrics // A portal counts nothing of calls.
	}
	metrics = p.counters.Handle(metrics)
	if p.following == nil {
		return metrics
	}
	mux := http.NewServeMux()
	mux.Handle("/", metrics)
	mux.HandleFunc("GET "+fleet.StatusPath, p.following.ServeStatus)
	return mux
}

// errStoreGone is wrapped where a store is empty and should not be.
var errStoreGone = errors.New("the gateway serves the configuration that it kept, so it does not begin anew with an empty one; " +
	"bring the store back, restore a backup, or remove the folder generations to begin anew")

// storeGone says that the files of the store have gone from under a gateway that
// has kept its configuration: what a new store begins with would replace it.
func (s *plane) storeGone() error {
	if !s.kept {
		return nil
	}
	if _, err := os.Stat(filepath.Join(s.o.data, "configuration")); !errors.Is(err, fs.ErrNotExist) {
		return nil // The store is made of the folder of an earlier release.
	}
	at := s.o.installation.Store
	if at == "" {
		at = "sqlite:" + filepath.Join(s.o.data, "store")
	}
	if installation.Missing(at) {
		return fmt.Errorf("the store is gone: %w", errStoreGone)
	}
	return nil
}

// emptied says so of a store that is there and has no service.
func (s *plane) emptied(ctx context.Context, in *installation.Installation) error {
	if !s.kept {
		return nil
	}
	return in.Plane.Read(ctx, installation.System("serve"), func(session *resource.Session) error {
		e, err := session.Lookup(in.Names.ID())
		if err == nil && e == nil {
			return fmt.Errorf("the store has no service %s: %w", in.Names.Service, errStoreGone)
		}
		return err
	})
}
