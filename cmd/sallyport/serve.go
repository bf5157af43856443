package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/administer"
	"github.com/sallyport/sallyport/cmd/sallyport/backups"
	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/fleet"
	"github.com/sallyport/sallyport/cmd/sallyport/memory"
	"github.com/sallyport/sallyport/cmd/sallyport/metering"
	"github.com/sallyport/sallyport/cmd/sallyport/site"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	gatewayOptions
	installation administer.Flags
	management   managementOptions
	backup       backups.Continuous
	metering     metering.Flags
	echo         string
	example      bool
	fleet        fleet.Flags
	site         site.Flags
	warnings     []fleet.Warning
	// gatewayIDGiven says that the gateway's id is not the name in its token.
	gatewayIDGiven bool
}

// serveCommand runs everything on one machine.
func serveCommand() *cobra.Command {
	o := &serveOptions{}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run Sallyport: everything on this machine, or one of its roles",
		Long: "Runs the management API, which keeps the configuration in a store, and a gateway that has each committed\n" +
			"change at once. The first start makes the store with an example (an Echo API, the Swagger Petstore and\n" +
			"products to try), and prints the administrator's credential, once.\n\n" +
			"With --role control there is no gateway; with --role gateway there is nothing else, and its configuration comes\n" +
			"from the management plane at --control; with --role portal there is the developer portal alone.",
		Args: commandline.NoArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			o.data, o.serviceName = o.installation.Data, o.installation.Names.Service
			o.installation.Names.Location = o.region
			var err error
			if o.warnings, err = o.fleet.Apply(c.Flags(), os.LookupEnv); err != nil {
				return err
			}
			if err := o.fleet.Check(); err != nil {
				return err
			}
			if err := o.backup.Check(); err != nil {
				return err
			}
			if o.site.Wanted(o.fleet.Role) || o.fleet.Role == fleet.RolePortal {
				if err := o.site.Check(o.fleet.Role); err != nil {
					return err
				}
			}
			if o.fleet.Role == fleet.RolePortal {
				return runPortal(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
			}
			if o.gatewayIDGiven = o.gatewayID != managedGateway; o.fleet.Role == fleet.RoleGateway {
				return runFollower(c.Context(), o, c.ErrOrStderr())
			}
			return runServe(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	o.installation.Bind(c)
	o.bindGateway(c)
	o.management.bind(c)
	o.fleet.Bind(c.Flags())
	o.site.Bind(c.Flags())
	o.backup.Bind(c.Flags())
	o.metering.Bind(c.Flags())
	c.Flags().StringVar(&o.echo, "echo", "127.0.0.1:8090", "address of the example's backend; a free port where that one is taken")
	c.Flags().BoolVar(&o.example, "example", true, "begin with the example configuration where the store is new")
	return c
}

// runServe runs until ctx ends, then drains. A store that cannot be opened does
// not stop a gateway that has kept its configuration.
func runServe(ctx context.Context, o *serveOptions, out, stderr io.Writer) error {
	memory.Limit()
	o.managed = true
	p, err := newProcess(&o.gatewayOptions, stderr)
	if err != nil {
		return err
	}
	defer p.close()
	echoURL, stopEcho, err := startEcho(ctx, o.echo)
	if err != nil {
		return err
	}
	defer stopEcho()
	o.warn(p)
	kept := false
	if o.fleet.Role == fleet.RoleAll {
		if kept, err = p.follower.Start(); err != nil {
			p.log.Error("the kept configuration cannot be used", slog.Any("error", err))
		}
	}
	servers, stopServers, err := p.open(ctx, o)
	if err != nil {
		return err
	}
	defer stopServers()
	plane := &plane{o: o, p: p, echoURL: echoURL, gateway: servers.http, kept: kept}
	if plane.site, err = plane.openSite(ctx); err != nil {
		return p.drain(servers, &o.gatewayOptions, err)
	}
	if err := plane.start(ctx); err != nil {
		if !kept {
			plane.site.Close()
			return p.drain(servers, &o.gatewayOptions, err)
		}
		p.log.Error("the management plane cannot start; the gateway serves the configuration that it kept, and it is tried again",
			slog.Any("error", err))
		plane.startLater(ctx, out)
	}
	defer plane.stop()
	defer plane.site.Close() // Before the management plane that it calls.
	plane.announce(out)
	failed := servers.wait(ctx)
	return p.drain(servers, &o.gatewayOptions, failed)
}

// open begins to listen for requests and for those who look after the gateway.
func (p *process) open(ctx context.Context, o *serveOptions) (*servers, func(), error) {
	stopAdmin, err := p.serveAdmin(ctx, o.admin)
	if err != nil {
		return nil, nil, err
	}
	if o.fleet.Role == fleet.RoleControl {
		return &servers{failed: make(chan error)}, stopAdmin, nil
	}
	servers, err := p.listen(ctx, &o.gatewayOptions)
	if err != nil {
		stopAdmin()
		return nil, nil, err
	}
	return servers, stopAdmin, nil
}

// tryAgain is how long the management plane rests after it could not start.
const tryAgain = 5 * time.Second

// startLater tries again to start until that succeeds or ctx ends.
func (s *plane) startLater(ctx context.Context, out io.Writer) {
	ctx, s.cancel = context.WithCancel(ctx)
	s.trying = make(chan struct{})
	go func() {
		defer close(s.trying)
		for {
			timer := s.p.clock.NewTimer(tryAgain)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C():
			}
			err := s.start(ctx)
			if err == nil {
				s.p.log.Info("the management plane has started")
				s.announceManagement(out)
				return
			}
			s.p.log.Error("the management plane still cannot start", slog.Any("error", err))
		}
	}()
}

// layExample writes the example configuration to a temporary folder, and returns
// it with what removes it.
func layExample() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "sallyport-example-")
	if err != nil {
		return "", nil, fmt.Errorf("making the example configuration: %w", err)
	}
	remove = func() { _ = os.RemoveAll(dir) } // It is in the system's folder for what may be lost.
	if err := copyExample(dir); err != nil {
		remove()
		return "", nil, fmt.Errorf("making the example configuration: %w", err)
	}
	return dir, remove, nil
}
