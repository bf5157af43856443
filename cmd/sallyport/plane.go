package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/sallyport/sallyport/cmd/sallyport/backups"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/cmd/sallyport/site"
)

// plane is the management plane of the process.
type plane struct {
	o       *serveOptions
	p       *process
	echoURL string
	gateway string // Address of the gateway; "" without one.
	kept    bool   // The gateway has kept its configuration.
	site    *site.Site

	in     *installation.Installation
	api    *installation.Management
	server *http.Server
	url    string
	served chan struct{}

	cancel context.CancelFunc
	trying chan struct{}
	backup *backups.Running
}

// start opens the installation, makes the service at the first start, publishes
// what is stored, and serves the API. Where it fails nothing is left open.
func (s *plane) start(ctx context.Context) (err error) {
	if err := s.storeGone(); err != nil {
		return err
	}
	settings, err := settingsFor(s.p.policyServices, &s.o.gatewayOptions)
	if err != nil {
		return err
	}
	authorities, err := s.o.management.gatewayCAs()
	if err != nil {
		return err
	}
	f := &s.o.installation
	in, err := installation.Open(ctx, installation.Options{
		Data: f.Data, Store: f.Store, Key: f.Key, OIDC: s.o.management.oidc, Names: f.Names,
		AllowPrivateLinks: f.AllowPrivateLinks, Vault: f.Vault,
		GatewayURL: "http://" + reachable(s.gateway), Settings: settings, Use: s.p.follower.Adopt,
		GatewayCAs: authorities, Release: version, Backups: s.o.backup.OpenFor(f.Data), Counters: s.counters(),
		Inspector: s.inspector(), Log: s.p.log.Logger, Clock: s.p.clock,
		KeepUsage: s.o.metering.Keep,
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.Close())
		}
	}()
	in.Plane.Environment().PortalURL = s.site.For(f.Names.Service)
	in.Plane.Environment().BackupStatus = s.o.backup.Status
	in.RecordTraces(s.p.traces)
	if err := s.emptied(ctx, in); err != nil {
		return err
	}
	if err := s.first(ctx, in); err != nil {
		return err
	}
	if err := in.Follow(ctx); err != nil {
		return err
	}
	s.in = in
	if s.p.follower.Current() == nil {
		return errors.New("the stored configuration does not compile: the errors are listed above")
	}
	if err := s.serve(ctx); err != nil {
		return err
	}
	s.p.meter.ToBook(in.Usage(), string(in.Names.ID()), managedGateway)
	s.backUp(ctx)
	return nil
}

// serve begins to answer the management API.
func (s *plane) serve(ctx context.Context) error {
	api, err := s.in.OpenManagement(ctx, strings.TrimSuffix(s.o.management.url, "/"))
	if err != nil {
		return err
	}
	l, scheme, err := s.listen(ctx)
	if err != nil {
		return err
	}
	if err := api.CountFeed(s.p.metrics); err != nil {
		return errors.Join(err, l.Close())
	}
	s.api, s.server, s.served = api, api.Server(), make(chan struct{})
	s.url = s.o.management.url
	if s.url == "" {
		s.url = scheme + "://" + reachable(l.Addr().String())
	}
	api.Follow(ctx)
	s.site.Attach(api.Portal())
	go func() {
		defer close(s.served)
		if err := s.server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.p.log.Error("the management API has ended", slog.Any("error", err))
		}
	}()
	s.p.log.Info("accepting calls of the management API", slog.String("url", s.url))
	return nil
}

// authority is the file with which clients check the management API.
func (s *plane) authority() string { return filepath.Join(s.o.data, installation.AuthorityFile) }

// stop ends the API and closes the store.
func (s *plane) stop() {
	if s.cancel != nil {
		s.cancel()
		<-s.trying
	}
	if s.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		if err := s.server.Shutdown(ctx); err != nil {
			s.p.log.Error("calls of the management API were still under way", slog.Any("error", err))
			_ = s.server.Close() // What is under way ends without an answer.
		}
		<-s.served
		s.api.Close()
	}
	if s.in == nil {
		return
	}
	s.backup.Stop()
	if err := s.in.Close(); err != nil {
		s.p.log.Error("closing the store", slog.Any("error", err))
	}
}
