package installation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/access/issuer"
	"github.com/sallyport/sallyport/internal/control/arm"
	"github.com/sallyport/sallyport/internal/control/feed"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/control/rest"
)

// Management is the management API with those who may use it.
type Management struct {
	http.Handler
	// Credential is that of the administrator, where this start made one; it is
	// shown once.
	Credential *access.Credential
	Directory  *access.Directory
	Issuer     *issuer.Issuer
	// Feed is what separate gateways follow.
	Feed *feed.Server
	// api is what the portal of the process calls, portal who that is.
	api       http.Handler
	portal    access.Principal
	stop      context.CancelFunc
	followers sync.WaitGroup
	log       *slog.Logger
}

// Timeouts of the management API's listener.
const (
	headTimeout  = 10 * time.Second
	readTimeout  = 2 * time.Minute
	writeTimeout = 5 * time.Minute
	idleTimeout  = 2 * time.Minute
	maxHead      = 64 << 10
)

// OpenManagement opens the API. base is its external URL, or "" where each
// request's host says it.
func (in *Installation) OpenManagement(ctx context.Context, base string) (*Management, error) {
	clk := in.Plane.Environment().Clock
	directory, err := access.OpenDirectory(ctx, in.Store, clk)
	if err != nil {
		return nil, fmt.Errorf("opening the directory of principals: %w", err)
	}
	m := &Management{Directory: directory, log: in.log}
	if m.Credential, err = directory.Bootstrap(ctx); err != nil {
		return nil, fmt.Errorf("making the first administrator: %w", err)
	}
	m.Issuer, err = issuer.Open(ctx, issuer.Config{Store: in.Store, Sealer: in.Keys, Directory: directory, BaseURL: base,
		Clock: clk, Log: in.log})
	if err != nil {
		return nil, fmt.Errorf("opening the issuer of tokens: %w", err)
	}
	authenticator := access.NewAuthenticator(m.Issuer, in.issuers...)
	api := rest.New(rest.Options{Plane: in.Plane, Base: base, Log: in.log, Guard: guard{authenticator, directory}})
	manager := arm.New(arm.Options{
		Store: in.Store, Directory: directory, Authenticator: authenticator, Clock: clk, Log: in.log, BaseURL: base,
		Subscriptions: []string{in.Names.Subscription}, Locations: []string{in.Names.Location}, Services: in.services,
	})
	m.Feed = feed.New(feed.Options{
		Store: in.Store, Environment: in.Plane.Environment(), Service: in.Names.ID(), ClientCAs: in.gatewayCAs, Usage: in.Usage(),
		Traces:  in.Plane.Environment().Traces,
		Release: in.release, Clock: clk, Log: in.log,
	})
	in.Plane.Environment().Instances = m.Feed.Instances
	scope, err := access.ParseScope(string(in.Names.ID()))
	if err != nil {
		return nil, fmt.Errorf("the scope of the developer portal: %w", err)
	}
	m.api, m.portal = api, access.PortalPrincipal(scope)
	m.Handler = front(m.Issuer, m.Feed, api.Share(manager), api)
	return m, nil
}

// front sends requests where they belong.
func front(tokens, gateways, manager, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case issuer.Owns(r.URL.Path):
			tokens.ServeHTTP(w, r)
		case feed.Owns(r.URL.Path):
			gateways.ServeHTTP(w, r)
		case arm.Owns(r.URL.EscapedPath()):
			manager.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
}

// services are all services, for the lists of the resource manager.
func (in *Installation) services(ctx context.Context) (all []arm.Resource, err error) {
	err = in.Plane.Read(ctx, System("resource manager"), func(s *resource.Session) error {
		entities, err := services.All(s)
		for _, e := range entities {
			location, _ := e.Body["location"].(string)
			all = append(all, arm.Resource{ID: string(e.ID), Location: location})
		}
		return err
	})
	return all, err
}

// Follow takes in what other nodes change, until Close.
func (m *Management) Follow(ctx context.Context) {
	ctx, m.stop = context.WithCancel(context.WithoutCancel(ctx))
	for name, follow := range map[string]func(context.Context) error{
		"directory": m.Directory.Follow, "signing keys": m.Issuer.Follow,
	} {
		m.followers.Go(func() {
			if err := follow(ctx); err != nil && !errors.Is(err, context.Canceled) {
				m.log.Error("changes are no longer followed", slog.String("of", name), slog.Any("error", err))
			}
		})
	}
}

// Server is an HTTP server for the API, with its limits.
func (m *Management) Server() *http.Server {
	s := &http.Server{
		Handler: m, ReadHeaderTimeout: headTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHead, ErrorLog: slog.NewLogLogger(m.log.Handler(), slog.LevelDebug),
	}
	s.RegisterOnShutdown(m.Feed.Drain) // Feeds have no end of their own.
	return s
}

// Close ends following and being followed.
func (m *Management) Close() {
	m.Feed.Close()
	if m.stop != nil {
		m.stop()
	}
	m.followers.Wait()
}
