package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/author"
	"github.com/sallyport/sallyport/cmd/sallyport/caching"
	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/counting"
	"github.com/sallyport/sallyport/cmd/sallyport/fleet"
	"github.com/sallyport/sallyport/cmd/sallyport/hosts"
	"github.com/sallyport/sallyport/cmd/sallyport/memory"
)

// gatewayOptions are the flags of every role that serves requests.
type gatewayOptions struct {
	config      string
	overrides   string
	data        string
	listen      string
	listenTLS   hosts.Address
	http3       bool
	tls         hosts.Flags
	backendCA   string
	admin       string
	accessLog   string
	logFormat   string
	logLevel    string
	region      string
	gatewayID   string
	gatewayName string // of the resource whose host names are served; "" for the service's own
	serviceName string
	drainDelay  time.Duration
	drainLimit  time.Duration
	valuesFrom  bool
	forwarded   bool
	runtime     author.RuntimeFlag
	counters    counting.Flags
	caches      caching.Flags
	// managed says that the configuration is that of the management plane, which
	// keeps whatever API Management keeps.
	managed bool
}

// adminHeadTimeout bounds the time to send the head of a request to the admin
// listener.
const adminHeadTimeout = 5 * time.Second

// bind declares the flags of a gateway that runs a folder.
func (o *gatewayOptions) bind(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.overrides, "overrides", "", "file of overrides for this environment (configuration.prod.yaml)")
	f.BoolVar(&o.valuesFrom, "values-from-environment", true, "let the folder take secret values from environment variables and files")
	f.StringVar(&o.serviceName, "service-name", "sallyport", "what policies see as context.Deployment.ServiceName")
	o.bindGateway(c)
}

// bindGateway declares the flags of every role that serves requests.
func (o *gatewayOptions) bindGateway(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.listen, "listen", ":8080", "address for HTTP; empty for none")
	o.listenTLS.Value = ":8443"
	f.Var(&o.listenTLS, "listen-tls", "address for HTTPS, used where it is given, or there are certificates; empty for none")
	f.BoolVar(&o.http3, "http3", true, "serve HTTP/3 as well, on the UDP port of --listen-tls")
	o.tls.Bind(f)
	f.StringVar(&o.backendCA, "backend-ca", "",
		"file with authorities (PEM) that backends' certificates may be from, besides the system's")
	f.BoolVar(&o.forwarded, "forwarded-proto", false,
		"take the scheme of a call from X-Forwarded-Proto: for a gateway that clients reach only through what ends TLS")
	f.StringVar(&o.admin, "admin", "127.0.0.1:9090", "address for /metrics, /healthz and /readyz; empty for none")
	f.StringVar(&o.accessLog, "access-log", "", "stdout, stderr or a file; empty for no access log")
	f.StringVar(&o.logFormat, "log-format", "text", "text or json")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
	f.StringVar(&o.region, "region", "local", "what policies see as context.Deployment.Region")
	f.StringVar(&o.gatewayID, "gateway-id", "managed", "what policies see as context.Deployment.Gateway.Id")
	o.runtime.Bind(f)
	o.counters.Bind(f)
	o.caches.Bind(c)
	f.DurationVar(&o.drainDelay, "drain-delay", 0,
		"after a signal to stop, how long the status path answers 503 while requests are still taken")
	f.DurationVar(&o.drainLimit, "drain-limit", 30*time.Second, "after that, how long requests under way may take")
}

// gatewayCommand runs a gateway from a folder, with no management plane.
func gatewayCommand() *cobra.Command {
	o := &gatewayOptions{}
	c := &cobra.Command{
		Use:   "gateway --config DIR",
		Short: "Run a gateway from a configuration folder",
		Long: "Runs a gateway from an APIOps folder, and applies each change of the folder at once.\n" +
			"A folder that does not compile leaves the last good configuration serving.",
		Args: commandline.NoArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.config == "" {
				return &commandline.UsageError{Err: fmt.Errorf("gateway needs --config with the configuration folder")}
			}
			return runGateway(c.Context(), o, c.ErrOrStderr(), func(string) {})
		},
	}
	c.Flags().StringVar(&o.config, "config", "", "the configuration folder")
	c.Flags().StringVar(&o.data, "data", "", "folder for the configuration that is kept for restarts; empty keeps none")
	o.bind(c)
	c.AddCommand(fleet.Commands()...)
	return c
}

// runGateway runs until ctx ends, then drains. ready is called when requests
// are being accepted, with the address for HTTP.
func runGateway(ctx context.Context, o *gatewayOptions, stderr io.Writer, ready func(address string)) error {
	memory.Limit()
	p, err := newProcess(o, stderr)
	if err != nil {
		return err
	}
	defer p.close()
	source := newFolder(o, p)
	if err := source.first(); err != nil {
		return err
	}
	stopAdmin, err := p.serveAdmin(ctx, o.admin)
	if err != nil {
		return err
	}
	defer stopAdmin()
	servers, err := p.listen(ctx, o)
	if err != nil {
		return err
	}
	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFollowing()
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		source.follow(following)
	}()
	ready(servers.http)
	failed := servers.wait(ctx)
	stopFollowing()
	<-followed
	return p.drain(servers, o, failed)
}

// drain ends the gateway in order: first the status path says so, then no new
// connections are taken, then requests under way end.
func (p *process) drain(servers *servers, o *gatewayOptions, failed error) error {
	p.log.Info("stopping", slog.Duration("drainDelay", o.drainDelay), slog.Duration("drainLimit", o.drainLimit))
	p.server.Drain()
	p.health.Drain()
	if failed == nil && o.drainDelay > 0 {
		timer := p.clock.NewTimer(o.drainDelay)
		<-timer.C()
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.drainLimit)
	defer cancel()
	err := servers.shutdown(ctx)
	p.meter.Finish(context.Background()) // It has a limit of its own: what was counted counts, however the drain ended.
	if err != nil && failed == nil {
		return fmt.Errorf("stopping: requests were still under way after %s: %w", o.drainLimit, err)
	}
	p.log.Info("stopped")
	return failed
}

// serveAdmin serves metrics and health on an address of their own.
func (p *process) serveAdmin(ctx context.Context, address string) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	l, err := listenOn(ctx, "--admin", address)
	if err != nil {
		return nil, err
	}
	s := &http.Server{Handler: p.adminHandler(), ReadHeaderTimeout: adminHeadTimeout}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // It ends with Close.
	}()
	return func() {
		_ = s.Close() // Nothing of value is under way.
		<-done
	}, nil
}
