package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// servers are the listeners that take requests.
type servers struct {
	failed chan error
	http   string // address for HTTP, "" where there is none
	https  string // the same for HTTPS

	mu      sync.Mutex // held while a listener begins
	all     []*listen.Server
	count   int
	closing bool
	// stopHTTP3 ends the wait for the UDP port, and waits for HTTP/3 to end; nil
	// without HTTP/3.
	stopHTTP3 func()
}

// listen opens the sockets and begins to serve. What can be wrong with the flags
// is found before the first connection is accepted.
func (p *process) listen(ctx context.Context, o *gatewayOptions) (*servers, error) {
	wanted := p.hosts.Wanted()
	if o.listen == "" && !wanted {
		return nil, &commandline.UsageError{Err: errors.New(
			"there is nothing to listen on: give --listen, or --tls-cert and --tls-key, or --listen-tls")}
	}
	s := &servers{failed: make(chan error, 2)}
	most := maxConnections(openFiles(), o.listen != "", wanted)
	if o.listen != "" {
		l, err := listenOn(ctx, "--listen", o.listen)
		if err != nil {
			return nil, err
		}
		s.start(l, listen.New(listen.Options{Handler: p.hosts.Handler(p.server), Log: p.log.Logger, MaxConnections: most}))
		s.http = l.Addr().String()
		p.log.Info("accepting HTTP", "address", l.Addr().String())
	}
	if wanted {
		if err := s.listenTLS(ctx, p, o, most); err != nil {
			return nil, errors.Join(err, s.shutdown(ctx))
		}
	} else if o.listenTLS.Value != "" {
		p.hosts.WhenWanted(func() bool { return s.listenLater(ctx, p, o) })
	}
	if err := s.countIn(p.metrics); err != nil {
		return nil, errors.Join(err, s.shutdown(ctx))
	}
	p.hosts.Start(s.http, s.https)
	return s, nil
}

// listenTLS serves HTTPS.
func (s *servers) listenTLS(ctx context.Context, p *process, o *gatewayOptions, most int) error {
	l, err := listenOn(ctx, "--listen-tls", o.listenTLS.Value)
	if err != nil {
		return err
	}
	server := listen.New(listen.Options{Handler: p.server, Hosts: p.hosts.TLS, Log: p.log.Logger, MaxConnections: most})
	if !s.start(l, server) {
		return errors.New("opening the address for HTTPS: the process ends")
	}
	s.https = l.Addr().String()
	p.log.Info("accepting HTTPS", "address", s.https)
	if !p.hosts.TLS.Serves() {
		p.log.Warn("HTTPS has no certificate yet: give --tls-cert, or host names with certificates in the configuration")
	}
	if o.http3 {
		s.startHTTP3(ctx, p, server, s.https)
	}
	return nil
}

// listenLater serves HTTPS from the time on at which the configuration has
// certificates, and shares the connections that there may be with HTTP. It is
// tried again with the next change where that fails.
func (s *servers) listenLater(ctx context.Context, p *process, o *gatewayOptions) bool {
	most := maxConnections(openFiles(), o.listen != "", true)
	if err := s.listenTLS(ctx, p, o, most); err != nil {
		p.log.Error("the configuration has certificates for host names, and they cannot be served", slog.Any("error", err))
		return false
	}
	for _, server := range s.running() {
		server.LimitConnections(most)
	}
	return true
}

// countIn shows what the listeners have turned away.
func (s *servers) countIn(m *telemetry.Metrics) error {
	sum := func(of func(*listen.Server) int64) func() float64 {
		return func() float64 {
			var n int64
			for _, server := range s.running() {
				n += of(server)
			}
			return float64(n)
		}
	}
	return errors.Join(
		m.CounterFunc("sallyport_refused_requests_total",
			"Requests that were refused for what they break of the protocol, before anything else.", sum((*listen.Server).Refused)),
		m.CounterFunc("sallyport_shed_connections_total",
			"Client connections that were closed because there were too many.", sum((*listen.Server).Shed)),
	)
}

// start begins to serve on a listener, unless the process ends.
func (s *servers) start(l net.Listener, server *listen.Server) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		_ = l.Close() // Nothing has been accepted.
		return false
	}
	s.all = append(s.all, server)
	s.count++
	go func() { s.failed <- server.Serve(l) }()
	return true
}

// running are the listeners that there are.
func (s *servers) running() []*listen.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// wait returns when ctx ends, or with what has ended a listener.
func (s *servers) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count--
		return err
	}
}

// shutdown stops accepting, and waits for requests under way until ctx ends.
func (s *servers) shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	var all error
	for _, server := range s.running() {
		if err := server.Drain(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("closing a listener: %w", err), server.Close())
		}
	}
	s.mu.Lock()
	stop := s.stopHTTP3
	s.mu.Unlock()
	if stop != nil {
		stop()
	}
	for ; s.count > 0; s.count-- {
		if err := <-s.failed; err != nil {
			all = errors.Join(all, err)
		}
	}
	return all
}
